"""A changed service level …"""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from conftest import Cast
from core.enums import Rank
from mentorship_coordination.actions.clocks import pause_work_item, resume_work_item
from mentorship_coordination.actions.service_levels import (
    CalendarSuperseded,
    GeneralPolicyNeeded,
    end_policy,
    set_calendar,
    set_policy,
)
from mentorship_coordination.enums import PauseReason, WorkType
from mentorship_coordination.models.queue import BusinessCalendar, MentorWorkQueue, SlaPolicy
from mentorship_coordination.tests.queue_world import HOUR, MONDAY, OFFICE_HOURS, mentor_acting, open_item, seen
from tests.database import as_system
from tests.people import browser_of

GOALS = WorkType.GOAL_FEEDBACK
LONG_DAYS = {day: [["07:00", "19:00"]] for day in OFFICE_HOURS}


def levels(**changes: Any) -> SlaPolicy:
    given: dict[str, Any] = {
        "type": GOALS,
        "track_id": None,
        "priority": Rank.NORMAL,
        "budget_seconds": 10 * 3600,
        "calendar_id": None,
    }
    with as_system():
        return set_policy(**(given | changes), by=None, at=MONDAY)


def versions(track_id: Any = None) -> list[tuple[int, int, bool]]:
    with as_system():
        rows = SlaPolicy.objects.filter(type=GOALS, track=track_id).order_by("version")
        return list(rows.values_list("version", "budget_seconds", "is_current"))


def calendar(name: str = "Office", **changes: Any) -> BusinessCalendar:
    with as_system():
        row = BusinessCalendar(name=name, timezone="UTC", windows=OFFICE_HOURS, **changes)
        return set_calendar(calendar=row, by=None, at=MONDAY)


def test_is_a_new_version_and_the_same_again_is_none(db: None) -> None:
    levels()
    levels()
    assert versions() == [(1, 72 * 3600, False), (2, 10 * 3600, True)]


def test_leaves_open_work_at_what_it_was_opened_under(cast: Cast) -> None:
    old = open_item(cast.enrolment)
    levels(priority=Rank.HIGH)
    new = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        for item_id in (old, new):
            waiting: dict[str, Any] = {"item_id": item_id, "reason": PauseReason.WAITING_ON_STUDENT, "by": cast.mentor}
            pause_work_item(**waiting, at=MONDAY + HOUR)
            resume_work_item(**waiting, at=MONDAY + 3 * HOUR)
    assert [(seen(each).due_at, seen(each).base_rank) for each in (old, new)] == [
        (MONDAY + 74 * HOUR, Rank.NORMAL),
        (MONDAY + 12 * HOUR, Rank.HIGH),
    ]


def test_of_a_track_stands_before_the_general_one_until_it_ends(cast: Cast) -> None:
    own = levels(track_id=cast.cohort.track_id)
    assert seen(open_item(cast.enrolment)).due_at == MONDAY + 10 * HOUR
    with as_system():
        end_policy(policy=own, by=None, at=MONDAY)
    assert seen(open_item(cast.enrolment)).due_at == MONDAY + 72 * HOUR
    levels(track_id=cast.cohort.track_id, budget_seconds=3600)
    assert versions(cast.cohort.track_id) == [(1, 36000, False), (2, 3600, True)]


def test_of_all_tracks_cannot_end(db: None) -> None:
    with as_system(), pytest.raises(GeneralPolicyNeeded):
        end_policy(policy=SlaPolicy.objects.get(type=GOALS), by=None, at=MONDAY)


def test_of_a_calendar_in_use_leaves_open_work_its_hours(cast: Cast) -> None:
    """Monday 14:00 UTC: three hours are open until 17:00, and seven of the ten come on Tuesday from 09:00."""
    office = calendar()
    levels(calendar_id=office.pk)
    old = open_item(cast.enrolment)
    with as_system():
        changed = BusinessCalendar.objects.get(pk=office.pk)
        changed.windows = LONG_DAYS
        newer = set_calendar(calendar=changed, by=None, at=MONDAY)
    new = open_item(cast.enrolment)
    with mentor_acting(cast.mentor):
        for item_id in (old, new):
            waiting: dict[str, Any] = {"item_id": item_id, "reason": PauseReason.DISPUTE, "by": cast.mentor}
            pause_work_item(**waiting, at=MONDAY)
            resume_work_item(**waiting, at=MONDAY + HOUR)
    assert [seen(each).due_at for each in (old, new)] == [MONDAY + 27 * HOUR, MONDAY + 23 * HOUR]
    assert [version for version, _, _ in versions()] == [1, 2, 3]
    with as_system():
        assert (newer.name, newer.version, newer.is_current) == ("Office", 2, True)
        assert MentorWorkQueue.objects.get(pk=old).calendar_id == office.pk
        office.refresh_from_db()
        assert (office.windows, office.is_current) == (OFFICE_HOURS, False)
        with pytest.raises(CalendarSuperseded):
            set_calendar(calendar=office, by=None, at=MONDAY)


def test_of_a_calendar_nobody_uses_or_of_its_name_is_made_in_place(db: None) -> None:
    office = calendar()
    with as_system():
        office.windows = LONG_DAYS
        assert set_calendar(calendar=office, by=None, at=MONDAY).pk == office.pk
    levels(calendar_id=office.pk)
    with as_system():
        office.name = "Long days"
        assert set_calendar(calendar=office, by=None, at=MONDAY).pk == office.pk
        assert list(BusinessCalendar.objects.values_list("name", "version")) == [("Long days", 1)]
    assert [version for version, _, _ in versions()] == [1, 2]


def test_is_made_in_the_admin_and_former_versions_are_only_shown(cast: Cast) -> None:
    with as_system():
        first = SlaPolicy.objects.get(type=GOALS)
    client = browser_of(cast.admin)
    page = reverse("admin:mentorship_coordination_slapolicy_change", args=[first.pk])
    words = {"priority": Rank.HIGH.value, "budget_seconds": 3600, "calendar": ""}
    assert client.post(page, words).status_code == 302
    assert versions() == [(1, 72 * 3600, False), (2, 3600, True)]
    assert client.post(page, words | {"budget_seconds": 60}).status_code == 403
    assert client.get(page).status_code == 200
    again = {"type": GOALS, "track": "", "priority": Rank.LOW.value, "budget_seconds": 7200, "calendar": ""}
    assert client.post(reverse("admin:mentorship_coordination_slapolicy_add"), again).status_code == 302
    assert [row for row in versions() if row[2]] == [(3, 7200, True)]


def test_of_a_calendar_is_made_in_the_admin(cast: Cast) -> None:
    office = calendar()
    levels(calendar_id=office.pk)
    client = browser_of(cast.admin)
    page = reverse("admin:mentorship_coordination_businesscalendar_change", args=[office.pk])
    words = {"name": "Office", "timezone": "UTC", "windows": "", "holidays": '["2026-07-03"]'}
    assert client.post(page, words).status_code == 302
    with as_system():
        assert list(BusinessCalendar.objects.order_by("version").values_list("version", "is_current")) == [
            (1, False),
            (2, True),
        ]
    assert client.post(page, words).status_code == 403
