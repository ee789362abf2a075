"""At every address, what belongs to somebody else is answered as what is not there, and nothing of it changes.

Addresses are found by walking the URL configuration, bodies are the schema's own examples: a new endpoint is swept
without being named here. A new kind of id in an address fails until `ROWS` says whose it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from core.tenancy.identity import Role
from missions.models import SubmissionFile
from tests.architecture.addresses import Address, addresses
from tests.architecture.test_addresses import METHODS, browser, token_client
from tests.database import as_system
from tests.tenancy import world as tenancy_world
from tests.tenancy.expectations import table_name
from tests.tenancy.world import Family, World
from users.models import User

SCHEMA = Path(__file__).parents[2] / "openapi.yaml"
#: The table whose row an id in an address names; of a person's own rows, that of whoever asks.
ROWS = {
    "absence_id": "mentorabsence",
    "assignment_id": "menteementorassignment",
    "enrolment_id": "users_enrolment",
    "file_id": "submissionfile",
    "flag_id": "mentorflag",
    "goal_id": "coaching_goal",
    "habit_id": "coaching_habit",
    "handover_id": "mentorhandover",
    "item_id": "mentorworkqueue",
    "mission_id": "mission",
    "notification_id": "notification",
    "participant_id": "sessionparticipant",
    "run_id": "matchrun",
    "session_id": "mentorsession",
    "snippet_id": "feedbacksnippet",
    "submission_id": "missionsubmission",
    "token_id": "users_accesstoken",
}
KEYS = """
SELECT c.relname, a.attname FROM pg_class c
JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE c.relnamespace = 'public'::regnamespace"""
PEOPLE = {"mentee_id": "student", "mentor_id": "mentor"}
ACTORS = {"student": Role.STUDENT, "mentor": Role.MENTOR, "former": Role.MENTOR, "director": Role.DIRECTOR}
PARAMETER = re.compile(r"<(\w+):(\w+)>")
OTHERS = {"day": "2026-03-06", "date": "2026-03-06"}
UNKNOWN = "00000000-0000-7000-8000-000000000001"


#: Ids in bodies and queries, by their name, and what they are of.
NAMED = {
    "mentee_id": "student",
    "mentee_ids": "student",
    "mentee": "student",
    "owner": "student",
    "mentor_id": "mentor",
    "mentor": "mentor",
    "without_mentors": "mentor",
    "cohort": "cohort",
    "mission": "mission",
    "items": "mentorworkqueue",
    "other": "matchrun",
}
UUID_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")
#: Any active mentor may be named: as whom a student is given to, as who leaves in a thought.
ANY_MENTOR = {"mentor_id", "mentor", "without_mentors"}


@pytest.fixture
def world(db: None) -> World:
    with as_system():
        built = tenancy_world.build()
        for file in SubmissionFile.objects.all():
            file.content.save("a.txt", ContentFile(b"a"))
    return built


def with_ids() -> list[Address]:
    return [address for address in addresses() if "<uuid:" in address.route]


def bodies() -> dict[tuple[str, str], list[Any]]:
    """(method, path with its parameters' names) → the examples of the request."""
    found = {}
    for path, methods in yaml.load(SCHEMA.read_text(), yaml.CSafeLoader)["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            examples = [example["value"] for example in content.get("examples", {}).values()]
            if examples:
                found[method.upper(), path] = examples
    return found


BODIES = bodies()


def queries() -> Iterator[tuple[str, str]]:
    """(path, name) of each id that a GET takes in its query."""
    for path, methods in yaml.load(SCHEMA.read_text(), yaml.CSafeLoader)["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", []):
            if parameter["in"] == "query" and parameter["schema"].get("format") == "uuid":
                yield path, parameter["name"]


QUERIES = list(queries())


def named_in(value: Any, name: str = "") -> Iterator[str]:
    """The names under which a body holds ids."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from named_in(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from named_in(each, name)
    elif isinstance(value, str) and UUID_FORM.fullmatch(value):
        yield name


def exchanged(value: Any, ids: dict[str, str], name: str = "") -> Any:
    """The body with other ids under the names of its own."""
    if isinstance(value, dict):
        return {key: exchanged(each, ids, key) for key, each in value.items()}
    if isinstance(value, list):
        return [exchanged(each, ids, name) for each in value]
    return ids.get(name, value) if isinstance(value, str) and UUID_FORM.fullmatch(value) else value


def id_of(what: str, family: Family) -> str:
    if what == "cohort":
        return str(family.enrolment.cohort_id)
    return str(family.people[what].pk) if what in family.people else family.rows[table_name(what)]


def body_of(address: Address, method: str) -> Any:
    return BODIES.get((method, "/" + PARAMETER.sub(r"{\2}", address.route)), [{}])[0]


def row_of(name: str, route: str, family: Family, actor: str) -> str:
    if name in PEOPLE:
        return str(family.people[PEOPLE[name]].pk)
    table = table_name("sessionactionitem" if name == "item_id" and "/items/" in route else ROWS[name])
    return family.rows_of_people.get((actor, table)) or family.rows[table]


def filled(route: str, value_of: Any) -> str:
    return "/" + PARAMETER.sub(lambda found: OTHERS.get(found[2]) or value_of(found[2]), route)


@dataclass(frozen=True)
class Asking:
    """As one person: scripts ask the API, browsers the pages."""

    script: APIClient
    window: Client

    def ask(self, address: Address, path: str) -> Iterator[tuple[str, Any]]:
        """The answer to each method, with the schema's example as the body."""
        cache.clear()
        for method in METHODS:
            key: dict[str, Any] = {"HTTP_IF_MATCH": '"x"'} if method in {"PUT", "PATCH"} else {}
            if address.is_api:
                body = json.dumps(body_of(address, method))
                yield method, self.script.generic(method, path, body, content_type="application/json", **key)
            else:
                # What the page before had to say is not this one's.
                self.window.cookies.pop("messages", None)
                yield method, self.window.generic(method, path)


def asking(person: User) -> Asking:
    return Asking(token_client(person), browser(person))


def said(answer: Any, ids: list[str]) -> tuple[int, str]:
    """Status and words, without the ids that were asked for and what differs from request to request."""
    text = answer.content.decode() if not answer.streaming else "a stream"
    for each in (*ids, UNKNOWN):
        text = text.replace(each, "ID")
    text = re.sub(r'"(request_id|instance)": ?"[^"]*"|csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", text)
    return answer.status_code, text


def versions(family: Family) -> dict[tuple[str, str], str]:
    """Of each of the family's rows, the transaction that wrote it last; none once it is gone."""
    rows = [(table, key) for table, key in family.rows.items()]
    rows += [(table, key) for (_, table), key in family.rows_of_people.items()]
    found = {}
    with as_system(), connection.cursor() as cursor:
        cursor.execute(KEYS)
        keys = dict(cursor.fetchall())
        for table, key in rows:
            cursor.execute(f"SELECT xmin::text FROM {table} WHERE {keys[table]}::text = %s", [key])
            found[table, key] = (cursor.fetchone() or ("gone",))[0]
    return found


def test_every_id_in_an_address_is_known() -> None:
    named = {name for address in with_ids() for kind, name in PARAMETER.findall(address.route) if kind == "uuid"}
    assert named == {*ROWS, *PEOPLE}


@pytest.mark.parametrize("actor", ACTORS)
def test_what_is_somebody_elses_is_answered_as_what_is_not_there(world: World, actor: str) -> None:
    """As a former mentor: what the pair holds is somebody else's, too."""
    theirs = world.mine if actor == "former" else world.strange
    as_her, before = asking(world.mine.people[actor]), versions(theirs)
    told = {}
    for address in with_ids():
        if address.declared_role not in {ACTORS[actor], Role.PERSON}:
            continue
        whose = "student" if actor == "former" else actor
        ids = {
            name: row_of(name, address.route, theirs, whose)
            for _, name in PARAMETER.findall(address.route)
            if name not in OTHERS
        }
        foreign = as_her.ask(address, filled(address.route, ids.__getitem__))
        unknown = as_her.ask(address, filled(address.route, lambda _: UNKNOWN))
        for (method, answer), (_, other) in zip(foreign, unknown, strict=True):
            if said(answer, list(ids.values())) != said(other, []):
                told[method, address.route] = (answer.status_code, other.status_code)
    assert told == {}
    assert {key for key, value in versions(theirs).items() if value != before[key]} == set()


@pytest.mark.parametrize("actor", ["student", "mentor", "director"])
def test_what_is_hers_is_found(world: World, actor: str) -> None:
    """So that the answers above are not those of addresses which answer nobody."""
    as_her = asking(world.mine.people[actor])
    closed = {}
    for address in with_ids():
        if address.declared_role not in {ACTORS[actor], Role.PERSON}:
            continue
        path = filled(address.route, lambda name, route=address.route: row_of(name, route, world.mine, actor))
        _, answer = next(as_her.ask(address, path))
        if answer.status_code not in {200, 302, 405}:
            closed[address.route] = answer.status_code
    assert closed == {}


def test_every_id_in_a_body_or_a_query_is_known() -> None:
    in_bodies = {name for examples in BODIES.values() for name in named_in(examples)}
    assert in_bodies | {name for _, name in QUERIES} == set(NAMED)


@pytest.mark.parametrize("actor", ["mentor", "director"])
def test_naming_what_is_somebody_elses_is_answered_as_naming_nothing(world: World, actor: str) -> None:
    """In bodies and queries. What is hers stands in the address."""
    client, before = token_client(world.mine.people[actor]), versions(world.strange)
    foreign = {name: id_of(what, world.strange) for name, what in NAMED.items() if name not in ANY_MENTOR}
    unknown = dict.fromkeys(foreign, UNKNOWN)
    own = {name: id_of(NAMED[name], world.mine) for name in ANY_MENTOR}
    told, tried = {}, 0
    for method, path, body in _naming(actor, world):
        answers = []
        for ids in (foreign, unknown):
            cache.clear()
            answers.append(_ask(client, method, path, exchanged(body, own | ids)))
        tried += 1
        if said(answers[0], list(foreign.values())) != said(answers[1], []):
            told[method, path] = (answers[0].status_code, answers[1].status_code)
    assert tried > 5
    assert told == {}
    assert {key for key, value in versions(world.strange).items() if value != before[key]} == set()


def _naming(actor: str, world: World) -> Iterator[tuple[str, str, Any]]:
    start = f"/api/v1/{actor}/"

    def with_own_ids(path: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: row_of(found[1], path, world.mine, actor), path)

    for (method, path), examples in BODIES.items():
        for body in examples:
            if path.startswith(start) and set(named_in(body)) - ANY_MENTOR:
                yield method, with_own_ids(path), body
    for path, name in QUERIES:
        if path.startswith(start) and name not in ANY_MENTOR:
            yield "GET", with_own_ids(path), {name: UNKNOWN}


def _ask(client: Any, method: str, path: str, sent: Any) -> Any:
    if method == "GET":
        return client.get(path, sent)
    return client.generic(method, path, json.dumps(sent), content_type="application/json")
