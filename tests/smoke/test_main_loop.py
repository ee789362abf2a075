"""The loop the product is for, over HTTP, with real processes, on whatever servers are given."""

from __future__ import annotations

import pytest

from conftest import Cast
from tests import loop
from tests.api_client import ApiClient
from tests.servers import collect_static, web_server, worker

pytestmark = pytest.mark.smoke


def test_a_submission_becomes_work_and_its_review_a_figure(cast: Cast) -> None:
    collect_static()
    with web_server() as site, worker():
        student, mentor = ApiClient(site, cast.student), ApiClient(site, cast.mentor)

        submission_id = loop.hand_in(student, cast)
        [item] = mentor.get("mentor/workqueue")["results"]
        assert (item["type"], item["priority"], item["sla_hours"]) == ("mission_review", "high", 48)
        assert item["reference_id"] == submission_id

        answer = loop.review(mentor, submission_id)
        assert (answer["status"], answer["approved"]) == ("success", True)
        assert mentor.get("mentor/workqueue")["results"] == []
        session = loop.book(mentor, cast, days=3)
        assert session["status"] == "scheduled"
        assert loop.flag(mentor, cast)["director_notified"] is False

        loop.wait_for(lambda: loop.is_settled(student))
        missions = loop.figures(student)["sections"]["missions"]
        assert missions["recent_feedback"][0]["decision"] == "approved"
        loop.wait_for(lambda: mentor.get("mentor/flags")["results"][0]["director_notified"])
