"""A student rates a session …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from rest_framework.test import APIClient

from conftest import Cast
from core.errors import InvalidInput, NotVisible
from core.identifiers import new_id
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.ratings import SessionNotAttended, rate_session
from mentorship_coordination.actions.session_outcomes import cancel_participation, complete_session, mark_no_show
from mentorship_coordination.actions.sessions import book_group_session
from mentorship_coordination.enums import ParticipantRole
from mentorship_coordination.models.sessions import MentorSession, SessionRating
from mentorship_coordination.tests.queue_world import at, heard, mentor_acting, student_acting
from mentorship_coordination.tests.rating_world import LATER, figure_by_sql, held, held_group, rated, rows_seen, said_of
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, mentees_of
from users.models import User

Api = Callable[[User | None], APIClient]
DAY = timedelta(days=1)


def url_of(session_id: UUID) -> str:
    return f"/api/v1/student/sessions/{session_id}/rating"


def satisfaction(api: Api, mentor: User, moment: datetime) -> dict[str, Any]:
    with at(moment):
        shown: dict[str, Any] = api(mentor).get("/api/v1/mentor/dashboard").json()["satisfaction"]
    return shown


@pytest.mark.parametrize("rating", [1, 5])
def test_from_one_to_five(cast: Cast, rating: int) -> None:
    session = held(cast)
    rated(cast.student, session, rating, " Clear, thank you. ")
    assert said_of(session) == {cast.student.pk: (rating, "Clear, thank you.", LATER)}


def test_and_the_mentor_hears_of_it_without_its_session_once_there_is_a_mean(cast: Cast) -> None:
    sessions = [held(cast, TOMORROW + number * DAY) for number in range(3)]
    before = len(heard(cast.mentor))
    now = TOMORROW + 4 * DAY
    for session in sessions[:2]:
        rated(cast.student, session, 4, moment=now)
    rated(cast.student, sessions[0], 5, moment=now)
    assert heard(cast.mentor)[before:] == []
    rated(cast.student, sessions[2], 4, moment=now)
    assert heard(cast.mentor)[before:] == [{"event": "session", "kind": "rated"}]
    # Older than 90 days: not part of the mean, and nothing new to be seen.
    rated(cast.student, sessions[0], 1, moment=TOMORROW + 90 * DAY)
    assert len(heard(cast.mentor)) == before + 1


def test_for_herself_her_directors_and_admins_and_not_for_her_mentor(cast: Cast) -> None:
    group, other = held_group(cast)
    rated(cast.student, group, 2, "Too fast.")
    rated(other, group, 5, "Lively.", LATER + HOUR)
    both = [(2, "Too fast."), (5, "Lively.")]
    assert rows_seen(Role.STUDENT, cast.student) == both[:1]
    assert rows_seen(Role.STUDENT, other) == both[1:]
    assert rows_seen(Role.STUDENT, cast.stranger) == []
    assert rows_seen(Role.ADMIN, cast.admin) == both
    for role, person in ((Role.MENTOR, cast.mentor), (Role.PERSON, cast.student)):
        with pytest.raises(ProgrammingError):
            rows_seen(role, person)


def test_for_the_director_of_the_cohort_too(cast: Cast) -> None:
    rated(cast.student, held(cast), 2, "Too fast.")
    assert rows_seen(Role.DIRECTOR, cast.director) == [(2, "Too fast.")]
    assert rows_seen(Role.DIRECTOR, cast.other_director) == []


def test_for_a_mean_that_only_its_mentor_asks_for(cast: Cast) -> None:
    sessions = [held(cast, TOMORROW + number * DAY) for number in range(3)]
    now, shown = TOMORROW + 4 * DAY, []
    for session in sessions:
        rated(cast.student, session, 4, moment=now)
        with mentor_acting(cast.mentor):
            shown.append(figure_by_sql(cast.mentor, now))
    assert shown == [(None, 1), (None, 2), (4.0, 3)]
    asking = [(Role.MENTOR, cast.other_mentor), (Role.STUDENT, cast.student), (Role.DIRECTOR, cast.director)]
    for role, person in asking:
        with acting_as(Identity(role, person.pk)), pytest.raises(ProgrammingError):
            figure_by_sql(cast.mentor, now)


def test_and_reads_it_with_her_session(cast: Cast, api: Api) -> None:
    first, second = held(cast), held(cast, TOMORROW + DAY)
    rated(cast.student, first, 4, "Clear.")
    said = {"rating": 4, "rating_comment": "Clear.", "rated_at": "2026-03-03T11:00:00Z"}
    nothing = dict.fromkeys(said)
    student = api(cast.student)
    for session, expected in ((first, said), (second, nothing)):
        shown = student.get(f"/api/v1/student/sessions/{session.pk}").json()
        assert {name: shown[name] for name in said} == expected
    listed = student.get("/api/v1/student/sessions").json()["results"]
    assert [{name: each[name] for name in said} for each in listed] == [said, nothing]
    assert not said.keys() & api(cast.mentor).get(f"/api/v1/mentor/sessions/{first.pk}").json().keys()


def test_and_reads_her_own_of_a_group_alone(cast: Cast, api: Api) -> None:
    group, other = held_group(cast)
    rated(other, group, 5, "Lively.")
    assert [each["rating"] for each in api(cast.student).get("/api/v1/student/sessions").json()["results"]] == [None]
    assert [each["rating"] for each in api(other).get("/api/v1/student/sessions").json()["results"]] == [5]


def test_again_and_replaces_what_she_said(cast: Cast) -> None:
    session = held(cast)
    rated(cast.student, session, 2, "Too fast.")
    rated(cast.student, session, 4, moment=LATER + HOUR)
    assert said_of(session) == {cast.student.pk: (4, "", LATER + HOUR)}


def test_of_a_group_for_herself_alone(cast: Cast) -> None:
    group, other = held_group(cast)
    rated(cast.student, group, 3)
    rated(other, group, 5, "Lively.")
    assert said_of(group) == {cast.student.pk: (3, "", LATER), other.pk: (5, "Lively.", LATER)}


def missed(cast: Cast) -> MentorSession:
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        return mark_no_show(session_id=session.pk, who=ParticipantRole.MENTEE, by=cast.mentor, at=LATER)


def missed_by_the_mentor(cast: Cast) -> MentorSession:
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        return mark_no_show(session_id=session.pk, who=ParticipantRole.MENTOR, by=cast.mentor, at=LATER)


def still_planned(cast: Cast) -> MentorSession:
    return booked(cast.mentor, cast.student)


def a_group_that_she_left(cast: Cast) -> MentorSession:
    (other,) = mentees_of(cast.mentor, 1)
    with mentor_acting(cast.mentor):
        group = book_group_session(
            mentee_ids=[cast.student.pk, other.mentee_id], title="Together", starts_at=TOMORROW, by=cast.mentor, at=NOW
        )
    with student_acting(cast.student):
        cancel_participation(session_id=group.pk, by=cast.student, at=NOW)
    with mentor_acting(cast.mentor):
        return complete_session(session_id=group.pk, by=cast.mentor, at=LATER)


@pytest.mark.parametrize("make", [missed, missed_by_the_mentor, still_planned, a_group_that_she_left])
def test_only_where_it_took_place_and_she_was_there(cast: Cast, make: Callable[[Cast], MentorSession]) -> None:
    session = make(cast)
    before = heard(cast.mentor)
    with pytest.raises(SessionNotAttended):
        rated(cast.student, session, 5)
    assert said_of(session) == {}
    assert heard(cast.mentor) == before


@pytest.mark.parametrize(
    ("given", "field"), [({"rating": 0}, "rating"), ({"rating": 6}, "rating"), ({"comment": "x" * 1001}, "comment")]
)
def test_within_limits(cast: Cast, given: dict[str, Any], field: str) -> None:
    session = held(cast)
    with student_acting(cast.student), pytest.raises(InvalidInput) as refused:
        rate_session(**{"session_id": session.pk, "rating": 3, "by": cast.student, "at": LATER, **given})
    assert list(refused.value.fields) == [field]
    assert said_of(session) == {}


def test_of_her_own_and_of_nobody_elses(cast: Cast) -> None:
    session = held(cast)
    with pytest.raises(NotVisible):
        rated(cast.stranger, session, 1)
    assert said_of(session) == {}


def test_and_no_other_student_by_raw_sql(cast: Cast) -> None:
    session = held(cast)
    rated(cast.student, session, 4)
    call = "SELECT app.rate_session(%s, 1, 'bad', now())"
    with student_acting(cast.stranger), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(call, [session.pk])
        assert cursor.fetchone() == ("not_found",)
    for person in (cast.stranger, cast.student):
        with student_acting(person), pytest.raises(ProgrammingError), transaction.atomic():
            SessionRating.objects.filter(session=session).update(rating=1)
    with mentor_acting(cast.mentor), pytest.raises(ProgrammingError), transaction.atomic():
        SessionRating.objects.filter(session=session).update(rating=5)
    with mentor_acting(cast.mentor), pytest.raises(ProgrammingError), transaction.atomic():
        connection.cursor().execute(call, [session.pk])
    assert said_of(session) == {cast.student.pk: (4, "", LATER)}


def test_and_the_table_itself_refuses_a_six(cast: Cast) -> None:
    session = held(cast)
    with student_acting(cast.student), pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute("SELECT app.rate_session(%s, 6, '', now())", [session.pk])


def test_over_http(cast: Cast, api: Api) -> None:
    session = held(cast)
    student = api(cast.student)
    with at(LATER):
        first = student.post(url_of(session.pk), {"rating": 4, "comment": "Clear."})
        second = student.post(url_of(session.pk), {"rating": 5})
    answer = {"session": str(session.pk), "rating": 4, "comment": "Clear.", "rated_at": "2026-03-03T11:00:00Z"}
    assert (first.status_code, first.json()) == (200, answer)
    assert (second.status_code, second.json()) == (200, {**answer, "rating": 5, "comment": ""})
    assert said_of(session) == {cast.student.pk: (5, "", LATER)}


def test_over_http_and_is_told_why_not(cast: Cast, api: Api) -> None:
    held_one, planned = held(cast), booked(cast.mentor, cast.student, TOMORROW + DAY)
    student, body = api(cast.student), {"rating": 5}
    refused = student.post(url_of(planned.pk), body)
    assert (refused.status_code, refused.json()["code"]) == (409, "session_not_attended")
    assert student.post(url_of(new_id()), body).status_code == 404
    assert api(cast.stranger).post(url_of(held_one.pk), body).status_code == 404
    assert api(cast.mentor).post(url_of(held_one.pk), body).status_code == 403
    assert api(cast.director).post(url_of(held_one.pk), body).status_code == 403
    assert api(None).post(url_of(held_one.pk), body).status_code == 401
    assert said_of(held_one) == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rating"),
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": 4.5}, "rating"),
        ({"rating": "good"}, "rating"),
        ({"rating": 5, "comment": "x" * 1001}, "comment"),
        ({"rating": 5, "comment": "a\u0000b"}, "comment"),
    ],
)
def test_over_http_with_fields_that_are_fit(cast: Cast, api: Api, body: dict[str, Any], field: str) -> None:
    session = held(cast)
    answer = api(cast.student).post(url_of(session.pk), body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert said_of(session) == {}


def test_for_a_mean_that_needs_three_ratings_of_ninety_days(cast: Cast, api: Api) -> None:
    """5, 4, 4, 2: the mean of all four is 3.75, of the newest three 3.33, and two are not enough."""
    sessions = [held(cast, TOMORROW + number * DAY) for number in range(4)]
    now = TOMORROW + 4 * DAY
    assert satisfaction(api, cast.mentor, now) == {"mean": None, "ratings": 0}
    shown = []
    for session, rating in zip(sessions, (5, 4, 4, 2), strict=True):
        rated(cast.student, session, rating, moment=now)
        shown.append(satisfaction(api, cast.mentor, now))
    assert shown == [
        {"mean": None, "ratings": 1},
        {"mean": None, "ratings": 2},
        {"mean": 4.33, "ratings": 3},
        {"mean": 3.75, "ratings": 4},
    ]
    ninety_days = TOMORROW + 90 * DAY
    assert satisfaction(api, cast.mentor, ninety_days - HOUR) == {"mean": 3.75, "ratings": 4}
    assert satisfaction(api, cast.mentor, ninety_days) == {"mean": 3.33, "ratings": 3}
    assert satisfaction(api, cast.mentor, ninety_days + DAY) == {"mean": None, "ratings": 2}
    assert satisfaction(api, cast.other_mentor, now) == {"mean": None, "ratings": 0}
