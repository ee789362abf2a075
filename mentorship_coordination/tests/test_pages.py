"""Every page at its door, and what its forms do, without a browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conftest import Cast
from core import clock
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.enums import Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.sessions import MentorSession
from mentorship_coordination.selectors.overview import Unmatched
from mentorship_coordination.web.director import reasons_in_words
from mentorship_coordination.web.words import due_level, due_words
from missions.actions import submit_mission
from missions.models import MissionSubmission, SubmissionVersion
from tests import factories
from tests.database import as_system
from tests.people import browser_of

#: Of a page, the look-up of session and person included, and the guide of a first month.
QUERIES = {"/mentor": 12, "/mentor/queue": 7, "/mentor/mentees": 5, "/director": 20}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def hand_in(cast: Cast, text: str = "Done.") -> UUID:
    with acting_as(Identity(Role.STUDENT, cast.student.pk)):
        return submit_mission(mission_id=cast.mission.pk, by=cast.student, text=text, at=clock.now()).pk


def pages_of(cast: Cast, submission_id: UUID) -> dict[str, Role]:
    return {
        reverse("mentor-page"): Role.MENTOR,
        reverse("queue-page"): Role.MENTOR,
        reverse("review-page", args=[submission_id]): Role.MENTOR,
        reverse("mentees-page"): Role.MENTOR,
        reverse("mentee-page", args=[cast.student.pk]): Role.MENTOR,
        reverse("student-page"): Role.STUDENT,
        reverse("mission-page", args=[cast.mission.pk]): Role.STUDENT,
        reverse("director-page"): Role.DIRECTOR,
    }


def test_pages_open_for_their_role_alone(cast: Cast) -> None:
    pages = pages_of(cast, hand_in(cast))
    people = {Role.MENTOR: cast.mentor, Role.STUDENT: cast.student, Role.DIRECTOR: cast.director}
    browsers = {role: browser_of(person) for role, person in people.items()}
    seen = {(url, role): browsers[role].get(url).status_code for url in pages for role in people}
    assert seen == {(url, role): 200 if role is pages[url] else 403 for url in pages for role in people}


def test_pages_lead_the_signed_out_to_the_sign_in(cast: Cast, client: Client) -> None:
    for url in pages_of(cast, hand_in(cast)):
        response = client.get(url)
        assert (response.status_code, response["Location"]) == (302, f"/sign-in?next={url}")


def test_a_fragment_of_a_signed_out_browser_sends_the_whole_page_to_the_sign_in(cast: Cast, client: Client) -> None:
    response = client.get("/mentor", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "/sign-in?next=/mentor"


def test_a_part_that_is_fetched_again_takes_no_message_away(cast: Cast) -> None:
    mentor = browser_of(cast.mentor)
    fields = {"reason": "Silent.", "severity": str(Severity.HIGH.value), "category": "engagement"}
    mentor.post(reverse("raise-flag", args=[cast.student.pk]), fields)
    assert "The flag is raised." not in mentor.get("/mentor", headers={"HX-Request": "true"}).content.decode()
    assert "The flag is raised." in mentor.get("/mentor").content.decode()


def test_strangers_find_nothing(cast: Cast) -> None:
    submission_id = hand_in(cast)
    other = browser_of(cast.other_mentor)
    fields = {"decision": "approved", "score": "90", "version": "1"}
    assert other.get(reverse("review-page", args=[submission_id])).status_code == 404
    assert other.post(reverse("review-page", args=[submission_id]), fields).status_code == 404
    assert other.get(reverse("mentee-page", args=[cast.student.pk])).status_code == 404
    assert other.post(reverse("raise-flag", args=[cast.student.pk]), {"reason": "x"}).status_code == 404
    assert browser_of(cast.stranger).get(reverse("mission-page", args=[cast.mission.pk])).status_code == 404
    with as_system():
        assert MissionSubmission.objects.get(pk=submission_id).state == "submitted"
        assert not MentorFlag.objects.exists()


@pytest.mark.parametrize(
    ("role", "page"), [("mentor", "/mentor"), ("student", "/student"), ("director", "/director"), ("admin", "/admin/")]
)
def test_home_is_the_first_page_of_the_role(cast: Cast, role: str, page: str) -> None:
    assert browser_of(getattr(cast, role)).get("/")["Location"] == page


def test_an_unknown_filter_value_is_a_bad_request(cast: Cast) -> None:
    assert browser_of(cast.mentor).get("/mentor/queue?type=dreams").status_code == 400


def test_a_review_without_a_score_is_sent_back_with_its_words(cast: Cast) -> None:
    url = reverse("review-page", args=[hand_in(cast)])
    response = browser_of(cast.mentor).post(url, {"decision": "approved", "feedback": "Kept.", "version": "1"})
    assert response.status_code == 400
    assert "Kept." in response.content.decode()


def test_a_decided_submission_is_not_decided_again(cast: Cast) -> None:
    url = reverse("review-page", args=[hand_in(cast)])
    mentor = browser_of(cast.mentor)
    fields = {"decision": "approved", "score": "90", "version": "1"}
    assert mentor.post(url, fields).status_code == 302
    again = mentor.post(url, fields)
    assert again.status_code == 409
    assert "This was decided already." in again.content.decode()


def test_a_session_is_booked_in_the_mentors_zone(cast: Cast) -> None:
    with as_system():
        cast.mentor.timezone = "America/New_York"
        cast.mentor.save(update_fields=["timezone"])
    url = reverse("book-session", args=[cast.student.pk])
    year = clock.now().year + 1
    fields = {"title": "Talk", "start_time": f"{year}-01-12T09:00", "duration_minutes": "45", "type": "one_on_one"}
    mentor = browser_of(cast.mentor)
    assert mentor.post(url, fields).status_code == 302
    with as_system():
        assert MentorSession.objects.get().starts_at == datetime(year, 1, 12, 14, 0, tzinfo=UTC)
    taken = mentor.post(url, fields)
    assert taken.status_code == 409
    assert "Free instead:" in taken.content.decode()


def test_a_flag_is_raised_with_the_form(cast: Cast) -> None:
    url = reverse("raise-flag", args=[cast.student.pk])
    fields = {"reason": "Silent.", "severity": str(Severity.HIGH.value), "category": "engagement"}
    assert browser_of(cast.mentor).post(url, fields).status_code == 302
    with as_system():
        flag = MentorFlag.objects.get()
        assert (flag.reason, flag.severity, flag.category) == ("Silent.", Severity.HIGH, "engagement")


def test_links_and_several_files_are_handed_in(cast: Cast) -> None:
    url = reverse("mission-page", args=[cast.mission.pk])
    files = [SimpleUploadedFile(f"{name}.txt", b"content") for name in ("one", "two")]
    fields = {"text": "", "links": "https://example.org/a\n\nhttps://example.org/b", "files": files}
    assert browser_of(cast.student).post(url, fields).status_code == 302
    with as_system():
        version = SubmissionVersion.objects.get()
        assert version.links == ["https://example.org/a", "https://example.org/b"]
        assert sorted(version.files.values_list("name", flat=True)) == ["one.txt", "two.txt"]


def test_an_empty_hand_in_is_refused(cast: Cast) -> None:
    response = browser_of(cast.student).post(reverse("mission-page", args=[cast.mission.pk]), {"text": " "})
    assert response.status_code == 400
    assert "There is nothing here." in response.content.decode()


def test_the_director_sees_who_waits_and_for_how_long(cast: Cast) -> None:
    with as_system():
        factories.EnrolmentFactory(cohort=cast.cohort, student__name="Waiting Wanda")
        factories.EnrolmentFactory(student__name="Elsewhere Ed")
    page = browser_of(cast.director).get("/director").content.decode()
    assert "Waiting Wanda" in page
    assert "Not matched yet." in page
    assert "Elsewhere Ed" not in page


def test_blocking_rules_are_said_commonest_first() -> None:
    waiting = Unmatched("Wanda", "Cohort", NOON, {"full": 32, "no_language_in_common": 230})
    assert reasons_in_words(waiting) == "230 no language in common, 32 full"


def test_a_rule_that_blocks_every_mentor_is_said_without_a_count() -> None:
    waiting = Unmatched("Wanda", "Cohort", NOON, {"no_availability_told": 412})
    assert reasons_in_words(waiting) == "the student has told no hours"


@pytest.mark.parametrize(
    ("left", "words", "level"),
    [
        (timedelta(minutes=89), "in 89 min", "soon"),
        (timedelta(minutes=90), "in 2 h", "soon"),
        (timedelta(hours=48), "in 48 h", "ok"),
        (timedelta(days=3), "in 3 days", "ok"),
        (timedelta(hours=-3), "3 h late", "late"),
    ],
)
def test_due_times_are_words(left: timedelta, words: str, level: str) -> None:
    assert (due_words(NOON + left, NOON), due_level(NOON + left, NOON)) == (words, level)


@pytest.mark.parametrize("people", [1, 20])
def test_lists_ask_the_same_number_of_queries(cast: Cast, people: int, django_assert_num_queries: Any) -> None:
    with as_system():
        for _ in range(people - 1):
            enrolment = factories.EnrolmentFactory(cohort=cast.cohort)
            factories.AssignmentFactory(enrolment=enrolment, mentor=cast.mentor)
        for _ in range(people):
            factories.EnrolmentFactory(cohort=cast.cohort)
    browsers = {"mentor": browser_of(cast.mentor), "director": browser_of(cast.director)}
    for url, queries in QUERIES.items():
        browser = browsers[url.split("/")[1]]
        assert browser.get(url).status_code == 200
        with django_assert_num_queries(queries):
            browser.get(url)
