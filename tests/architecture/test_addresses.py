"""Every address says as whom it acts, and lets nobody else in. A new one is swept without being named here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from conftest import Cast
from core.stream.paths import PATHS
from core.tenancy.identity import Role
from tests import factories
from tests.architecture.addresses import Address, addresses
from tests.database import as_system
from tests.people import browser_of
from users.models import User
from users.secrets import digest_of, new_secret

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

#: What everybody may ask for. A line more is a decision.
PUBLIC = {
    "healthz",
    "readyz",
    "metrics",
    "api/schema/",
    "api/schema/swagger-ui/",
    "api/v1/auth/login",
    "api/v1/auth/password-reset",
    "api/v1/auth/password-reset/confirm",
    "api/v1/auth/invitation/accept",
    "sign-in",
    "forgot-password",
    "calendar/<str:secret>.ics",
    "set-password/<purpose:purpose>/<str:token>",
}


def token_client(person: User | None) -> APIClient:
    client = APIClient(raise_request_exception=False)
    if person is not None:
        secret = new_secret()
        with as_system():
            person.access_tokens.create(name="sweep", digest=digest_of(secret), created_at=person.created_at)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def browser(person: User | None) -> Client:
    client = Client() if person is None else browser_of(person)
    client.raise_request_exception = False
    return client


def asked(person: User | None, found: Iterable[Address]) -> dict[tuple[str, str], Any]:
    """What each address answers to each method with an empty body: scripts ask the API, browsers the pages."""
    cache.clear()
    answers: dict[tuple[str, str], Any] = {}
    script = token_client(person)
    for address in found:
        for method in METHODS:
            if address.is_api:
                answer: Any = script.generic(method, address.path, "{}", content_type="application/json")
            else:
                # Signing out is one of the pages: each gets a session of its own.
                answer = browser(person).generic(method, address.path)
            answers[method, address.route] = answer
    return answers


def statuses(answers: dict[tuple[str, str], Any]) -> dict[tuple[str, str], int]:
    return {asked_for: answer.status_code for asked_for, answer in answers.items()}


def closed() -> list[Address]:
    return [address for address in addresses() if address.route not in PUBLIC]


def people_by_role(cast: Cast) -> dict[Role, User]:
    with as_system():
        plain = factories.UserFactory()
    return {
        Role.PERSON: plain,
        Role.STUDENT: cast.student,
        Role.MENTOR: cast.mentor,
        Role.DIRECTOR: cast.director,
        Role.ADMIN: cast.admin,
    }


def test_the_walk_finds_the_seven_that_frontends_know() -> None:
    assert {
        "api/v1/mentor/dashboard",
        "api/v1/mentor/dashboard/stream",
        "api/v1/mentor/workqueue",
        "api/v1/mentor/mentees/<uuid:mentee_id>/cockpit",
        "api/v1/mentor/sessions",
        "api/v1/mentor/missions/<uuid:submission_id>/review",
        "api/v1/mentor/flags",
    } <= {address.route for address in addresses()}


def test_every_stream_has_an_address_where_no_stream_server_takes_it() -> None:
    assert {path.lstrip("/") for path in PATHS} == {
        address.route for address in addresses() if address.route.endswith("/stream")
    }


def test_every_view_says_as_whom_it_acts() -> None:
    assert [address.route for address in addresses() if address.declared_role is None] == []


def test_no_view_acts_as_the_system() -> None:
    assert [address.route for address in addresses() if address.declared_role is Role.SYSTEM] == []


def test_what_acts_as_nobody_is_what_is_public() -> None:
    assert {address.route for address in addresses() if address.declared_role is Role.ANON} == PUBLIC


def test_the_signed_out_get_401_from_the_api(db: None) -> None:
    found = statuses(asked(None, [address for address in closed() if address.is_api]))
    assert {asked_for: status for asked_for, status in found.items() if status != 401} == {}


def test_the_signed_out_are_led_from_pages_to_the_sign_in(db: None) -> None:
    answers = asked(None, [address for address in closed() if not address.is_api])
    sign_in = reverse("sign-in")
    elsewhere = {
        asked_for: (answer.status_code, answer.get("Location", ""))
        for asked_for, answer in answers.items()
        if answer.status_code != 405 and not (answer.status_code == 302 and answer["Location"].startswith(sign_in))
    }
    assert elsewhere == {}
    assert {answers["GET", address.route].status_code for address in closed() if not address.is_api} <= {302, 405}


def test_public_addresses_break_at_nothing(db: None) -> None:
    found = statuses(asked(None, [address for address in addresses() if address.route in PUBLIC]))
    # Migrations are applied and the database is there; without a worker the rest is degraded, which is 200.
    assert {asked_for: status for asked_for, status in found.items() if status >= 500} == {}


@pytest.mark.parametrize("held", [Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR, Role.ADMIN])
def test_whoever_does_not_hold_the_role_gets_403(cast: Cast, held: Role) -> None:
    others = [address for address in closed() if address.declared_role not in {held, Role.PERSON}]
    found = statuses(asked(people_by_role(cast)[held], others))
    assert found
    assert {asked_for: status for asked_for, status in found.items() if status not in {403, 405}} == {}
    assert {status for (method, route), status in found.items() if method == "GET" and "api/" in route} <= {403}


@pytest.mark.parametrize("held", [Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR])
def test_unknown_ids_and_empty_bodies_break_nothing(cast: Cast, held: Role) -> None:
    hers = [address for address in closed() if address.declared_role is held]
    found = statuses(asked(people_by_role(cast)[held], hers))
    assert {asked_for: status for asked_for, status in found.items() if status >= 500} == {}
    unknown = {
        asked_for: status
        for asked_for, status in found.items()
        if asked_for[0] == "GET" and "<uuid" in asked_for[1] and status not in {404, 405}
    }
    assert unknown == {}
