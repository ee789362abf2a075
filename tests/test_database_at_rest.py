"""Tests take over the connections of those before them, unless something was left on one."""

from __future__ import annotations

import pytest
from django.db import connection

from core.tenancy.identity import SYSTEM, acting_as
from tests.database import as_system, as_worker, is_at_rest


def server_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_world_is_set_up_on_one_connection(db: None) -> None:
    processes = set()
    for _ in range(3):
        with as_system():
            processes.add(server_process())
    assert len(processes) == 1


@pytest.mark.parametrize(
    "left",
    [
        "SET ROLE app_system",
        "SET app.user_id = 'somebody'",
        "SET statement_timeout = 1000",
        "SET TimeZone = 'Asia/Kathmandu'",
        "SELECT pg_advisory_lock(1)",
        "BEGIN",
    ],
)
def test_one_on_which_something_was_left_is_closed(db: None, left: str) -> None:
    with as_worker(), acting_as(SYSTEM):
        used = server_process()
        with connection.cursor() as cursor:
            cursor.execute(left)
        assert not is_at_rest(connection)
    with as_worker():
        assert server_process() != used
