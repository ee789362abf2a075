"""What a new mentor reads first about a student whom she takes over: a few lines of what the cockpit shows her."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from coaching.enums import GoalState
from mentorship_coordination.enums import FlagState, SessionStatus, Severity
from mentorship_coordination.selectors.cockpit import Cockpit

MOST = 5


def brief_of(cockpit: Cockpit, *, zone: str, at: datetime) -> str:
    """Lines of plain text; times in `zone`, that of the new mentor."""
    return "\n".join(_lines(cockpit, ZoneInfo(zone), at))


def _lines(cockpit: Cockpit, zone: ZoneInfo, at: datetime) -> Iterator[str]:
    pair = cockpit.assignment
    yield f"{pair.cohort.track.name}, {pair.cohort.name}."
    yield _readiness(cockpit)
    yield f"Missions: {cockpit.missions_completed} of {cockpit.missions_published} approved."
    yield from _section("Open work", [_item(each, zone, at) for each in cockpit.open_items])
    yield from _section("Last reviews", [f"{title}: {words}" for title, words in _reviewed(cockpit)])
    yield from _section(
        "Goals",
        [f"{each.title}, due {each.due_date:%d %B %Y}" for each in cockpit.goals if each.state == GoalState.OPEN],
    )
    yield from _section(
        "Unresolved flags",
        [
            f"{Severity(each.severity).label}, {each.category}: {each.reason}"
            for each in cockpit.flags
            if each.state != FlagState.RESOLVED
        ],
    )
    planned = [each for each in cockpit.sessions if each.status == SessionStatus.SCHEDULED and each.starts_at > at]
    yield from _section(
        "Sessions to come",
        [f"{each.title}, {each.starts_at.astimezone(zone):%A, %d %B %Y at %H:%M}" for each in reversed(planned)],
    )


def _readiness(cockpit: Cockpit) -> str:
    dashboard = cockpit.dashboard
    if dashboard is None or dashboard.readiness is None:
        return "Readiness: not enough data."
    trend = "" if dashboard.trend_7d is None else f", {dashboard.trend_7d:+.1f} in seven days"
    return f"Readiness: {dashboard.readiness:.0f}{trend}."


def _item(item: object, zone: ZoneInfo, at: datetime) -> str:
    title, due_at = item.title, item.due_at  # type: ignore[attr-defined]
    if due_at is None:
        return f"{title}, paused"
    return f"{title}, {'overdue since' if due_at < at else 'due'} {due_at.astimezone(zone):%A, %d %B %Y at %H:%M}"


def _reviewed(cockpit: Cockpit) -> list[tuple[str, str]]:
    decided = [each for each in cockpit.submissions if each.score is not None and each.decided_at is not None]
    decided.sort(key=lambda each: (each.decided_at, each.pk), reverse=True)
    return [(each.mission.title, f"{each.state}, {each.score}") for each in decided]


def _section(name: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"{name}:"
    yield from (f"– {line}" for line in lines[:MOST])
    if len(lines) > MOST:
        yield f"– and {len(lines) - MOST} more"
