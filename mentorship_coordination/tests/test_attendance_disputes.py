"""What a mentee of a group says of her own attendance …"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.session_outcomes import cancel_participation, complete_session, mark_no_show
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.attendance import attendance_of
from mentorship_coordination.enums import ParticipantRole
from mentorship_coordination.models.sessions import MentorSession, SessionParticipant, SessionRating
from mentorship_coordination.selectors.sessions import session_budget
from mentorship_coordination.tests.queue_world import at, mentor_acting, student_acting
from mentorship_coordination.tests.session_world import (
    HOUR,
    NOW,
    TOMORROW,
    at_once,
    mentees_of,
    notifications_of,
    refreshes_of,
    stored,
)
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
AFTER = TOMORROW + HOUR
DAY = timedelta(days=1)
LIST = "/api/v1/director/attendance-disputes"
#: Who she is, her cohorts, the page itself, within a transaction.
QUERIES = 5
REASON = {"reason": "I came ten minutes late."}


@dataclass(frozen=True)
class Group:
    """Of the mentor: the cast's student and another of her cohort, or of a cohort of its own."""

    session: MentorSession
    other: User

    def of(self, person: User) -> SessionParticipant:
        return next(each for each in stored(self.session.pk).participants.all() if each.person_id == person.pk)


def booked_group(cast: Cast, **enrolment: Any) -> Group:
    [pair] = mentees_of(cast.mentor, 1, **(enrolment or {"cohort": cast.cohort}))
    with as_system():
        other = User.objects.get(pk=pair.mentee_id)
    with mentor_acting(cast.mentor):
        session = book_group_session(
            mentee_ids=[cast.student.pk, other.pk], title="Kick-off", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    return Group(session, other)


def held(cast: Cast, **enrolment: Any) -> Group:
    """The student is said not to have come."""
    group = booked_group(cast, **enrolment)
    with mentor_acting(cast.mentor):
        complete_session(session_id=group.session.pk, by=cast.mentor, at=AFTER, absent=[cast.student.pk])
    return group


def dispute(api: Api, person: User, group: Group, moment: Any = AFTER) -> Any:
    with at(moment):
        return api(person).post(f"/api/v1/student/sessions/{group.session.pk}/dispute", REASON)


def listed(api: Api, person: User, query: str = "") -> Any:
    with at(AFTER):
        return api(person).get(f"{LIST}{query}").json()["results"]


def settle(api: Api, person: User, participant: SessionParticipant, **words: Any) -> Any:
    with at(AFTER + HOUR):
        return api(person).post(f"{LIST}/{participant.pk}/settle", {"answer": "Sorry.", **words})


def test_is_heard_by_mentor_and_directors_and_shown_to_them(cast: Cast, api: Api) -> None:
    group = held(cast)
    told = dispute(api, cast.student, group)
    assert (told.status_code, told.json()["is_disputed"], told.json()["status"]) == (200, True, "completed")
    for person in (cast.mentor, cast.director):
        assert notifications_of(person)[-1].title == "Mina Okafor disputes her attendance: Kick-off"
        assert notifications_of(person)[-1].body == REASON["reason"]
    [row] = listed(api, cast.director, "?open=true")
    assert (row["title"], row["mentor_name"], row["mentee_name"]) == ("Kick-off", "Tomas Berg", "Mina Okafor")
    assert (row["attended"], row["reason"], row["settled_at"]) == (False, REASON["reason"], None)
    assert listed(api, cast.other_director) == listed(api, cast.director, "?open=false") == []
    with at(AFTER):
        seen = api(cast.mentor).get(f"/api/v1/mentor/sessions/{group.session.pk}").json()
    assert seen["is_disputed"] is True
    assert {each["person"]: each["is_disputed"] for each in seen["participants"]} == {
        str(cast.mentor.pk): False,
        str(cast.student.pk): True,
        str(group.other.pk): False,
    }


def test_is_not_told_to_the_others_of_the_group(cast: Cast, api: Api) -> None:
    group = held(cast)
    dispute(api, cast.student, group)
    with at(AFTER):
        seen = api(group.other).get(f"/api/v1/student/sessions/{group.session.pk}").json()
    assert (seen["is_disputed"], [each["person"] for each in seen["participants"]]) == (False, [str(group.other.pk)])
    assert [each.title for each in notifications_of(group.other)] == ["Session booked: Kick-off"]


@pytest.mark.parametrize(("attended", "became"), [(True, True), (False, False), (None, False)])
def test_is_settled_for_her_alone(cast: Cast, api: Api, attended: bool | None, became: bool) -> None:
    group = held(cast)
    dispute(api, cast.student, group)
    before = {each.person_id: each.attended for each in stored(group.session.pk).participants.all()}
    told = settle(api, cast.director, group.of(cast.student), attended=attended)
    assert (told.status_code, told.json()["attended"], told.json()["answer"], told.json()["settled_at"]) == (
        200, became, "Sorry.", "2026-03-03T11:00:00Z"
    )  # fmt: skip
    after = {each.person_id: each.attended for each in stored(group.session.pk).participants.all()}
    assert after == before | {cast.student.pk: became}
    assert (stored(group.session.pk).status, stored(group.session.pk).sequence) == ("completed", 0)
    with as_system():
        assert session_budget([cast.enrolment.pk])[cast.enrolment.pk].used == 1
    for person in (cast.mentor, cast.student):
        assert (notifications_of(person)[-1].title, notifications_of(person)[-1].body) == (
            "Settled: Kick-off",
            "Sorry.",
        )
    assert notifications_of(cast.student)[-1].url == "/student/sessions"
    with at(AFTER):
        assert api(cast.student).get(f"/api/v1/student/sessions/{group.session.pk}").json()["is_disputed"] is False
    assert settle(api, cast.director, group.of(cast.student)).json()["code"] == "dispute_settled"
    assert [row["attended"] for row in listed(api, cast.director, "?open=false")] == [became]


def test_can_be_made_by_several_and_each_is_settled_alone(cast: Cast, api: Api) -> None:
    group = held(cast)
    assert [dispute(api, person, group).status_code for person in (cast.student, group.other)] == [200, 200]
    assert len(listed(api, cast.director)) == 2
    settle(api, cast.director, group.of(group.other), attended=False)
    assert [row["mentee_name"] for row in listed(api, cast.director, "?open=true")] == ["Mina Okafor"]
    assert (group.of(group.other).attended, group.of(cast.student).attended) == (False, False)
    assert [each.title for each in notifications_of(cast.mentor)][-1] == "Settled: Kick-off"
    with at(AFTER):
        assert api(cast.mentor).get(f"/api/v1/mentor/sessions/{group.session.pk}").json()["is_disputed"] is True


def test_is_possible_once_and_for_72_hours(cast: Cast, api: Api) -> None:
    group = held(cast)
    assert dispute(api, cast.student, group, AFTER + 3 * DAY).json()["code"] == "cannot_be_disputed"
    assert dispute(api, cast.student, group, AFTER + 3 * DAY - timedelta(seconds=1)).status_code == 200
    assert dispute(api, cast.student, group).json()["code"] == "cannot_be_disputed"


def test_needs_attendance_that_was_said(cast: Cast, api: Api) -> None:
    """Not before the end, nor by whoever left, nor of what the mentor missed: nothing is said of her then."""
    group = booked_group(cast)
    assert dispute(api, cast.student, group).json()["code"] == "cannot_be_disputed"
    with student_acting(group.other):
        cancel_participation(session_id=group.session.pk, by=group.other, at=NOW)
    with mentor_acting(cast.mentor):
        mark_no_show(session_id=group.session.pk, who=ParticipantRole.MENTOR, by=cast.mentor, at=AFTER)
    for person in (cast.student, group.other):
        assert dispute(api, person, group).json()["code"] == "cannot_be_disputed"


def test_may_say_that_she_was_there_where_nobody_is_said_to_have_come(cast: Cast, api: Api) -> None:
    group = booked_group(cast)
    with mentor_acting(cast.mentor):
        mark_no_show(session_id=group.session.pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=AFTER)
    dispute(api, cast.student, group)
    settle(api, cast.director, group.of(cast.student), attended=True)
    assert (group.of(cast.student).attended, group.of(group.other).attended) == (True, False)
    assert stored(group.session.pk).status == "no_show_mentee"


def test_is_settled_by_the_director_of_her_own_cohort_where_the_group_has_several(cast: Cast, api: Api) -> None:
    group = held(cast, cohort=cast.other_enrolment.cohort)
    assert stored(group.session.pk).cohort_id is None
    with as_system():
        SessionRating.objects.create(session=group.session, student=group.other, rating=1, rated_at=AFTER)
    assert listed(api, cast.director) == []
    assert dispute(api, cast.student, group).status_code == 200
    assert notifications_of(cast.director)[-1].title == "Mina Okafor disputes her attendance: Kick-off"
    assert notifications_of(cast.other_director) == []
    assert [(row["title"], row["mentee_name"]) for row in listed(api, cast.director)] == [("Kick-off", "Mina Okafor")]
    assert listed(api, cast.other_director) == []
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)), transaction.atomic():
        people = set(SessionParticipant.objects.values_list("person_id", flat=True))
        assert people == {cast.mentor.pk, cast.student.pk}, "nobody of another cohort"
        assert not SessionRating.objects.exists()
    assert settle(api, cast.other_director, group.of(cast.student)).status_code == 404
    assert settle(api, cast.director, group.of(cast.student), attended=True).status_code == 200


