"""A connection serves one person after another, as in a pool: nobody finds what was the last one's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from celery import Celery
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection, transaction
from psycopg2.errors import InsufficientPrivilege
from rest_framework.test import APIClient

from conftest import Cast
from core.tenancy.identity import Identity, Role, acting_as
from core.tenancy.spec import collect
from core.tenancy.tasks import SystemTask
from student_dashboard.aggregation import DashboardAggregationService
from tests.database import as_worker, login
from users.models import User

Api = Callable[[User | None], APIClient]
HERS = "SELECT student_id::text FROM users_enrolment"


def server_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    return int(number)


def students_seen() -> set[str]:
    """Read without a condition."""
    with connection.cursor() as cursor:
        cursor.execute(HERS)
        return {student for (student,) in cursor.fetchall()}


def seen_by(mentor: User) -> set[str]:
    with acting_as(Identity(Role.MENTOR, mentor.pk)), transaction.atomic():
        return students_seen()


def is_open(table: str) -> bool:
    """Whether whoever acts finds a row of it; a table that she may not read is closed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
            return bool(cursor.fetchone()[0])
    except ProgrammingError as refusal:
        if not isinstance(refusal.__cause__, InsufficientPrivilege):
            raise
        return False


def test_two_mentors_in_turn_see_their_own(cast: Cast) -> None:
    process = server_process()
    for _ in range(3):
        assert seen_by(cast.mentor) == {str(cast.student.pk)}
        assert not is_open("users_enrolment")
        assert seen_by(cast.other_mentor) == {str(cast.stranger.pk)}
    assert server_process() == process


def test_a_transaction_that_broke_leaves_nothing_to_the_next(cast: Cast) -> None:
    process = server_process()
    with (
        pytest.raises(DatabaseError, match="division by zero"),
        acting_as(Identity(Role.MENTOR, cast.mentor.pk)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(HERS + " WHERE 1 / 0 = 1")
    assert not is_open("users_enrolment")
    assert seen_by(cast.other_mentor) == {str(cast.stranger.pk)}
    assert server_process() == process


def test_what_one_sets_for_the_whole_session_is_not_the_next_ones(cast: Cast) -> None:
    """Even SQL that says `SET` without `LOCAL` only lasts until the next transaction says who acts."""
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, false)", [str(cast.mentor.pk)])
    try:
        assert seen_by(cast.other_mentor) == {str(cast.stranger.pk)}
        assert not is_open("users_enrolment")
    finally:
        connection.close()


def test_two_people_ask_over_one_connection(cast: Cast, api: Api) -> None:
    with as_worker():
        DashboardAggregationService.refresh()
    first, second = api(cast.mentor), api(cast.other_mentor)
    process = server_process()
    for _ in range(2):
        for client, student, stranger in (
            (first, cast.student, cast.stranger),
            (second, cast.stranger, cast.student),
        ):
            answer = client.get("/api/v1/mentor/mentees").content.decode()
            assert student.name in answer
            assert stranger.name not in answer
    assert server_process() == process


def filled() -> set[str]:
    found = set()
    for table in collect().tenant:
        with transaction.atomic():
            if is_open(table):
                found.add(table)
    return found


def test_a_task_that_forgot_to_say_as_whom_it_acts_sees_no_row(cast: Cast) -> None:
    """`SystemTask` is what makes a task the system; with another base it is nobody, on the worker's login, too."""
    forgetful, usual = Celery(set_as_current=False), Celery(task_cls=SystemTask, set_as_current=False)
    look = {app: app.task(name="tests.look")(filled) for app in (forgetful, usual)}
    with login(settings.DATABASE_WORKER_URL):
        assert {"users_enrolment", "users_user"} <= look[usual].apply().get()
        assert look[forgetful].apply().get() == set()
