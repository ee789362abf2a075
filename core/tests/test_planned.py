"""Statements that PostgreSQL plans once a connection …"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from core.enums import Rank
from core.sql import columns_of, fetch_instances, fetch_planned
from core.tenancy.identity import Identity, Role, acting_as
from tests.database import as_system
from tests.people import browser_of
from users.models import User
from users.secrets import digest_of, new_secret
from users.sessions import signed_in_person

HERS = "SELECT student_id FROM users_enrolment WHERE state <> %(state)s"
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
PLANS = "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s"
KINDS = """
SELECT generic_plans || ' for any, ' || custom_plans || ' for its own' FROM pg_prepared_statements
WHERE statement LIKE %s
"""
IDS = [UUID(int=1), UUID(int=2)]


@pytest.fixture(autouse=True)
def fresh_connection(db: None) -> Iterator[None]:
    connection.close()
    yield
    connection.close()


def asked(question: str, like: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question, [f"{like}%"])
        row = cursor.fetchone()
        return row and row[0]


def students_of(mentor: User) -> list[UUID]:
    with acting_as(Identity(Role.MENTOR, mentor.pk)), transaction.atomic():
        return [student for (student,) in fetch_planned(HERS, state="withdrawn")]


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("boolean", True),
        ("int", 7),
        ("smallint", Rank.HIGH),
        ("int", -(2**31) + 1),
        ("bigint", 2**31),
        ("bigint", -(2**40)),
        ("text", "100 % of “it's”"),
        ("text", Role.MENTOR),
        ("uuid", IDS[0]),
        ("timestamptz", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("date", date(2026, 3, 1)),
        ("interval", timedelta(minutes=90)),
        ("numeric", Decimal("1.50")),
        ("float8", 0.25),
        ("bigint[]", [1, 2**40]),
        ("bytea", b"\x00\xff"),
        ("uuid[]", IDS),
        ("uuid[]", []),
        ("text[]", ["a", "b"]),
        ("int[]", [1, 2]),
        ("text", None),
    ],
)
def test_take_every_type_of_value(type: str, value: Any) -> None:
    [[found]] = fetch_planned(f"SELECT %(value)s::{type}", value=value)
    assert (bytes(found) if isinstance(found, memoryview) else found) == value


def test_numbers_are_those_of_a_literal() -> None:
    statement = "SELECT date '2026-03-03' - %(days)s, left('abcdef', %(days)s)"
    assert fetch_planned(statement, days=2) == [(date(2026, 3, 1), "ab")]
    assert fetch_planned("SELECT 1 > %(share)s, 2 > %(share)s", share=1.5) == [(False, True)]


def test_a_value_stands_wherever_its_name_does_and_percent_signs_stay() -> None:
    assert fetch_planned("SELECT %(a)s::int, %(b)s::int, %(a)s::int, 'x' LIKE 'x%%', 7 %% 4", a=1, b=2) == [
        (1, 2, 1, True, 3)
    ]


def test_are_prepared_once_and_executed_again() -> None:
    for number in range(3):
        assert fetch_planned("SELECT 'once', %(n)s::int", n=number) == [("once", number)]
    assert asked(PREPARED, "PREPARE planned_% (int) AS SELECT 'once'") == 1
    assert asked(PLANS, "PREPARE planned_% (int) AS SELECT 'once'") == 3


def test_outlive_a_transaction_that_was_rolled_back() -> None:
    def breaks() -> None:
        fetch_planned("SELECT 'kept', %(n)s::int", n=1)
        fetch_planned("SELECT 1 / %(n)s", n=0)

    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        breaks()
    assert fetch_planned("SELECT 'kept', %(n)s::int", n=2) == [("kept", 2)]


def test_one_that_cannot_be_prepared_fails_each_time() -> None:
    for _ in range(2):
        with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
            fetch_planned("SELECT it FROM nowhere WHERE id = %(n)s", n=1)


def test_a_connection_keeps_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten, the others stay."""
    monkeypatch.setattr("core.planned.MOST_PREPARED", 3)
    for number in range(6):
        assert fetch_planned(f"SELECT {number}, %(n)s::int", n=1) == [(number, 1)]
        assert asked(PREPARED, "PREPARE") == min(number + 1, 3)
    assert [asked(PREPARED, f"PREPARE % AS SELECT {number}") for number in range(6)] == [0, 0, 0, 1, 1, 1]
    assert fetch_planned("SELECT 0, %(n)s::int", n=2) == [(0, 2)]


