"""The drill from the first person at work to the verdict."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from core import clock
from core.periodic import jobs, load_tasks
from mentorship_coordination.drill.client import Ledger, Site
from mentorship_coordination.drill.faults import JUMP, Faults
from mentorship_coordination.drill.listening import (
    Readers,
    Seat,
    Stream,
    Verdict,
    has_reached,
    hold_against_the_table,
    listening,
)
from mentorship_coordination.drill.people import Cast, Scripts, invite
from mentorship_coordination.drill.plants import find_planted
from mentorship_coordination.drill.rows import Books, as_superuser, audit_the_books, changed, fingerprints
from mentorship_coordination.drill.schedule import Schedule
from mentorship_coordination.drill.services import Services, running
from mentorship_coordination.enums import MailState
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.selectors.invariants import Finding, check_invariants
from student_dashboard.models import DashboardUpdateQueue

#: Seconds in which what was asked for has to be done, and everybody to have heard of it.
PATIENCE: Final = 300.0
#: Rounds of all jobs until nothing is left to do: one job may leave work for another.
MOST_ROUNDS: Final = 6
#: Writes of which every drill has some.
USUAL: Final = ("submit", "review", "book", "flag", "log a habit", "set a goal")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    minutes: float
    think: float
    students: int
    seed: int
    folder: Path


@dataclass
class Outcome:
    """What was seen. `problems` is empty when the drill is passed."""

    cast: Cast
    ledger: Ledger
    given_up: dict[str, int]
    seconds: float = 0.0
    latest: float = 0.0
    connections: int = 0
    restarts: int = 0
    rest_seconds: float = 0.0
    rounds: int = 0
    streams: Verdict | None = None
    books: Books | None = None
    invariants: list[Finding] = field(default_factory=list)
    planted: list[tuple[str, bool]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def rehearse(wish: Wish, tell: Tell) -> Outcome:
    """Run it all against the embedded servers. Run as the system, outside of a transaction."""
    load_tasks()
    cast = invite(wish.students, wish.seed)
    outcome = Outcome(cast, Ledger(), _given_up())
    with running(wish.folder, settings.CLOCK_AHEAD) as services:
        seats = [
            Seat(actor.token, services.ports[place % len(services.ports)], actor.audience)
            for place, actor in enumerate(cast.everybody)
        ]
        with listening(seats, wish.folder) as crowd:
            opened = crowd("open", count=len(seats))
            tell(f"{opened['open']} streams open after {opened['seconds']:.1f} s")
            _work(wish, services, outcome, tell)
            _judge(services, crowd, outcome, tell)
    return outcome


def _work(wish: Wish, services: Services, outcome: Outcome, tell: Tell) -> None:
    """Everybody works for `wish.minutes`, while the faults come at even distances."""
    schedule, faults = Schedule(), Faults(services, tell)
    scripts, dice = Scripts(Site(services.ports, outcome.ledger), wish.think, wish.seed), random.Random(wish.seed)
    for actor in outcome.cast.everybody:
        schedule.add(scripts.of(actor), after=dice.uniform(0, wish.think))
    faults.wait_until_well()
    began, distance = time.monotonic(), wish.minutes * 60 / (faults.count + 1)
    schedule.start()
    for place in range(faults.count):
        time.sleep(max(0.0, began + (place + 1) * distance - time.monotonic()))
        faults.happen()
    time.sleep(max(0.0, began + wish.minutes * 60 - time.monotonic()))
    schedule.stop()
    outcome.seconds, outcome.latest = time.monotonic() - began, schedule.latest
    outcome.problems += [f"not well again after: {name}" for name in faults.not_mended]
    outcome.problems += [f"a fault that did not happen: {name}" for name in faults.not_made]
    kinds = [kind for kind in USUAL if not outcome.ledger.acknowledged(kind)]
    outcome.problems += [f"not one that was answered: {kind}" for kind in kinds]
    outcome.problems += [f"a script broke: {failure}" for failure in schedule.failures[:3]]
    outcome.problems += [f"unexpected, {count} x {what}" for what, count in outcome.ledger.unexpected.most_common(5)]


def _judge(services: Services, crowd: Readers, outcome: Outcome, tell: Tell) -> None:
    streams: list[Stream] = [(actor.id, actor.audience) for actor in outcome.cast.everybody]
    began = time.monotonic()
    connection.close()  # of before the database was killed
    if not _wait_until(_is_settled):
        outcome.problems.append(f"work that was asked for is not done after {PATIENCE:.0f} s")
    else:
        tell(f"everything that was asked for is done {time.monotonic() - began:.1f} s after the last request")
    outcome.rest_seconds = time.monotonic() - began
    given_up = _given_up()
    outcome.problems += [
        f"{count - outcome.given_up[what]} {what} given up"
        for what, count in given_up.items()
        if count > outcome.given_up[what]
    ]
    services.stop_background()
    at = clock.now() + services.ahead - settings.CLOCK_AHEAD
    outcome.problems += list(_come_to_rest(at, outcome))
    if not _wait_until(lambda: _in_transaction(lambda: has_reached(crowd, streams))):
        outcome.problems.append("not everybody has heard everything")
    counted, log = crowd("count"), crowd.log()
    outcome.connections, outcome.restarts = counted["connects"], counted["restarts"]
    if counted["refused"]:
        outcome.problems.append(f"{counted['refused']} streams were refused for good")
    ended = services.ended_by_themselves
    outcome.problems += [f"{name} ended by itself {count} times" for name, count in ended.items()]
    crowd.close()
    services.stop()
    with as_superuser(), transaction.atomic():
        outcome.streams = hold_against_the_table(log, streams)
        outcome.books = audit_the_books(outcome.ledger.entries, outcome.ledger.run)
    with transaction.atomic():
        outcome.invariants = list(check_invariants(at))
    outcome.problems += list(_wrong(outcome))
    tell("planting a fault for each check …")
    outcome.planted = list(
        find_planted(at=at, entries=outcome.ledger.entries, run=outcome.ledger.run, log=log, streams=streams)
    )
    outcome.problems += [f"planted and not found: {name}" for name, is_found in outcome.planted if not is_found]


def _wrong(outcome: Outcome) -> Iterator[str]:
    if outcome.streams is not None and not outcome.streams.is_clean:
        yield f"streams: {outcome.streams}"
    if outcome.books is not None and not outcome.books.is_true:
        for name in ("lost", "duplicated", "refused_but_written"):
            marks = getattr(outcome.books, name)
            if marks:
                yield f"writes {name.replace('_', ' ')}: {len(marks)}, such as {', '.join(marks[:3])}"
    for finding in outcome.invariants:
        if finding.offending:
            shown = ", ".join(finding.offending[:3])
            yield f"invariant {finding.invariant.number} is broken by {len(finding.offending)} rows, such as {shown}"


def _is_settled() -> bool:
    """No refresh waits, and every mail that is due has been tried."""

    def look() -> bool:
        refreshes = DashboardUpdateQueue.objects.filter(dead_at__isnull=True)
        untried = Notification.objects.filter(mail_state=MailState.PENDING, mail_error="")
        due = untried.filter(Q(mail_available_at__lte=clock.now() + JUMP))
        return not refreshes.exists() and not due.exists()

    return _in_transaction(look)


def _given_up() -> dict[str, int]:
    """What nobody tries any more; the seed has some mails of this kind."""
    with transaction.atomic():
        return {
            "refreshes": DashboardUpdateQueue.objects.filter(dead_at__isnull=False).count(),
            "mails": Notification.objects.filter(mail_state=MailState.FAILED).count(),
        }


def _in_transaction(look: Callable[[], bool]) -> bool:
    with transaction.atomic():
        return look()


def _wait_until(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def _come_to_rest(at: datetime, outcome: Outcome) -> Iterator[str]:
    """Invariant 15: run every job at one instant until a round changes nothing."""
    restless: list[str] = []
    with clock.pinned(at):
        before = _state()
        for outcome.rounds in range(1, MOST_ROUNDS + 1):
            for job in jobs():
                current_app.tasks[job.task_name]()
            after = _state()
            restless = changed(before, after)
            if not restless:
                return
            before = after
    yield f"invariant 15: round {outcome.rounds} of all jobs still changes {', '.join(restless)}"


def _state() -> dict[str, tuple[int, int]]:
    connection.close()
    with as_superuser(), transaction.atomic():
        return fingerprints()
