"""Queries that the mapper composes once …"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core.kept import Kept, attach, kept
from tests.database import as_system
from users.models import Enrolment, User

Query = Kept[Any, Any]


def composed(cohort_id: UUID, state: str = "", *, most: int = 10, sign: str = "%") -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(cohort_id=cohort_id).exclude(state=state).select_related("student", "cohort__track")
    rows = rows.defer("student__email").annotate(mark=Concat(F("student__name"), Value(sign)))
    return rows.order_by("student__name", "-id")[:most]


def as_told(rows: list[Enrolment]) -> list[tuple[Any, ...]]:
    return [
        (each.pk, each.student.name, each.student.languages, each.cohort.track.name, each.mark)  # type: ignore[attr-defined]
        for each in rows
    ]


@pytest.fixture
def query() -> Query:
    return kept(composed)


def test_return_what_the_query_they_keep_returns(cast: Cast, query: Query) -> None:
    with as_system():
        for cohort in (cast.cohort, cast.other_enrolment.cohort, cast.cohort):
            with CaptureQueriesContext(connection) as captured:
                found = as_told(query(cohort.pk, "withdrawn"))
            assert found == as_told(list(composed(cohort.pk, "withdrawn")))
            assert len(found) == 1
            assert len(captured) == 1, "related rows come with the one statement"


def test_read_what_was_deferred_when_it_is_asked_for(cast: Cast, query: Query) -> None:
    with as_system():
        [found] = query(cast.cohort.pk, "")
        assert found.student.get_deferred_fields() == {"email"}
        assert found.student.email == cast.student.email


def test_are_composed_once_for_each_shape(cast: Cast) -> None:
    calls: list[int] = []

    @kept
    def counted(cohort_id: UUID, *, most: int = 5) -> QuerySet[Enrolment]:
        calls.append(most)
        return composed(cohort_id, "", most=most)

    with as_system():
        for shape in ({}, {"most": 1}, {"most": 2}, {}, {"most": 1}):
            assert len(counted(cast.cohort.pk, **shape)) == 1
    assert calls == [5, 1, 2]


@pytest.mark.parametrize("sign", ["100 %", "%s", "%(state)s", "it’s ' quoted"])
def test_constants_stay_what_they_are(cast: Cast, query: Query, sign: str) -> None:
    with as_system():
        [found] = query(cast.cohort.pk, "", sign=sign)
        assert found.mark == f"Mina Okafor{sign}"


def test_serve_threads_at_the_same_time(cast: Cast, query: Query) -> None:
    cohorts = [cast.cohort.pk, cast.other_enrolment.cohort_id]

    def ask(number: int) -> set[UUID]:
        with as_system():
            return {each.cohort_id for _ in range(20) for each in query(cohorts[number % 2], "")}

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [{cohorts[number % 2]} for number in range(4)]


def test_want_every_argument(cast: Cast, query: Query) -> None:
    with as_system(), pytest.raises(ValueError, match="zip"):
        query(cast.cohort.pk)


def test_take_no_null(cast: Cast, query: Query) -> None:
    with as_system(), pytest.raises(TypeError, match="make it a shape"):
        query(None, "")


def test_attached_children_know_their_parent_and_are_not_asked_for_again(cast: Cast) -> None:
    with as_system():
        people = list(User.objects.filter(pk__in=[cast.student.pk, cast.stranger.pk, cast.mentor.pk]))
        attach(people, "enrolments", Enrolment.objects.order_by("id"))
        with CaptureQueriesContext(connection) as captured:
            found = {each.pk: list(each.enrolments.all()) for each in people}
            assert [each.student.name for each in found[cast.student.pk]] == ["Mina Okafor"]
        assert not captured
        assert found[cast.stranger.pk] == [cast.other_enrolment]
        assert found[cast.mentor.pk] == []
        with pytest.raises(TypeError, match="choose among them"):
            people[0].enrolments.filter(state="active")


def test_prefetch(cast: Cast) -> None:
    @kept
    def people(person_id: UUID) -> QuerySet[User]:
        return User.objects.filter(pk=person_id).prefetch_related("enrolments")

    with as_system():
        for person, enrolment in ((cast.student, cast.enrolment), (cast.stranger, cast.other_enrolment)):
            [found] = people(person.pk)
            with CaptureQueriesContext(connection) as captured:
                assert list(found.enrolments.all()) == [enrolment]
            assert not captured
