"""Mentors, students with their enrolments, directors and an admin; all with one password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from mentorship_coordination.seed.content import SKILLS
from mentorship_coordination.seed.names import SeedPerson, draw_people
from mentorship_coordination.seed.world import SeedCohort, SeedMentor, SeedStudent, World
from users import demo
from users.availability import Availability, parse_availability
from users.models import CohortDirector, Credential, Enrolment, User

_COHORTS_OF_A_DIRECTOR: Final = 4
_NEWCOMERS: Final = 0.025
_MENTOR_HOURS: Final = tuple(
    parse_availability(text)
    for text in (
        "Mon-Fri 09:00-17:00",
        "Mon-Fri 08:00-12:00, 13:00-18:30",
        "Mon-Fri 16:30-21:30; Sat 09:00-14:00",
        "Mon, Wed, Fri 07:00-15:00; Tue, Thu 12:00-20:00",
        "Tue-Sat 10:00-19:00",
        "daily 17:00-22:00; Sun 10:00-22:00",
    )
)
_STUDENT_HOURS: Final = tuple(
    parse_availability(text)
    for text in (
        "Mon-Fri 17:30-22:00; Sat 09:00-13:00",
        "Mon-Fri 09:00-16:00",
        "Sat, Sun 09:00-18:00; Wed 18:00-21:00",
        "Mon-Thu 06:30-09:00, 19:00-22:00",
        "daily 12:00-20:00",
        "Mon, Tue, Thu 10:00-14:00; Fri-Sun 15:00-21:00",
    )
)
_DEMO_MENTOR_HOURS: Final = parse_availability("daily 07:00-22:00")
_DEMO_STUDENT_HOURS: Final = parse_availability("daily 07:00-22:00")


def add_people(world: World, *, password_hash: str) -> None:
    """Everybody, drawn from one sequence of names; the first mentor and her first student are the demo accounts'."""
    options = world.options
    drawn = iter(draw_people(options.random("names"), options.mentors + options.students + len(world.cohorts)))
    adder = _Adder(world, password_hash)
    _share_out_mentors(world, adder, drawn)
    for cohort in world.cohorts:
        random = options.random(f"students of {cohort.id}")
        count = len(cohort.mentors) * options.mentees_per_mentor
        for place in range(count):
            # Every cohort has somebody who waits, so that there is always something to match.
            is_new = random.random() < _NEWCOMERS or place == count - 1 > 0
            cohort.students.append(adder.student(cohort, next(drawn), random, is_new=is_new))
        world.writer.flush()
    _add_directors(world, adder, drawn)
    adder.add(demo.ADMIN_EMAIL, "Ada Sorensen", is_staff=True, timezone="UTC", languages=["en"])


def _share_out_mentors(world: World, adder: _Adder, drawn: Iterator[SeedPerson]) -> None:
    random = world.options.random("mentors")
    for _, cohort in zip(range(world.options.mentors), cycle(world.cohorts), strict=False):
        cohort.mentors.append(adder.mentor(cohort, next(drawn), random))


def _add_directors(world: World, adder: _Adder, drawn: Iterator[SeedPerson]) -> None:
    """The demo director has the first cohort, and every fourth cohort begins the area of another one."""
    director = adder.add(demo.DIRECTOR_EMAIL, "Dana Reyes", timezone="Europe/Berlin", languages=["en", "es"])
    for index, cohort in enumerate(world.cohorts):
        if index and index % _COHORTS_OF_A_DIRECTOR == 0:
            person = next(drawn)
            director = adder.add(
                f"{person.email_local}@{demo.DOMAIN}",
                person.name,
                timezone=person.timezone,
                languages=list(person.languages),
            )
        cohort.directors = (director,)
        world.writer.add(CohortDirector, cohort_id=cohort.id, user_id=director)


