"""The main job from the command line, on the example roster, against the real server and the real worker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import clock
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from missions.models import MissionReview
from tests.database import as_system, as_worker
from tests.servers import ROOT, environment, web_server, worker

STUDENT = "wojciech.haddad@northgate-academy.example"


@pytest.fixture
def site(db: None) -> Iterator[str]:
    at = clock.now()
    with as_worker():
        build(
            Options(mentors=2, mentees_per_mentor=2, volume=Volume.DEFAULT, seed=42, at=at),
            password="seven quiet llamas",
            progress=lambda *_: None,
        )
    with worker(), web_server() as address:
        yield address


def walk(site: str) -> str:
    """The script's output; its commands run on the worker's login."""
    done = subprocess.run(
        ["docs/examples/walkthrough"],
        cwd=ROOT,
        env=environment("worker", BASE_URL=site, BIN=str(Path(sys.executable).parent)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def missions_of(output: str) -> dict[str, object]:
    section: dict[str, object] = json.loads(output.partition("dashboard says\n")[2])
    return section


def test_goes_from_the_roster_to_a_reviewed_mission_and_again(site: str) -> None:
    began = clock.now().replace(microsecond=0)
    first = walk(site)
    second = walk(site)

    assert "182 created, 0 updated, 0 unchanged; 166 new enrolments." in first
    assert "0 created, 0 updated, 182 unchanged; 0 new enrolments." in second
    assert "This one is to be answered within 48.0 hours." in first
    with as_system():
        reviews = MissionReview.objects.filter(submission__student__email=STUDENT)
        assert list(reviews.values_list("score", "decision")) == [(87, "approved")] * 2
        assert all(review.created_at >= began for review in reviews)
    assert missions_of(first)["mean_score"] == missions_of(second)["mean_score"] == 87.0
