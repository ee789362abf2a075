"""Statements that PostgreSQL plans once a connection …"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from conftest import Cast
from core.enums import Rank
from core.sql import columns_of, fetch_instances, fetch_planned
from core.tenancy.identity import Identity, Role, acting_as
from users.models import User

HERS = "SELECT student_id FROM users_enrolment WHERE state <> %(state)s"
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
PLANS = "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s"
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


def test_a_value_stands_wherever_its_name_does_and_percent_signs_stay() -> None:
    assert fetch_planned("SELECT %(a)s::int, %(b)s::int, %(a)s::int, 'x' LIKE 'x%%', 7 %% 4", a=1, b=2) == [
        (1, 2, 1, True, 3)
    ]


def test_are_prepared_once_and_executed_again() -> None:
    for number in range(3):
        assert fetch_planned("SELECT 'once', %(n)s::int", n=number) == [("once", number)]
    assert asked(PREPARED, "PREPARE planned_1 (int) AS SELECT 'once'") == 1
    assert asked(PLANS, "PREPARE planned_1 (int) AS SELECT 'once'") == 3


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
    monkeypatch.setattr("core.planned.MOST_PREPARED", 3)
    for number in range(10):
        assert fetch_planned(f"SELECT {number}, %(n)s::int", n=1) == [(number, 1)]
        assert asked(PREPARED, "PREPARE") <= 3
    assert fetch_planned("SELECT 9, %(n)s::int", n=2) == [(9, 2)]


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


def test_behind_a_pooler_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert fetch_planned("SELECT 'pooled', %(n)s::int, 'x' LIKE 'x%%'", n=1) == [("pooled", 1, True)]
    assert asked(PREPARED, "PREPARE") == 0


def test_a_migration_may_add_columns_under_them(cast: Cast) -> None:
    """To a table that is read, and to the type that the function of signing in returns."""
    statement = f"SELECT {columns_of(User, 'u')} FROM users_user u WHERE u.id = %(id)s"
    signing_in = f"SELECT {columns_of(User, '(s.person)')} FROM app.person_by_id(%(id)s, %(email)s) s"
    with closing(psycopg2.connect(settings.DATABASE_URL)) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        try:
            for step in ("SELECT 1", "ALTER TABLE users_user ADD COLUMN shoe_size int"):
                cursor.execute(step)
                with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), transaction.atomic():
                    assert fetch_instances(User, statement, id=cast.mentor.pk) == [cast.mentor]
                assert fetch_instances(User, signing_in, id=cast.mentor.pk, email=cast.mentor.email) == [cast.mentor]
        finally:
            cursor.execute("ALTER TABLE users_user DROP COLUMN IF EXISTS shoe_size")


def test_rows_become_instances_with_what_else_was_asked_for(cast: Cast) -> None:
    statement = "SELECT u.languages, u.id, upper(u.name) AS loud FROM users_user u WHERE u.id = %(id)s"
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), transaction.atomic():
        [found] = fetch_instances(User, statement, id=cast.mentor.pk)
        assert (found.pk, found.languages, found.loud) == (cast.mentor.pk, cast.mentor.languages, "TOMAS BERG")  # type: ignore[attr-defined]
        assert found.email == cast.mentor.email, "what was not read is read when it is asked for"