class _Adder:
    def __init__(self, world: World, password_hash: str) -> None:
        self._world = world
        self._hash = password_hash
        self._has_demo_mentor = self._has_demo_student = False

    def add(self, email: str, name: str, *, timezone: str, created_at: datetime | None = None, **values: Any) -> str:
        person_id, created_at = self._world.ids.new(), created_at or self._world.ago(days=120)
        self._world.zones.setdefault(timezone, ZoneInfo(timezone))
        self._world.writer.add(
            User,
            id=person_id,
            email=email,
            name=name,
            timezone=timezone,
            created_at=created_at,
            updated_at=created_at,
            **values,
        )
        self._world.writer.add(Credential, user_id=person_id, password=self._hash, changed_at=created_at)
        return person_id

    def mentor(self, cohort: SeedCohort, person: SeedPerson, random: Random) -> SeedMentor:
        email, hours = f"{person.email_local}@{demo.DOMAIN}", random.choice(_MENTOR_HOURS)
        if not self._has_demo_mentor:
            self._has_demo_mentor, email, hours = True, demo.MENTOR_EMAIL, _DEMO_MENTOR_HOURS
            person = SeedPerson("Maya Lindqvist", "mentor", ("en", "de"), cohort.timezone)
        specialties = _some_skills(random, cohort.track.content.skills, own=4, other=2)
        most = self._world.options.mentees_per_mentor + random.choice((0, 0, 1, 2, 4))
        weekly = random.randint(8, 16) + self._world.options.mentees_per_mentor // 4
        return SeedMentor(
            id=self.add(
                email,
                person.name,
                is_mentor=True,
                timezone=person.timezone,
                languages=list(person.languages),
                mentor_availability=hours,
                mentor_specialties=specialties,
                mentor_max_mentees=most,
                mentor_capacity_weekly=weekly,
            ),
            name=person.name,
            timezone=person.timezone,
            languages=frozenset(person.languages),
            specialties=frozenset(specialties),
            availability=_canonical(hours),
            max_mentees=most,
            weekly_sessions=weekly,
        )

    def student(self, cohort: SeedCohort, person: SeedPerson, random: Random, *, is_new: bool) -> SeedStudent:
        email, hours = f"{person.email_local}@{demo.DOMAIN}", random.choice(_STUDENT_HOURS)
        if not self._has_demo_student:
            self._has_demo_student, email, hours, is_new = True, demo.STUDENT_EMAIL, _DEMO_STUDENT_HOURS, False
            person = SeedPerson("Jonas Okafor", "student", ("en", "de"), cohort.timezone)
        wanted = _some_skills(random, cohort.track.content.skills, own=2, other=1)
        days = random.uniform(0.5, 3) if is_new else (self._world.at.date() - cohort.start_date).days + 2
        enrolled_at = self._world.at - timedelta(days=days, minutes=random.randint(0, 600))
        student = self._student(email, person, hours, wanted, enrolled_at, is_new=is_new)
        self._world.writer.add(
            Enrolment,
            id=student.enrolment_id,
            student_id=student.id,
            cohort_id=cohort.id,
            enrolled_at=enrolled_at,
        )
        return student

    def _student(
        self,
        email: str,
        person: SeedPerson,
        hours: Availability,
        wanted: list[str],
        enrolled_at: datetime,
        *,
        is_new: bool,
    ) -> SeedStudent:
        return SeedStudent(
            id=self.add(
                email,
                person.name,
                created_at=enrolled_at,
                timezone=person.timezone,
                languages=list(person.languages),
                student_availability=hours,
                wanted_skills=wanted,
            ),
            enrolment_id=self._world.ids.new(),
            name=person.name,
            timezone=person.timezone,
            languages=frozenset(person.languages),
            skills=frozenset(wanted),
            availability=_canonical(hours),
            enrolled_at=enrolled_at,
            is_new=is_new,
        )


def _some_skills(random: Random, of_track: tuple[str, ...], *, own: int, other: int) -> list[str]:
    chosen = random.sample(of_track, own) + random.sample(SKILLS, other)
    return list(dict.fromkeys(chosen))


def _canonical(hours: Availability) -> str:
    return json.dumps(hours, sort_keys=True)
