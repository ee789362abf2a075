"""GET and POST auth/tokens, DELETE auth/tokens/{id}."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from core.identifiers import new_id
from core.models import IdempotencyKey
from tests.database import as_system
from users.actions.access_tokens import MOST_TOKENS
from users.models import AccessToken, User
from users.secrets import digest_of

Api = Callable[[User | None], APIClient]
TOKENS = "/api/v1/auth/tokens"
ME = "/api/v1/users/me"


def bearer(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_shows_the_secret_once_and_keeps_its_digest(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)

    answer = client.post(TOKENS, {"name": "gradebook"})

    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"id", "name", "created_at", "expires_at", "token"}
    assert (body["name"], body["expires_at"]) == ("gradebook", None)
    assert answer.headers["Cache-Control"] == "no-store"
    assert bearer(body["token"]).get(ME).json()["id"] == str(cast.mentor.pk)
    assert body["token"] not in client.get(TOKENS).content.decode()
    with as_system():
        assert bytes(AccessToken.objects.get(pk=body["id"]).digest) == digest_of(body["token"])


def test_a_token_expires(cast: Cast, api: Api) -> None:
    ends = clock.now() + timedelta(hours=1)
    secret = api(cast.mentor).post(TOKENS, {"name": "brief", "expires_at": ends.isoformat()}).json()["token"]

    with clock.pinned(ends - timedelta(seconds=1)):
        before = bearer(secret).get(ME)
    with clock.pinned(ends):
        after = bearer(secret).get(ME)

    assert before.status_code == 200
    assert (after.status_code, after.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "expires_at": "2099-01-01T00:00:00"}, "expires_at"),
        ({"name": "x", "expires_at": "2099-13-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "expires_at": 5}, "expires_at"),
    ],
)
def test_refuses_bad_input_and_names_the_field(cast: Cast, api: Api, given: Any, field: str) -> None:
    answer = api(cast.mentor).post(TOKENS, given)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    with as_system():
        assert AccessToken.objects.count() == 1


def test_a_revoked_token_opens_nothing(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    made = client.post(TOKENS, {"name": "gradebook"}).json()

    answer = client.delete(f"{TOKENS}/{made['id']}")

    assert answer.status_code == 204
    assert bearer(made["token"]).get(ME).status_code == 401
    assert [token["name"] for token in client.get(TOKENS).json()["results"]] == ["test"]
    assert client.delete(f"{TOKENS}/{made['id']}").status_code == 404


def test_the_stranger_cannot_revoke_it(cast: Cast, api: Api) -> None:
    made = api(cast.mentor).post(TOKENS, {"name": "gradebook"}).json()

    for person in (cast.stranger, cast.director, cast.admin):
        assert api(person).delete(f"{TOKENS}/{made['id']}").status_code == 404

    assert bearer(made["token"]).get(ME).status_code == 200


def test_lists_only_the_own_ones(cast: Cast, api: Api) -> None:
    api(cast.mentor).post(TOKENS, {"name": "gradebook"})

    assert [token["name"] for token in api(cast.stranger).get(TOKENS).json()["results"]] == ["test"]


def test_a_retry_makes_no_second_token_and_keeps_no_secret(cast: Cast, api: Api) -> None:
    client, key = api(cast.mentor), {"HTTP_IDEMPOTENCY_KEY": "token-1"}

    first = client.post(TOKENS, {"name": "gradebook"}, **key)  # type: ignore[arg-type]
    again = client.post(TOKENS, {"name": "gradebook"}, **key)  # type: ignore[arg-type]

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() | {"token": None}
    with as_system():
        assert AccessToken.objects.filter(name="gradebook").count() == 1
        assert first.json()["token"] not in str(IdempotencyKey.objects.values().get())


def test_refuses_more_than_the_limit(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    with as_system():
        AccessToken.objects.bulk_create(
            AccessToken(user=cast.mentor, name="t", digest=digest_of(str(n)), created_at=clock.now())
            for n in range(MOST_TOKENS - 1)
        )

    answer = client.post(TOKENS, {"name": "one more"})

    assert (answer.status_code, answer.json()["code"]) == (409, "token_limit_reached")


def test_signed_out_is_401(db: None) -> None:
    client = APIClient()

    assert client.get(TOKENS).status_code == 401
    assert client.post(TOKENS, {"name": "x"}).status_code == 401
    assert client.delete(f"{TOKENS}/{new_id()}").status_code == 401


def test_an_id_that_is_none_is_404(cast: Cast, api: Api) -> None:
    assert api(cast.mentor).delete(f"{TOKENS}/17").status_code == 404


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_with_constant_queries(
    cast: Cast, api: Api, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    client = api(cast.mentor)
    with as_system():
        AccessToken.objects.bulk_create(
            AccessToken(user=cast.mentor, name="t", digest=digest_of(str(n)), created_at=clock.now())
            for n in range(rows - 1)
        )

    # The token, BEGIN, the page, COMMIT.
    with django_assert_num_queries(4):
        assert len(client.get(TOKENS).json()["results"]) == rows


def test_an_unknown_filter_is_400(cast: Cast, api: Api) -> None:
    assert api(cast.mentor).get(TOKENS, {"nmae": "x"}).status_code == 400


def test_answers_304_for_what_the_caller_has(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    tag = client.get(TOKENS).headers["ETag"]

    assert client.get(TOKENS, HTTP_IF_NONE_MATCH=tag).status_code == 304
