"""While the database is away nothing is a fault of ours: 503, with when to come back, wherever it is noticed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from conftest import Cast
from core.tenancy.identity import SYSTEM, acting_as

TORN = "server closed the connection unexpectedly"


@pytest.mark.usefixtures("db")
def test_a_torn_connection_is_an_operational_error() -> None:
    with pytest.raises(OperationalError, match=TORN), connection.wrap_database_errors:
        raise psycopg2.DatabaseError(TORN)
    with pytest.raises(DatabaseError) as refused, connection.wrap_database_errors:
        raise psycopg2.errors.RaiseException("refused by a trigger")
    assert not isinstance(refused.value, OperationalError)


def test_a_connection_ended_by_the_server_is_made_anew(cast: Cast) -> None:
    """The transaction under way is lost with an OperationalError; the next one has a connection again."""
    with pytest.raises(OperationalError):
        wait_for_the_end()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_transaction_that_cannot_say_who_acts_leaves_nothing_behind(cast: Cast) -> None:
    """The application's login may not act as the system."""
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(SYSTEM), transaction.atomic():
        pass
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("app_anon",)
    assert connection.get_autocommit()


def wait_for_the_end() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 1")
        time.sleep(0.2)
        cursor.execute("SELECT 1")


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **given: Any) -> None:
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr("users.middleware.signed_in_person", refuse)


def test_scripts_are_told_before_any_view(api: Callable[..., APIClient], cast: Cast, away: None) -> None:
    client = api(cast.student)
    client.raise_request_exception = False
    answer = client.get("/api/v1/student/dashboard")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert answer.json()["code"] == "unavailable"


@pytest.mark.usefixtures("db", "away")
def test_a_page_says_what_to_do() -> None:
    client = Client(raise_request_exception=False, headers={"Authorization": "Bearer x"})
    answer = client.get("/mentor")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "reload this page" in answer.content.decode()
