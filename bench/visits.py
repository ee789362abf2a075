"""People of the seeded academy who ask for pages, in this process: the whole WSGI application, without a socket."""

from __future__ import annotations

import functools
import io
import json
import os
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock
from uuid import UUID

# A few people ask for hundreds of pages a minute.
os.environ.setdefault("THROTTLE_PERSON", "1000000/min")

import academy  # noqa: F401 - sets Django up
import psycopg2
import psycopg2.extras
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import clock, planned
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from tests.servers import collect_static
from users.models import CohortDirector, Enrolment, User
from users.secrets import digest_of, new_secret

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]

LOCAL = {
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "HTTP_HOST": "localhost",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


@functools.cache
def application() -> Any:
    """Its connection plans as a web process's does, although the login is the worker's."""
    collect_static()
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
    return get_wsgi_application()


@dataclass(frozen=True, slots=True)
class Pair:
    """A mentor and one of her students, each with a token, and the facts that their pages are asked with."""

    mentor_id: UUID
    mentee_id: UUID
    enrolment_id: UUID
    track_id: UUID
    mentor_zone: str
    mentee_zone: str
    mentor_token: str
    mentee_token: str


def sampled_pairs(count: int) -> list[Pair]:
    """One pair each of `count` mentors, spread over all of them."""
    with acting_as(SYSTEM), transaction.atomic():
        active = MenteeMentorAssignment.objects.primary().active().select_related("mentor", "mentee", "cohort")
        firsts = list(active.order_by("mentor_id", "id").distinct("mentor_id"))
        return [_pair(each) for each in firsts[:: max(len(firsts) // count, 1)][:count]]


def _pair(each: MenteeMentorAssignment) -> Pair:
    tokens = [_token_of(person) for person in (each.mentor, each.mentee)]
    zones = each.mentor.timezone, each.mentee.timezone
    return Pair(each.mentor_id, each.mentee_id, each.enrolment_id, each.cohort.track_id, *zones, *tokens)


def token_of_director(pair: Pair) -> str:
    """Of one who directs the student's cohort."""
    with acting_as(SYSTEM), transaction.atomic():
        cohort = Enrolment.objects.get(pk=pair.enrolment_id).cohort
        return _token_of(CohortDirector.objects.filter(cohort=cohort)[0].user)


def _token_of(person: User) -> str:
    secret = new_secret()
    person.access_tokens.create(name="bench", digest=digest_of(secret), created_at=clock.now())
    return secret


def get(path: str, token: str) -> bytes:
    """The body of a page as a script with this token gets it. Raises SystemExit for anything but 2xx."""
    return _ask("GET", path, token, b"")


def post_json(path: str, token: str, body: dict[str, Any]) -> Any:
    return json.loads(_ask("POST", path, token, json.dumps(body).encode()))


def _ask(method: str, path: str, token: str, body: bytes) -> bytes:
    said: dict[str, str] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        said["status"] = status

    environ = {**LOCAL, "REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_AUTHORIZATION": f"Bearer {token}",
               "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "QUERY_STRING": "",
               "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO()}  # fmt: skip
    answer = application()(environ, start_response)
    try:
        content = b"".join(answer)
    finally:
        answer.close()
    if not said["status"].startswith("2"):
        raise SystemExit(f"{path}: {said['status']} {content[:300]!r}")
    return content


@dataclass(frozen=True, slots=True)
class Statement:
    """As it was sent, or, of one that is planned once a connection, with the types and values of its places."""

    text: str
    types: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    is_planned: bool = False


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """What the block asks of the database: signing in, BEGIN and COMMIT too."""
    found: list[Statement] = []
    execute = planned.execute_planned

    def record(cursor: Any, statement: str, values: Mapping[str, Any]) -> None:
        numbered = planned.numbered(statement)
        given = tuple(values[name] for name in numbered.names)
        found.append(Statement(numbered.text, tuple(map(planned.type_of, given)), given, is_planned=True))
        execute(cursor, statement, values)

    with CaptureQueriesContext(connection) as captured, mock.patch("core.sql.execute_planned", record):
        yield found
    known = iter(list(found))
    found[:] = [
        next(known) if query["sql"].startswith("EXECUTE planned_") else Statement(query["sql"])
        for query in captured.captured_queries
    ]


def statements_of(path: str, token: str) -> list[Statement]:
    with recorded() as found:
        get(path, token)
    return found


class Replay:
    """A plain connection that plans statements as the application's does."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self._names: dict[tuple[str, Statement], str] = {}

    def prepare(self, role: str, statement: Statement) -> str:
        """The command that runs `statement`; a plan belongs to a role. Called where that role is set."""
        if not statement.is_planned:
            return statement.text
        key = role, Statement(statement.text, statement.types)
        if key not in self._names:
            self._names[key] = f"planned_{len(self._names)}"
            types = f"({', '.join(statement.types)})" if statement.types else ""
            self.cursor.execute(f"PREPARE {self._names[key]} {types} AS {statement.text}")
        places = f"({', '.join(['%s'] * len(statement.values))})" if statement.values else ""
        command: bytes = self.cursor.mogrify(f"EXECUTE {self._names[key]}{places}", statement.values)
        return command.decode()


def owner_connection() -> Any:
    """A plain connection as the owner of the tables, whom no policy holds, in autocommit."""
    return _plain(settings.DATABASE_URL)


def settle() -> None:
    """What autovacuum does soon after a seed: plans and costs are then those of a database that has been in use."""
    with closing(owner_connection()) as raw, raw.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def application_connection() -> Any:
    """A plain connection with the application's login, in autocommit: it may become a person's role."""
    return _plain(settings.DATABASE_APP_URL)


def _plain(address: str) -> Any:
    raw = psycopg2.connect(address, options="-c plan_cache_mode=force_generic_plan")
    raw.autocommit = True
    return raw


def milliseconds_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def p50(times: Iterable[float]) -> float:
    return statistics.median(times)


def p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
