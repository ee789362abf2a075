"""POST auth/login and auth/logout."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connections
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from tests.database import as_system
from tests.factories import PASSWORD, UserFactory
from users.models import Credential, LoginAttempt, LoginSession, User
from users.secrets import digest_of

LOGIN = "/api/v1/auth/login"
ME = "/api/v1/users/me"


def log_in(client: APIClient, person: User, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"email": person.email, "password": password}, **extra)


def attempts() -> int:
    with as_system():
        return LoginAttempt.objects.count()


def test_signs_in_with_the_roles_and_a_session_cookie(cast: Cast) -> None:
    client = APIClient()

    answer = log_in(client, cast.mentor)

    assert answer.status_code == 200
    body = answer.json()
    assert body["id"] == str(cast.mentor.pk)
    assert body["name"] == "Tomas Berg"
    assert body["roles"] == ["mentor"]
    assert answer.cookies["sessionid"]["httponly"]
    assert answer.cookies["sessionid"]["samesite"] == "Lax"
    assert "csrftoken" in answer.cookies
    assert client.get(ME).json()["email"] == cast.mentor.email


def test_takes_a_password_that_was_kept_by_an_older_way(cast: Cast) -> None:
    kept = make_password(PASSWORD, hasher="pbkdf2_sha256")
    with as_system():
        Credential.objects.filter(user=cast.mentor).update(password=kept)
    assert log_in(APIClient(), cast.mentor).status_code == 200
    assert log_in(APIClient(), cast.mentor, "wrong horse battery").status_code == 401


def test_takes_the_address_in_any_case(cast: Cast) -> None:
    answer = APIClient().post(LOGIN, {"email": f" {cast.mentor.email.upper()} ", "password": PASSWORD})

    assert answer.status_code == 200


@pytest.mark.parametrize("person", ["wrong_password", "unknown", "inactive", "invited"])
def test_refuses_with_one_and_the_same_answer(cast: Cast, person: str) -> None:
    given = {"email": cast.mentor.email, "password": PASSWORD}
    with as_system():
        if person == "wrong_password":
            given["password"] = "wrong horse battery"
        elif person == "unknown":
            given["email"] = "nobody@academy.example"
        elif person == "inactive":
            User.objects.filter(pk=cast.mentor.pk).update(is_active=False)
        else:
            Credential.objects.filter(user=cast.mentor).delete()
    client = APIClient()

    answer = client.post(LOGIN, given)

    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_credentials"
    assert answer.json()["detail"] == "E-mail and password do not match."
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mentorship"'
    assert "sessionid" not in answer.cookies
    assert client.get(ME).status_code == 401


def test_hashes_a_password_for_an_unknown_address_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr("users.backends.make_password", hashed.append)

    APIClient().post(LOGIN, {"email": "nobody@academy.example", "password": "guess the password"})

    assert hashed == ["guess the password"]


def test_closes_the_account_after_the_allowed_failures_and_opens_it_after_the_window(cast: Cast) -> None:
    client, start = APIClient(), clock.now()
    for _ in range(settings.LOGIN_FAILURES_ALLOWED):
        with clock.pinned(start):
            assert log_in(client, cast.mentor, "wrong").status_code == 401

    with clock.pinned(start + timedelta(minutes=5)):
        locked = log_in(client, cast.mentor)
    with clock.pinned(start + settings.LOGIN_LOCKOUT):
        opened = log_in(client, cast.mentor)

    assert locked.status_code == 429
    assert locked.json()["code"] == "too_many_attempts"
    assert locked.headers["Retry-After"] == "600"
    assert opened.status_code == 200


def test_closes_an_unknown_account_alike(db: None) -> None:
    given = {"email": "nobody@academy.example", "password": "wrong"}

    answers = [APIClient().post(LOGIN, given).status_code for _ in range(settings.LOGIN_FAILURES_ALLOWED + 1)]

    assert answers == [401] * settings.LOGIN_FAILURES_ALLOWED + [429]


def test_leaves_other_accounts_open(cast: Cast) -> None:
    for _ in range(settings.LOGIN_FAILURES_ALLOWED):
        log_in(APIClient(), cast.mentor, "wrong")

    assert log_in(APIClient(), cast.student).status_code == 200


def test_a_success_gives_the_tries_back(cast: Cast) -> None:
    for _ in range(settings.LOGIN_FAILURES_ALLOWED - 1):
        log_in(APIClient(), cast.mentor, "wrong")
    assert log_in(APIClient(), cast.mentor).status_code == 200

    answers = [
        log_in(APIClient(), cast.mentor, "wrong").status_code for _ in range(settings.LOGIN_FAILURES_ALLOWED + 1)
    ]

    assert answers == [401] * settings.LOGIN_FAILURES_ALLOWED + [429]


def test_closes_an_address_that_tries_many_accounts(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LOGIN_FAILURES_ALLOWED = 2
    monkeypatch.setattr("users.backends.make_password", len)
    for number in range(10):
        given = {"email": f"nobody{number}@academy.example", "password": "wrong"}
        assert APIClient().post(LOGIN, given, REMOTE_ADDR="2001:db8::1").status_code == 401

    from_the_network = log_in(APIClient(), cast.mentor, REMOTE_ADDR="2001:db8::77")
    from_elsewhere = log_in(APIClient(), cast.mentor, REMOTE_ADDR="2001:db8:1::1")

    assert from_the_network.status_code == 429
    assert from_elsewhere.status_code == 200


def test_guesses_sent_at_once_cannot_overtake_the_lock(cast: Cast, settings: Any) -> None:
    settings.LOGIN_FAILURES_ALLOWED = 3

    def guess(number: int) -> int:
        try:
            return int(log_in(APIClient(), cast.mentor, f"guess {number}").status_code)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(24)))

    assert answers.count(401) <= 3
    assert answers.count(401) + answers.count(429) == 24


def test_takes_a_fresh_key_at_sign_in(cast: Cast) -> None:
    client = APIClient()
    log_in(client, cast.mentor)
    planted = client.cookies["sessionid"].value

    log_in(client, cast.mentor)

    assert client.cookies["sessionid"].value != planted
    with as_system():
        keys = [bytes(key) for key in LoginSession.objects.values_list("key_digest", flat=True)]
    assert keys == [digest_of(client.cookies["sessionid"].value)]


def test_the_row_of_the_session_carries_the_version(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(auth_version=7)

    log_in(APIClient(), cast.mentor)

    with as_system():
        assert LoginSession.objects.values_list("user_id", "auth_version").get() == (cast.mentor.pk, 7)


def test_the_session_ends_when_the_version_rises(cast: Cast) -> None:
    client = APIClient()
    log_in(client, cast.mentor)
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(auth_version=2)

    assert client.get(ME).status_code == 401


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"email": "mentor@academy.example"},
        {"email": "no address", "password": PASSWORD},
        {"email": ["a@b.example"], "password": PASSWORD},
        {"email": "a@b.example", "password": "\x00"},
        {"email": "a@b.example", "password": "x" * 1001},
    ],
)
def test_refuses_a_malformed_request(db: None, given: dict[str, Any]) -> None:
    answer = APIClient().post(LOGIN, given)

    assert answer.status_code == 400
    assert attempts() == 0


def test_signs_out_and_the_key_opens_nothing(cast: Cast) -> None:
    client = APIClient()
    log_in(client, cast.mentor)
    key = client.cookies["sessionid"].value

    answer = client.post("/api/v1/auth/logout")

    assert answer.status_code == 204
    client.cookies["sessionid"] = key
    assert client.get(ME).status_code == 401
    with as_system():
        assert not LoginSession.objects.exists()


def test_signing_out_needs_somebody_signed_in(db: None) -> None:
    assert APIClient().post("/api/v1/auth/logout").status_code == 401


def test_a_token_cannot_be_signed_out(cast: Cast, api: Callable[[User | None], APIClient]) -> None:
    answer = api(cast.mentor).post("/api/v1/auth/logout")

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_session")


def test_a_browser_needs_the_csrf_token(cast: Cast) -> None:
    client = APIClient(enforce_csrf_checks=True)
    assert log_in(client, cast.mentor).status_code == 200
    body = {"name": "cron"}

    without = client.post("/api/v1/auth/tokens", body)
    wrong = client.post("/api/v1/auth/tokens", body, HTTP_X_CSRFTOKEN="x" * 32)
    right = client.post("/api/v1/auth/tokens", body, HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)

    assert (without.status_code, wrong.status_code, right.status_code) == (403, 403, 201)
    assert client.post("/api/v1/auth/logout").status_code == 403
    assert client.get(ME).status_code == 200


def test_another_origin_cannot_use_the_csrf_token(cast: Cast) -> None:
    client = APIClient(enforce_csrf_checks=True)
    log_in(client, cast.mentor)

    answer = client.post(
        "/api/v1/auth/logout",
        HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value,
        HTTP_ORIGIN="https://evil.example",
    )

    assert answer.status_code == 403


def test_a_script_needs_no_csrf_token(cast: Cast, api: Callable[[User | None], APIClient]) -> None:
    client = api(cast.mentor)
    client.handler.enforce_csrf_checks = True

    assert client.post("/api/v1/auth/tokens", {"name": "cron"}).status_code == 201


def test_a_form_of_another_site_cannot_sign_in(cast: Cast) -> None:
    answer = APIClient().post(LOGIN, {"email": cast.mentor.email, "password": PASSWORD}, format="multipart")

    assert answer.status_code == 415


def test_counts_roles_of_one_person(db: None) -> None:
    with as_system():
        person = UserFactory(is_mentor=True, is_staff=True)

    assert log_in(APIClient(), person).json()["roles"] == ["mentor", "admin"]
