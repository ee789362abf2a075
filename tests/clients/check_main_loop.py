"""The main loop through each generated client. Run by .ci/clients, which generates them; not part of the suite."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core import clock
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from missions.models import MissionReview
from tests import factories
from tests.database import as_system, as_worker
from tests.servers import web_server, worker
from users.models import Enrolment

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "python" / "main_loop.py"
PASSWORD = "seven quiet llamas"


@pytest.fixture
def site(db: None) -> Iterator[str]:
    options = Options(mentors=2, mentees_per_mentor=2, volume=Volume.DEFAULT, seed=42, at=clock.now())
    with as_worker():
        build(options, password=PASSWORD, progress=lambda *_: None)
    with as_system():
        student = Enrolment.objects.get(student__email="student@demo.example")
        factories.MissionFactory(track=student.cohort.track, number=999)  # whatever the seed has made her hand in
    with worker(), web_server() as address:
        yield address


def stored(submission: UUID, session: UUID, flag: UUID) -> tuple[MissionReview, MentorSession, MentorFlag]:
    """The rows behind what the clients were told."""
    with as_system():
        return (
            MissionReview.objects.get(submission=submission),
            MentorSession.objects.get(pk=session),
            MentorFlag.objects.get(pk=flag),
        )


def test_python(site: str) -> None:
    """Generated modules are there only while this runs: mypy has seen to them with the example (.ci/clients)."""
    models = importlib.import_module("mentorship_client.models")
    example: Any = importlib.import_module("main_loop")
    student = example.sign_in(site, example.STUDENT, PASSWORD)
    mentor = example.sign_in(site, example.MENTOR, PASSWORD)

    done = example.main_loop(student, mentor)

    assert isinstance(done.before.work_queue.total_pending, int)
    assert isinstance(done.submission.id, UUID)
    assert done.submission.state is models.SubmissionState.SUBMITTED
    assert (done.again.id, done.again.version) == (done.submission.id, done.submission.version)
    assert done.item.type_ is models.WorkType.MISSION_REVIEW
    assert isinstance(done.item.priority, models.WorkPriority)
    assert done.item.status is models.WorkStatus.PENDING
    assert done.item.due_at > done.submission.submitted_at > clock.now() - timedelta(minutes=1)
    assert (done.review.approved, done.review.review.score) == (True, 87)
    assert done.review.review.decision is models.ReviewDecision.APPROVED
    assert done.mentee.state is models.AssignmentState.ACTIVE
    assert done.session.status is models.SessionStatus.SCHEDULED
    assert done.session.end_time - done.session.start_time == timedelta(minutes=45)
    assert (done.flag.severity, done.flag.state) == (models.FlagSeverity.HIGH, models.FlagState.OPEN)
    assert done.page.sections.missions.total_count > 0

    review, session, flag = stored(done.submission.id, done.session.id, done.flag.id)
    assert (review.decision, review.score) == ("approved", 87)
    assert (session.title, session.starts_at) == ("Sources and method", done.session.start_time)
    assert (flag.reason, flag.mentee_id) == ("Two weeks of silence.", done.mentee.mentee_id)

    dashboard = importlib.import_module("mentorship_client.api.mentor_dashboard.mentor_dashboard_read")
    with pytest.raises(example.RefusedError) as refused:
        example.told(dashboard.sync(client=student))
    assert (refused.value.problem.status, refused.value.problem.code) == (403, "permission_denied")
    with pytest.raises(example.RefusedError) as refused:
        example.sign_in(site, example.MENTOR, "not her password")
    assert refused.value.problem.status == 401


def test_python_as_a_script(site: str) -> None:
    command = [sys.executable, str(EXAMPLE), site, PASSWORD]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert re.search(r": \w+, due \d.*\nReviewed with 87; they meet on \d", ran.stdout)


def test_typescript(site: str) -> None:
    command = ["node", os.environ["TYPESCRIPT_CLIENT"], site, PASSWORD]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    done = json.loads(ran.stdout)

    assert done["submission"]["state"] == "submitted"
    assert (done["again"]["id"], done["again"]["version"]) == (done["submission"]["id"], done["submission"]["version"])
    assert (done["item"]["type"], done["item"]["status"]) == ("mission_review", "pending")
    assert done["item"]["reference_id"] == done["submission"]["id"]
    assert (done["review"]["approved"], done["review"]["review"]["score"]) == (True, 87)
    assert done["session"]["status"] == "scheduled"
    assert (done["flag"]["severity"], done["flag"]["state"]) == ("high", "open")
    assert done["page"]["sections"]["missions"]["total_count"] > 0

    review, session, flag = stored(
        UUID(done["submission"]["id"]), UUID(done["session"]["id"]), UUID(done["flag"]["id"])
    )
    assert (review.decision, review.score) == ("approved", 87)
    assert session.starts_at == datetime.fromisoformat(done["session"]["start_time"])
    assert (flag.reason, flag.mentee_id) == ("Two weeks of silence.", UUID(done["mentee"]["mentee_id"]))

    ran = subprocess.run([*command[:-1], "not her password"], capture_output=True, text=True, timeout=120)
    assert ran.returncode != 0
    assert "Refused" in ran.stderr
