"""How these tests hand in, judge and look."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from core.tenancy.identity import Identity, Role, acting_as
from missions.actions import review_submission, submit_mission
from missions.models import Mission, MissionReview, MissionSubmission
from tests.database import as_system
from users.models import User

MONDAY = datetime(2026, 1, 19, 16, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 1, 20, 9, 5, tzinfo=UTC)
WEDNESDAY = datetime(2026, 1, 21, 8, 0, tzinfo=UTC)


def pdf(name: str = "report.pdf", content: bytes = b"%PDF-1.7 timeline") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def submit(student: User, mission: Mission, *, at: datetime = MONDAY, **content: Any) -> MissionSubmission:
    with acting_as(Identity(Role.STUDENT, student.pk)):
        return submit_mission(mission_id=mission.pk, by=student, at=at, **(content or {"text": "My answer."}))


def review(
    reviewer: User, submission: MissionSubmission, role: Role = Role.MENTOR, *, at: datetime = TUESDAY, **given: Any
) -> MissionReview:
    judged = {"decision": "approved", "score": 80, "feedback": "Sound.", **given}
    with acting_as(Identity(role, reviewer.pk)):
        return review_submission(submission_id=submission.pk, by=reviewer, at=at, **judged)


def now_in_database(submission_id: UUID) -> MissionSubmission:
    with as_system():
        return MissionSubmission.objects.get(pk=submission_id)


def files_on(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def in_line(enrolment_id: UUID, *calls: Callable[[], Any]) -> list[Future[Any]]:
    """Run each call in a thread and on a connection of its own, all queueing for the enrolment in this order."""

    def alone(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        with as_system():
            with connection.cursor() as cursor:
                cursor.execute("SELECT app.lock_enrolment(%s)", [enrolment_id])
            futures = []
            for waiting, call in enumerate(calls, 1):
                futures.append(threads.submit(alone, call))
                _until_waiting(waiting)
        return futures


def _until_waiting(wanted: int) -> None:
    deadline = monotonic() + 10
    while monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= wanted:
                return
        sleep(0.01)
    raise TimeoutError(f"{wanted} transactions should wait for the enrolment")
