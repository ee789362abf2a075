"""What somebody sends who means harm: everywhere an answer below 500, and nothing that was not hers to change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from conftest import Cast
from core.tenancy.identity import Role
from missions.models import MissionSubmission, SubmissionFile
from tests import factories
from tests.architecture.addresses import Address, addresses
from tests.architecture.test_addresses import browser, token_client
from tests.database import as_system
from tests.people import browser_of
from tests.tenancy.test_endpoints import BODIES, PARAMETER, filled, row_of, world
from tests.tenancy.world import World
from users.models import User

__all__ = ["world"]

Api = Callable[[User | None], APIClient]
ROLES: Final = {
    "person": Role.PERSON, "student": Role.STUDENT, "mentor": Role.MENTOR, "director": Role.DIRECTOR,
}  # fmt: skip
#: Right-to-left overrides, a bell, an escape, an isolate: text that hides what it says.
HIDING: Final = "\u202egnp.exe\u202c \u2066x\u2069 \x07 \x1b[2J \ufeff"
#: What a body must not be able to set.
FORBIDDEN: Final = {
    "id": "00000000-0000-7000-8000-000000000002", "is_staff": True, "is_mentor": True, "is_active": False,
    "mentor": "00000000-0000-7000-8000-000000000003", "student": "x", "reviewer": "x", "author": "x", "by": "x",
    "state": "approved", "status": "completed", "director_notified": True, "mentor_max_mentees": 999, "revision": 99,
    "created_at": "2001-01-01T00:00:00Z", "role": "admin", "roles": ["admin"], "acts_as": "admin",
}  # fmt: skip


def with_bodies(role: Role) -> Iterator[tuple[str, Address, Any]]:
    """(method, address, example body) of what a role may send."""
    for address in addresses():
        path = "/" + PARAMETER.sub(r"{\2}", address.route)
        for (method, known), examples in BODIES.items():
            if known == path and address.declared_role is role:
                yield method, address, examples[0]


def replaced(value: Any, text: str) -> Any:
    """The body with every string of it changed."""
    if isinstance(value, dict):
        return {key: replaced(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, text) for each in value]
    return f"{value}{text}" if isinstance(value, str) else value


Send = Callable[[Address, str, str, str], Any]


def sender(world: World, actor: str) -> Send:
    """Asks as the actor, with ids of her own rows in the address: of an address, a method, a body, its type."""
    client = token_client(world.mine.people[actor])

    def send(address: Address, method: str, body: str, kind: str) -> Any:
        cache.clear()
        path = filled(address.route, lambda name: row_of(name, address.route, world.mine, actor))
        return client.generic(method, path, body, content_type=kind)

    return send


@pytest.mark.parametrize("actor", ROLES)
def test_bodies_of_every_kind_are_answered(world: World, actor: str) -> None:
    wrong, send = [], sender(world, actor)
    for method, address, body in with_bodies(ROLES[actor]):
        tries = {
            "hiding text": (json.dumps(replaced(body, HIDING)), "application/json", range(200, 500)),
            "a NUL": (json.dumps(replaced(body, "\x00")), "application/json", range(200, 500)),
            "half a surrogate": (json.dumps(body)[:-1] + ', "x": "\\ud800"}', "application/json", (400, 428)),
            "too deep": ('{"a":' * 5000 + "1" + "}" * 5000, "application/json", (400, 428)),
            "a list": ("[]", "application/json", (400, 428)),
            "a number": ("1e999", "application/json", (400, 428)),
            "no JSON": ("{", "application/json", (400, 428)),
            "another kind": (json.dumps(body), "application/xml", (415, 428)),
            "no kind": (json.dumps(body), "", (400, 415, 428)),
            "too much": (" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), "application/json", (400, 413, 428)),
        }
        for name, (content, kind, allowed) in tries.items():
            status = send(address, method, content, kind).status_code
            if status not in allowed:
                wrong.append(f"{method} {address.route} with {name}: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("actor", ROLES)
def test_nothing_is_set_that_the_body_may_not_name(world: World, actor: str) -> None:
    """Mass assignment: the example with every forbidden name added does what the example does, and no more."""
    wrong, send = [], sender(world, actor)
    for method, address, body in with_bodies(ROLES[actor]):
        if isinstance(body, dict):
            answer = send(address, method, json.dumps({**FORBIDDEN, **body}), "application/json")
            if answer.status_code >= 500:
                wrong.append(f"{method} {address.route}: {answer.status_code}")
    assert wrong == []
    with as_system():
        for name, person in world.mine.people.items():
            now = User.objects.get(pk=person.pk)
            kept = ("is_staff", "is_mentor", "is_active", "mentor_max_mentees", "created_at", "email")
            assert [getattr(now, each) for each in kept] == [getattr(person, each) for each in kept], name
        if actor == "student":
            assert not MissionSubmission.objects.filter(state="approved").exists()


@pytest.mark.parametrize("actor", ["student", "mentor", "director"])
def test_pages_take_hostile_forms(world: World, actor: str) -> None:
    names = ("text", "title", "name", "reason", "key", "to", "q", "items", "mentor", "done", "later", "wake", "day")
    wrong, window = [], browser(world.mine.people[actor])
    for address in addresses():
        if address.is_api or address.declared_role is not ROLES[actor] or "stream" in address.route:
            continue
        path = filled(address.route, lambda name, route=address.route: row_of(name, route, world.mine, actor))
        for text in ("\x00", HIDING, "x" * 3_000, "%27%22--", "../../etc/passwd"):
            fields = dict.fromkeys(names, text)
            statuses = [answer.status_code for answer in (window.post(path, fields), window.get(path, fields))]
            if max(statuses) >= 500:
                wrong.append(f"{address.route} {text[:10]!r}: {statuses}")
    assert wrong == []


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\x.exe", "a\r\nSet-Cookie: x=1", '"; filename=evil', "\u202egnp.exe", "x" * 400],
)
def test_a_files_name_leads_nowhere_and_splits_no_header(cast: Cast, api: Api, name: str) -> None:
    student = browser_of(cast.student)
    page = f"/student/missions/{cast.mission.pk}"
    assert student.post(page, {"text": "", "files": SimpleUploadedFile(name, b"content")}).status_code in {302, 400}
    with as_system():
        for file in SubmissionFile.objects.all():
            answer = api(cast.student).get(f"/api/v1/missions/files/{file.pk}")
            assert not re.search(r"[\r\n\\/\u202e]", file.name)
            assert "Set-Cookie: x" not in str(answer.headers)
            assert answer["Content-Disposition"].startswith("attachment")
            assert str(file.content.name).startswith("submissions/")


def test_a_file_above_the_limit_is_refused_in_words(cast: Cast) -> None:
    big = SimpleUploadedFile("big.bin", b"x" * (settings.UPLOAD_MAX_BYTES + 1))
    answer = browser_of(cast.student).post(f"/student/missions/{cast.mission.pk}", {"text": "", "files": big})
    assert answer.status_code in {400, 413}
    assert "MB" in answer.content.decode()
    with as_system():
        assert not SubmissionFile.objects.exists()


@pytest.mark.parametrize("cookie", ["x", "", "\x00", "A" * 5000, "'; DROP TABLE users_user; --"])
def test_a_cookie_that_was_tampered_with_is_nobodys(db: None, cookie: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert client.get("/mentor")["Location"].startswith("/sign-in")


@pytest.mark.parametrize("token", ["", "x", "Bearer", "\x00", "A" * 5000, "Bearer  ", "Basic YTpi"])
def test_a_token_that_was_tampered_with_is_nobodys(db: None, token: str) -> None:
    for header in (token, f"Bearer {token}"):
        assert APIClient().get("/api/v1/users/me", HTTP_AUTHORIZATION=header).status_code == 401


def test_a_token_changed_by_one_sign_opens_nothing(cast: Cast) -> None:
    client = token_client(cast.mentor)
    header: str = client._credentials["HTTP_AUTHORIZATION"]  # type: ignore[attr-defined]
    other = header[:-1] + ("A" if header[-1] != "A" else "B")
    assert client.get("/api/v1/users/me").status_code == 200
    assert APIClient().get("/api/v1/users/me", HTTP_AUTHORIZATION=other).status_code == 401


def test_signing_in_changes_the_session(cast: Cast) -> None:
    """Session fixation: a cookie that was there before is not the one that is signed in."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = "p" * 32
    client.post("/sign-in", {"email": cast.mentor.email, "password": factories.PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert stranger.get("/mentor").status_code == 302


def test_every_form_wants_its_token(cast: Cast) -> None:
    """CSRF: no page takes a form that did not come from it."""
    taken = []
    for address in addresses():
        if address.is_api or "<uuid" in address.route or address.declared_role not in {Role.MENTOR, Role.PERSON}:
            continue
        client = browser_of(cast.mentor, enforce_csrf=True)
        if client.post("/" + address.route, {"name": "x"}).status_code not in {403, 404, 405}:
            taken.append(address.route)
    assert taken == []


@pytest.mark.parametrize("request_id", ["a\r\nX: 1", "x" * 500, "<script>", "\x00"])
def test_a_request_id_is_not_repeated_as_it_came(db: None, request_id: str) -> None:
    assert Client().get("/healthz", HTTP_X_REQUEST_ID=request_id)["X-Request-ID"] != request_id


def test_a_feed_address_cannot_be_guessed(db: None) -> None:
    answers = {Client().get(f"/calendar/{guess}.ics").status_code for guess in ("x", "A" * 43, "%00", "..")}
    assert answers == {404}