@pytest.mark.parametrize("command", ["DEALLOCATE ALL", "DISCARD PLANS; DEALLOCATE ALL"])
def test_a_connection_that_was_reset_fails_once(command: str) -> None:
    """Perhaps by a pooler; a statement that is gone cannot be told from one that never was before it is asked for."""
    statement = "SELECT 'reset', %(n)s::int"
    fetch_planned(statement, n=1)
    with connection.cursor() as cursor:
        cursor.execute(command)
    with pytest.raises(DatabaseError, match="does not exist"):
        fetch_planned(statement, n=2)
    assert fetch_planned(statement, n=3) == [("reset", 3)]


def test_one_whose_result_has_changed_fails_once(db: None) -> None:
    """`*` of a table that has got another column: nobody here writes that, but if."""
    with closing(psycopg2.connect(settings.DATABASE_URL)) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        cursor.execute("CREATE TABLE app.changing (id int); GRANT SELECT ON app.changing TO PUBLIC")
        try:
            statement = "SELECT * FROM app.changing WHERE id > %(n)s"
            fetch_planned(statement, n=1)
            cursor.execute("ALTER TABLE app.changing ADD COLUMN more int")
            with pytest.raises(DatabaseError, match="must not change result type"):
                fetch_planned(statement, n=1)
            assert fetch_planned(statement, n=1) == []
        finally:
            cursor.execute("DROP TABLE app.changing")


def test_names_follow_from_what_they_name(cast: Cast) -> None:
    """Whatever connection a pooler gives: another role, type or text is another name, the same is the same."""
    seen = []
    for _ in range(2):
        connection.close()
        for role in (Role.MENTOR, Role.STUDENT):
            with acting_as(Identity(role, cast.mentor.pk)), transaction.atomic():
                for statement in ("SELECT 1, %(n)s", "SELECT 2, %(n)s"):
                    for value in (1, 2**40):
                        fetch_planned(statement, n=value)
        seen.append(list(connection.prepared.values()))  # type: ignore[attr-defined]
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 8


def test_a_pages_second_visit_prepares_nothing(cast: Cast, api: Callable[[User | None], APIClient]) -> None:
    mentor, student = api(cast.mentor), api(cast.student)
    paths = {
        mentor: ["mentor-dashboard", "mentor-workqueue", "mentor-mentees", "mentor-sessions", "mentor-flags"],
        student: ["student-dashboard", "student-sessions", "student-mentor"],
    }
    counts = []
    for _ in range(2):
        for client, names in paths.items():
            for name in names:
                assert client.get(reverse(name)).status_code == 200
            assert mentor.get(reverse("mentor-cockpit", args=[cast.student.pk])).status_code == 200
        counts.append(len(connection.prepared))  # type: ignore[attr-defined]
    assert counts[0] == counts[1] > 10


def test_whoever_acts_within_a_transaction_sees_her_own(cast: Cast) -> None:
    mentor, stranger = (Identity(Role.MENTOR, each.pk) for each in (cast.mentor, cast.other_mentor))
    director = Identity(Role.DIRECTOR, cast.director.pk)

    def seen() -> list[UUID]:
        return [student for (student,) in fetch_planned(HERS, state="withdrawn")]

    for _ in range(8):
        with acting_as(mentor), transaction.atomic():
            assert seen() == [cast.student.pk]
            with acting_as(stranger):
                assert seen() == [cast.stranger.pk]
                with acting_as(director):
                    assert seen() == [cast.student.pk]
            with pytest.raises(DatabaseError, match="division"), acting_as(stranger), transaction.atomic():
                fetch_planned("SELECT 1 / %(n)s", n=0)
            assert seen() == [cast.student.pk]