def test_is_not_for_others(cast: Cast, api: Api) -> None:
    group = held(cast)
    participant = group.of(cast.student)
    assert dispute(api, cast.stranger, group).status_code == 404
    assert dispute(api, cast.mentor, group).status_code == 403
    assert settle(api, cast.director, participant).status_code == 404, "nothing is disputed"
    dispute(api, cast.student, group)
    assert settle(api, cast.other_director, participant, attended=True).status_code == 404
    assert settle(api, cast.mentor, participant, attended=True).status_code == 403
    assert api(cast.mentor).get(LIST).status_code == 403
    assert api(None).get(LIST).status_code == 401
    assert group.of(cast.student).attended is False


@pytest.mark.parametrize("words", [{"answer": ""}, {"answer": "x" * 301}, {"attended": "perhaps"}])
def test_needs_an_answer(cast: Cast, api: Api, words: dict[str, str]) -> None:
    group = held(cast)
    dispute(api, cast.student, group)
    assert settle(api, cast.director, group.of(cast.student), **words).status_code == 400
    assert group.of(cast.student).dispute_settled_at is None


def test_is_settled_once_when_two_do_it_at_once(cast: Cast, api: Api) -> None:
    group = held(cast)
    dispute(api, cast.student, group)
    participant = group.of(cast.student)
    answers: list[Any] = at_once([lambda: settle(api, cast.director, participant, attended=True)] * 4)
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409]
    assert len([each for each in notifications_of(cast.student) if each.title == "Settled: Kick-off"]) == 1


def test_is_listed_by_a_constant_number_of_queries_whatever_their_number(
    cast: Cast, api: Api, django_assert_num_queries: Any
) -> None:
    group = held(cast)
    for count, person in enumerate((cast.student, group.other), 1):
        dispute(api, person, group)
        client = api(cast.director)
        with at(AFTER), django_assert_num_queries(QUERIES):
            assert len(client.get(LIST).json()["results"]) == count


def test_moves_her_figure_when_it_is_settled(cast: Cast, api: Api) -> None:
    group = held(cast)
    dispute(api, cast.student, group)
    assert attendance(cast) == (0, 1)
    settle(api, cast.director, group.of(cast.student), attended=True)
    assert attendance(cast) == (1, 0)
    assert refreshes_of(cast.student)[0][1][-1] == "session_settled"


def attendance(cast: Cast) -> tuple[int, int]:
    with as_system():
        found = attendance_of([cast.enrolment.pk], AFTER)[cast.student.pk]
    return found.attended, found.missed
