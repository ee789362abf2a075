"""Students refreshed per second by one worker: a batch at a time against one at a time, in one run.

Run `python bench/drain.py [--students 4000]`. It uses a database of its own under `.data/bench`, or the empty one that
DATABASE_URL and its runtime addresses name. The sections are those that the apps register.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from uuid import UUID

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
os.environ.setdefault("DATA_DIR", str(ROOT / ".data" / "bench"))
os.environ["DATABASE_LOGIN"] = "worker"
django.setup()

from django.db import transaction  # noqa: E402 - needs Django set up, as do the rest

from core import clock  # noqa: E402
from core.actions import action  # noqa: E402
from core.enums import Rank  # noqa: E402
from core.models import StreamCounter, StreamEvent  # noqa: E402
from core.tenancy.identity import SYSTEM, acting_as  # noqa: E402
from mentorship_coordination.enums import AssignmentState  # noqa: E402
from mentorship_coordination.models.assignments import MenteeMentorAssignment  # noqa: E402
from missions.models import Mission  # noqa: E402
from student_dashboard import sections  # noqa: E402
from student_dashboard.aggregation import LARGEST_BATCH, DashboardAggregationService  # noqa: E402
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard  # noqa: E402
from users.models import Cohort, Enrolment, Track, User  # noqa: E402

GOAL = 2000
#: In the order in which they may be emptied.
TABLES = (
    StreamEvent, StreamCounter, StudentDashboard, DashboardUpdateQueue, MenteeMentorAssignment, Enrolment, Mission,
    Cohort, Track, User,
)  # fmt: skip


def migrate() -> None:
    environment = os.environ | {"DATABASE_LOGIN": "owner"}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=environment)


def make_students(count: int) -> list[UUID]:
    """Enrolled students with a mentor for every twenty, and ten missions in their track."""
    at = clock.now()
    track = Track.objects.create(slug="bench", name="Bench")
    cohort = Cohort.objects.create(track=track, name="Bench", start_date=date(2026, 1, 5), end_date=date(2027, 12, 31))
    Mission.objects.bulk_create(
        Mission(track=track, number=n, title=f"Mission {n}", brief="-", expected_after_days=7 * n) for n in range(1, 11)
    )
    people = User.objects.bulk_create(
        User(email=f"s{n}@bench.example", name=f"Student {n}", created_at=at, updated_at=at) for n in range(count)
    )
    mentors = User.objects.bulk_create(
        User(email=f"m{n}@bench.example", name=f"Mentor {n}", is_mentor=True, created_at=at, updated_at=at)
        for n in range(-(-count // 20))
    )
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(student=person, cohort=cohort, enrolled_at=at) for person in people
    )
    MenteeMentorAssignment.objects.bulk_create(
        MenteeMentorAssignment(
            enrolment=enrolment,
            cohort=cohort,
            mentee_id=enrolment.student_id,
            mentor=mentors[index // 20],
            state=AssignmentState.ACTIVE,
            started_at=at,
            created_at=at,
        )
        for index, enrolment in enumerate(enrolments)
    )
    return [person.pk for person in people]


@action
def queue_all(students: list[UUID]) -> None:
    for student_id in students:
        DashboardAggregationService.queue_update(student_id, "bench", Rank.NORMAL)


def revisions() -> dict[UUID, int]:
    with transaction.atomic():
        return dict(StudentDashboard.objects.values_list("student_id", "revision"))


def drain(students: list[UUID], batch: int) -> float:
    """Queue the students, drain them, check that each was refreshed once; returns students per second."""
    before = revisions()
    queue_all(students)
    began = time.perf_counter()
    while DashboardAggregationService.refresh(batch):
        pass
    seconds = time.perf_counter() - began
    after = revisions()
    if any(after[student_id] != before.get(student_id, 0) + 1 for student_id in students):
        raise SystemExit("Some students were not refreshed exactly once.")
    return len(students) / seconds


def measure(students: list[UUID]) -> None:
    names = ", ".join(sections._providers) or "none"
    print(f"{len(students)} students, sections: {names}")
    first = drain(students, LARGEST_BATCH)
    one_by_one = drain(students[: len(students) // 4], 1)
    set_based = drain(students, LARGEST_BATCH)
    print(f"set-based, new dashboards: {first:7.0f} students/s")
    print(f"set-based:                 {set_based:7.0f} students/s (goal {GOAL})")
    print(f"row by row:                {one_by_one:7.0f} students/s, {set_based / one_by_one:.1f} times slower")


def run(count: int) -> None:
    with transaction.atomic():
        if User.objects.exists() or Track.objects.exists():
            raise SystemExit("This database is in use: name an empty one.")
    try:
        with transaction.atomic():
            students = make_students(count)
        measure(students)
    finally:
        with transaction.atomic():
            for table in TABLES:
                table._default_manager.all().delete()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Dashboards refreshed per second: by batches and one by one.")
    parser.add_argument("--students", type=int, default=4000)
    arguments = parser.parse_args()
    migrate()
    with acting_as(SYSTEM):
        run(arguments.students)
