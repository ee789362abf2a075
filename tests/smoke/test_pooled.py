"""Through PgBouncer in transaction mode: many clients on few server connections, of whom nobody finds another's."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from conftest import Cast
from core.tenancy.backend.base import DatabaseWrapper
from core.tenancy.identity import Identity, Role, acting_as
from tests import loop
from tests.api_client import ApiClient
from tests.database import connection_as, login
from tests.servers import web_server
from users.models import User

#: Server connections that the pool has for each login; `.ci/smoke` says so.
POOLED = int(os.environ.get("POOLED_CONNECTIONS", "0"))
CLIENTS, TURNS = 12, 25
HERS = "SELECT student_id::text, pg_backend_pid() FROM users_enrolment"
TOLD = "SELECT current_user::text, coalesce(current_setting('app.user_id', true), ''), current_setting('TimeZone')"
NOBODY = ("app_anon", "", "UTC")

pytestmark = [pytest.mark.smoke, pytest.mark.skipif(not POOLED, reason="needs PgBouncer: .ci/smoke")]


def asked(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def seen_by(mentor: User) -> tuple[set[str], int]:
    """The students that she sees, read without a condition, and the server process that told her."""
    with acting_as(Identity(Role.MENTOR, mentor.pk)), transaction.atomic():
        rows = asked(HERS)
    return {student for student, _ in rows}, int(rows[0][1])


def test_what_a_client_sets_for_its_session_does_not_reach_the_next(cast: Cast) -> None:
    """SQL that says `SET` without `LOCAL`, which the application never does."""
    for_good = f"SET ROLE app_mentor; SET app.user_id = '{cast.mentor.pk}'; SET TimeZone = 'Asia/Kathmandu'"
    shared = 0
    for _ in range(TURNS):
        process = asked(f"{for_good}; SELECT pg_backend_pid()")
        with login(settings.DATABASE_APP_URL):
            assert asked(TOLD) == [NOBODY]
            shared += asked("SELECT pg_backend_pid()") == process
    assert shared


def test_a_client_that_dies_in_its_transaction_leaves_nothing(cast: Cast) -> None:
    with login(settings.DATABASE_APP_URL) as dying:
        dying.set_autocommit(False)
        with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
            dying.apply_identity()
            assert {student for student, _ in asked(HERS)} == {str(cast.student.pk)}
        os.close(os.dup2(os.open(os.devnull, os.O_RDONLY), dying.connection.fileno()))
    for _ in range(POOLED + 1):
        assert asked(TOLD) == [NOBODY]
        assert seen_by(cast.other_mentor)[0] == {str(cast.stranger.pk)}


def test_more_clients_than_connections_see_their_own(cast: Cast) -> None:
    """All at once, each waiting for its turn; every server process has served both people."""
    begin = Barrier(CLIENTS)

    def client(number: int) -> set[tuple[int, bool]]:
        is_hers = number % 2 == 0
        person, student = (cast.mentor, cast.student) if is_hers else (cast.other_mentor, cast.stranger)
        processes = set()
        with login(settings.DATABASE_APP_URL):
            begin.wait(30)
            for _ in range(TURNS):
                students, process = seen_by(person)
                assert students == {str(student.pk)}
                assert asked(TOLD) == [NOBODY]
                processes.add((process, is_hers))
        return processes

    with ThreadPoolExecutor(CLIENTS) as pool:
        served = set().union(*pool.map(client, range(CLIENTS)))
    processes = {process for process, _ in served}
    assert 1 <= len(processes) <= POOLED
    assert served == {(process, is_hers) for process in processes for is_hers in (True, False)}


def busy() -> DatabaseWrapper:
    """Another client, in a transaction and so on a server connection of its own until it is closed."""
    other = connection_as(settings.DATABASE_APP_URL)
    other.set_autocommit(False)
    return other


def test_a_long_result_goes_on_when_the_connection_is_another(cast: Cast) -> None:
    """Outside of a transaction Django would open a cursor on the server, where the next statement does not find it."""
    others = [busy() for _ in range(POOLED - 1)]
    rows = MigrationRecorder.Migration.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5)
    names = [next(rows)]
    others.append(busy())
    others.pop(0).close()
    names += rows
    for other in others:
        other.close()
    assert len(names) > 5
    assert names == list(MigrationRecorder.Migration.objects.order_by("pk").values_list("pk", flat=True))


def test_streams_and_requests_of_many_at_once(cast: Cast) -> None:
    """Two mentors' lists over HTTP, eight threads in the server, two connections to the database."""
    with web_server() as site:
        clients = [(ApiClient(site, cast.mentor), cast.student), (ApiClient(site, cast.other_mentor), cast.stranger)]
        student = ApiClient(site, cast.student)
        with closing(clients[0][0].stream("mentor/dashboard/stream")) as stream:
            assert next(stream)[1] == "snapshot"

            def ask(number: int) -> None:
                mentor, hers = clients[number % 2]
                assert [each["mentee_id"] for each in mentor.get("mentor/mentees")["results"]] == [str(hers.pk)]

            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(ask, range(CLIENTS * 4)))
            loop.hand_in(student, cast)
            assert next(stream)[1] == "work_queue"
