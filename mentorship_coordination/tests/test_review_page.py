"""The page on which a mentor judges a submission …"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.models.notifications import FeedbackSnippet
from mentorship_coordination.models.queue import MentorWorkQueue
from missions.actions import submit_mission
from missions.models import Mission, MissionReview
from tests.database import as_system
from tests.people import browser_of

JUDGED = {"decision": "approved", "score": "90", "feedback": "Well told.", "version": "1"}
RUBRIC = [{"criterion": "evidence", "points": 40}, {"criterion": "clarity", "points": 60}]


def hand_in(cast: Cast, text: str = "Done.", links: list[str] | None = None) -> UUID:
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        submission = submit_mission(
            mission_id=cast.mission.pk, by=cast.student, text=text, links=links or [], at=clock.now()
        )
    return submission.pk


def review_url(submission_id: UUID) -> str:
    return reverse("review-page", args=[submission_id])


def text_of(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def the_item() -> MentorWorkQueue:
    with as_system():
        return MentorWorkQueue.objects.get()


def test_shows_what_changed_since_the_version_before(cast: Cast) -> None:
    hand_in(cast, "The host was entered at 03:12.", ["https://example.org/a"])
    page = text_of(
        browser_of(cast.mentor),
        review_url(hand_in(cast, "The host was entered at 04:12.", ["https://example.org/b"])),
    )
    assert "Since version 1: 1 line added, 1 line removed, 2 links changed" in page
    assert "<del>03</del>" in page
    assert "<ins>04</ins>" in page
    assert "Link removed: https://example.org/a" in page


def test_asks_for_each_criterion_and_counts_the_score(cast: Cast) -> None:
    with as_system():
        Mission.objects.filter(pk=cast.mission.pk).update(rubric=RUBRIC)
    url = review_url(hand_in(cast))
    mentor = browser_of(cast.mentor)
    given = {**JUDGED, "score": "", "criterion_0": "90"}
    refused = mentor.post(url, given)
    assert refused.status_code == 400
    assert "Give the score, or one for each criterion." in refused.content.decode()
    assert mentor.post(url, {**given, "criterion_1": "80"}).status_code == 302
    with as_system():
        review = MissionReview.objects.get()
        assert (review.score, review.rubric_scores) == (84, {"evidence": 90, "clarity": 80})


def test_keeps_the_feedback_as_a_phrase(cast: Cast) -> None:
    url = review_url(hand_in(cast))
    assert browser_of(cast.mentor).post(url, {**JUDGED, "keep_as": "Praise"}).status_code == 302
    with as_system():
        assert FeedbackSnippet.objects.values_list("title", "text").get() == ("Praise", "Well told.")


def test_sends_the_review_though_the_phrase_cannot_be_kept(cast: Cast) -> None:
    with as_system():
        FeedbackSnippet.objects.create(mentor=cast.mentor, title="Praise", text="x", created_at=clock.now())
    mentor = browser_of(cast.mentor)
    answer = mentor.post(review_url(hand_in(cast)), {**JUDGED, "keep_as": "praise"}, follow=True)
    assert "The phrase is not kept: You keep a phrase of this name already." in answer.content.decode()
    with as_system():
        assert MissionReview.objects.count() == 1


def test_keeps_no_phrase_without_words(cast: Cast) -> None:
    answer = browser_of(cast.mentor).post(review_url(hand_in(cast)), {**JUDGED, "feedback": "", "keep_as": "Praise"})
    assert answer.status_code == 400
    assert "There is no feedback to keep." in answer.content.decode()


def test_takes_the_item_and_gives_it_back(cast: Cast) -> None:
    url = review_url(hand_in(cast))
    mentor, item = browser_of(cast.mentor), the_item()
    part = mentor.post(reverse("claim-item", args=[item.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "Yours until" in part
    assert the_item().claimed_by_id == cast.mentor.pk
    assert "Yours until" in text_of(mentor, url)
    assert " · taken" in text_of(mentor, "/mentor/queue")
    assert mentor.post(reverse("release-item", args=[item.pk]))["Location"] == url
    assert the_item().claimed_by_id is None


def test_says_who_has_the_item_instead(cast: Cast) -> None:
    url = review_url(hand_in(cast))
    with as_system():
        later = clock.now() + timedelta(minutes=20)
        MentorWorkQueue.objects.update(claimed_by=cast.other_mentor, lease_until=later, status="in_progress")
    mentor = browser_of(cast.mentor)
    assert "Somebody else works on this until" in text_of(mentor, url)
    part = mentor.post(reverse("claim-item", args=[the_item().pk]), headers={"HX-Request": "true"}).content.decode()
    assert "Somebody else works on this until" in part
    assert 'role="alert"' in part


@pytest.mark.parametrize("name", ["claim-item", "release-item"])
def test_leaves_the_items_of_others_alone(cast: Cast, name: str) -> None:
    hand_in(cast)
    assert browser_of(cast.other_mentor).post(reverse(name, args=[the_item().pk])).status_code == 404
    assert the_item().claimed_by_id is None
