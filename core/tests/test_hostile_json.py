"""What no client of good will sends answers 400, never 500."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from tests.people import browser_of
from users.models import User

Api = Callable[[User | None], APIClient]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 60 + b"]" * 60,
        b'{"reason": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"reason": NaN}',
        b"\xff\xfe",
        b"9" * 10_000,
        b"null",
    ],
)
def test_in_a_body(cast: Cast, api: Api, body: bytes) -> None:
    answer = api(cast.mentor).post("/api/v1/mentor/flags", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("cursor", ["eA==", "cD1ub3Q=", "x", "bz0xJnA9eA=="])
@pytest.mark.parametrize("path", ["auth/tokens", "mentor/mentees", "mentor/workqueue", "notifications"])
def test_in_a_cursor(cast: Cast, api: Api, path: str, cursor: str) -> None:
    assert api(cast.mentor).get(f"/api/v1/{path}", {"cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/admin/mentorship_coordination/mentorabsence/add/?mentor=x",
        "/admin/users/user/?q=%00",
        "/admin/users/enrolment/?cohort__id__exact=x",
        "/admin/mentorship_coordination/mentorworkqueue/?status__exact=%00",
    ],
)
def test_in_an_address_of_the_admin(cast: Cast, address: str) -> None:
    assert browser_of(cast.admin).get(address, follow=True).status_code in {200, 400}


def test_in_the_address_of_the_schema(db: None) -> None:
    answer = APIClient().get("/api/schema/", {"version": "1\r\nX-Evil: 1"})
    assert answer.status_code in {200, 404, 406}
    assert "X-Evil" not in answer