def test_another_connection_prepares_its_own() -> None:
    assert fetch_planned("SELECT %(n)s::int", n=1) == [(1,)]
    connection.close()
    assert fetch_planned("SELECT %(n)s::int", n=2) == [(2,)]


def test_a_plan_made_for_one_person_shows_the_next_her_own(cast: Cast) -> None:
    for _ in range(10):  # past the five that are planned for their values
        assert students_of(cast.mentor) == [cast.student.pk]
        assert students_of(cast.other_mentor) == [cast.stranger.pk]
        with acting_as(Identity(Role.DIRECTOR, cast.director.pk)), transaction.atomic():
            assert fetch_planned(HERS, state="withdrawn") == [(cast.student.pk,)]
        with acting_as(Identity(Role.MENTOR)), transaction.atomic():
            assert fetch_planned(HERS, state="withdrawn") == []


def test_a_plan_made_as_one_role_is_no_other_roles(cast: Cast) -> None:
    """PostgreSQL would see to it; the names say whose plan each is, so that it need not plan anew at each change."""
    students_of(cast.mentor)
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)), transaction.atomic():
        fetch_planned(HERS, state="withdrawn")
    assert asked(PREPARED, "PREPARE % AS SELECT student_id") == 2


def test_a_page_is_planned_once_and_a_job_for_its_values(cast: Cast) -> None:
    for _ in range(7):
        students_of(cast.mentor)
    assert asked(KINDS, "PREPARE % AS SELECT student_id") == "7 for any, 0 for its own"
    with as_system(), transaction.atomic():
        for _ in range(3):
            fetch_planned(HERS, state="withdrawn")
        assert asked(KINDS, "PREPARE % AS SELECT student_id") == "0 for any, 3 for its own"


def test_behind_a_pooler_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert asked("SELECT current_setting('plan_cache_mode') WHERE 'x' LIKE %s", "x") == "auto"
    assert fetch_planned("SELECT 'pooled', %(n)s::int, 'x' LIKE 'x%%'", n=1) == [("pooled", 1, True)]
    assert asked(PREPARED, "PREPARE") == 0


def test_a_migration_may_add_columns_under_them(cast: Cast) -> None:
    """To a table that is read, and to the type that the functions of signing in return."""
    statement = f"SELECT {columns_of(User, 'u')} FROM users_user u WHERE u.id = %(id)s"
    secret, browser = new_secret(), browser_of(cast.mentor)
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    with as_system():
        cast.mentor.access_tokens.create(name="test", digest=digest_of(secret), created_at=cast.mentor.created_at)
    with closing(psycopg2.connect(settings.DATABASE_URL)) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        try:
            for step in ("SELECT 1", "ALTER TABLE users_user ADD COLUMN shoe_size int"):
                cursor.execute(step)
                with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), transaction.atomic():
                    assert fetch_instances(User, statement, id=cast.mentor.pk) == [cast.mentor]
                for function, given in (
                    ("person_by_id", {"user": cast.mentor.pk, "email": cast.mentor.email}),
                    ("token_person", {"digest": digest_of(secret), "at": clock.now()}),
                    ("session_person", {"digest": digest_of(key), "at": clock.now()}),
                ):
                    for _ in range(7):  # past the plans that are made for their values
                        assert signed_in_person(function, **given) == cast.mentor
        finally:
            cursor.execute("ALTER TABLE users_user DROP COLUMN IF EXISTS shoe_size")


def test_rows_become_instances_with_what_else_was_asked_for(cast: Cast) -> None:
    statement = "SELECT u.languages, u.id, upper(u.name) AS loud FROM users_user u WHERE u.id = %(id)s"
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), transaction.atomic():
        [found] = fetch_instances(User, statement, id=cast.mentor.pk)
        assert (found.pk, found.languages, found.loud) == (cast.mentor.pk, cast.mentor.languages, "TOMAS BERG")  # type: ignore[attr-defined]
        assert found.email == cast.mentor.email, "what was not read is read when it is asked for"
