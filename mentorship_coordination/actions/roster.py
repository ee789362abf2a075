"""People from a spreadsheet: all of them or nobody; the same file twice changes nothing. See the README, "Commands"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F

from core.actions import action
from core.enums import Rank
from core.errors import Conflict, NotPermitted
from core.events import say
from core.identifiers import new_id
from mentorship_coordination.roster.changes import Changes, Known, NewCohort, compare
from mentorship_coordination.roster.parser import RowProblem, parse_roster
from mentorship_coordination.selectors.roster import get_known, list_known_tracks
from student_dashboard.aggregation import DashboardAggregationService
from users.actions.invitations import invite_all
from users.events import MentorCapacityChanged
from users.models import Cohort, Enrolment, Track, User

NEW_COHORT_RUNS_FOR = timedelta(days=180)
BATCH = 1000
CAPACITY = "mentor_capacity_weekly"


class RosterChangedMeanwhile(Conflict):
    code = "roster_changed"
    message = "Somebody else changed these people or cohorts at the same time. Nothing was imported: try again."


@dataclass(frozen=True, slots=True)
class RosterImport:
    """What an import did, or with `is_dry_run` would do. With problems nothing was changed and all counts are 0.

    `created` are new people and `updated` known ones with a change or a new enrolment; `new_cohorts` are names.
    """

    problems: tuple[RowProblem, ...] = ()
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    enrolled: int = 0
    new_cohorts: tuple[NewCohort, ...] = ()
    repeated_lines: tuple[int, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    is_dry_run: bool = False


@action
def import_roster(*, text: str | bytes, by: User | None, at: datetime, dry_run: bool = False) -> RosterImport:
    """Create, change, enrol and invite the people of a roster. `by` is an admin, or None for a command.

    A cohort that is not known is created: its track and zone are those of its first student, it starts today in that
    zone and runs for 180 days. New people are invited by mail. Raises NotPermitted, RosterChangedMeanwhile; what is
    wrong with the file is in the answer, never raised.
    """
    if by is not None and not by.is_staff:
        raise NotPermitted("Only admins import rosters.")
    parse = parse_roster(text, known_tracks=list_known_tracks())
    known = get_known(
        emails={row.email for row in parse.rows},
        cohorts={row.cohort for row in parse.rows if row.cohort},
        today=at.date(),
    )
    changes = compare(parse.rows, known)
    problems = sorted([*parse.problems, *changes.problems], key=lambda each: (each.line, each.column))
    if problems:
        return RosterImport(tuple(problems), repeated_lines=parse.repeated_lines, is_dry_run=dry_run)
    if not dry_run:
        _apply(changes, known, by=by, at=at)
    return RosterImport(
        created=len(changes.new_people),
        updated=len(changes.changed_people.keys() | (changes.new_enrolments.keys() - changes.new_people.keys())),
        unchanged=len(changes.unchanged),
        enrolled=len(changes.new_enrolments),
        new_cohorts=tuple(changes.new_cohorts.values()),
        repeated_lines=parse.repeated_lines,
        ignored_columns=parse.ignored_columns,
        is_dry_run=dry_run,
    )


def _apply(changes: Changes, known: Known, *, by: User | None, at: datetime) -> None:
    ids = {email: person.id for email, person in known.people.items()}
    try:
        with transaction.atomic():
            new = _create_people(changes.new_people, at)
            everybody = {**ids, **new}
            _change_people(changes.changed_people, ids, at)
            cohorts = _create_cohorts(changes, at)
            _enrol({everybody[email]: cohorts[name] for email, name in changes.new_enrolments.items()}, at)
    except IntegrityError as error:
        raise RosterChangedMeanwhile from error
    if new:
        invite_all(person_ids=list(new.values()), by=by, at=at)
    _tell_capacities(changes, known, at)
    touched = changes.new_enrolments.keys() | changes.changed_people.keys()
    _queue_refreshes([everybody[email] for email in sorted(touched)])


def _create_people(people: Mapping[str, dict[str, Any]], at: datetime) -> dict[str, UUID]:
    new = {email: new_id() for email in people}
    User.objects.bulk_create(
        [User(id=new[email], email=email, created_at=at, updated_at=at, **values) for email, values in people.items()],
        batch_size=BATCH,
    )
    return new


def _change_people(people: Mapping[str, dict[str, Any]], ids: Mapping[str, UUID], at: datetime) -> None:
    """People whose change is the same set of columns go together; each row gets a new revision."""
    by_columns: dict[tuple[str, ...], list[User]] = defaultdict(list)
    for email, values in people.items():
        by_columns[tuple(sorted(values))].append(User(id=ids[email], updated_at=at, **values))
    for columns, rows in by_columns.items():
        User.objects.bulk_update(rows, [*columns, "updated_at"], batch_size=BATCH)
        User.objects.filter(pk__in=[row.pk for row in rows]).update(revision=F("revision") + 1)


def _tell_capacities(changes: Changes, known: Known, at: datetime) -> None:
    for email, values in changes.changed_people.items():
        person, after = known.people[email], values.get(CAPACITY)
        if after is not None and person.values["is_mentor"]:
            say(MentorCapacityChanged(mentor_id=person.id, before=person.values[CAPACITY], after=after, at=at))


def _create_cohorts(changes: Changes, at: datetime) -> dict[str, UUID]:
    """Creates those that are new; returns the ids of all that somebody is enrolled in, by name."""
    tracks = dict(Track.objects.values_list("slug", "id"))
    rows = []
    for cohort in changes.new_cohorts.values():
        today = at.astimezone(ZoneInfo(cohort.timezone)).date()
        rows.append(
            Cohort(
                name=cohort.name,
                track_id=tracks[cohort.track],
                timezone=cohort.timezone,
                start_date=today,
                end_date=today + NEW_COHORT_RUNS_FOR,
            )
        )
    Cohort.objects.bulk_create(rows)
    return dict(Cohort.objects.filter(name__in=set(changes.new_enrolments.values())).values_list("name", "id"))


def _enrol(cohort_of: Mapping[UUID, UUID], at: datetime) -> None:
    Enrolment.objects.bulk_create(
        [
            Enrolment(id=new_id(), student_id=student, cohort_id=cohort, enrolled_at=at)
            for student, cohort in cohort_of.items()
        ],
        batch_size=BATCH,
    )


def _queue_refreshes(people: Collection[UUID]) -> None:
    students = set(Enrolment.objects.filter(student__in=people).values_list("student_id", flat=True))
    for student in sorted(students):
        DashboardAggregationService.queue_update(student, "roster_imported", Rank.LOW)
