"""POST auth/password, auth/password-reset, auth/password-reset/confirm and auth/invitation/accept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core import mail
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from tests.database import as_system, as_worker
from tests.factories import PASSWORD
from users.actions.invitations import invite
from users.enums import TokenPurpose
from users.models import Credential, OneTimeToken, User
from users.tasks import send_one_time_tokens

LOGIN = "/api/v1/auth/login"
ME = "/api/v1/users/me"
CHANGE = "/api/v1/auth/password"
RESET = "/api/v1/auth/password-reset"
CONFIRM = "/api/v1/auth/password-reset/confirm"
ACCEPT = "/api/v1/auth/invitation/accept"
NEW = "seven quiet llamas"


def browser(person: User, password: str = PASSWORD) -> APIClient:
    client = APIClient()
    assert client.post(LOGIN, {"email": person.email, "password": password}).status_code == 200
    return client


def can_sign_in(person: User, password: str) -> bool:
    return APIClient().post(LOGIN, {"email": person.email, "password": password}).status_code == 200


def mailed_secret() -> str:
    """The secret of the link in the newest mail, after the waiting ones were sent."""
    with as_worker():
        send_one_time_tokens()
    link = next(line for line in str(mail.outbox[-1].body).splitlines() if line.startswith("http"))
    return link.rsplit("/", 1)[1]


def invited(person: User) -> str:
    with as_system():
        Credential.objects.filter(user=person).delete()
        invite(person_id=person.pk, by=None, at=clock.now())
    return mailed_secret()


def test_changes_it_and_keeps_only_this_session(cast: Cast) -> None:
    here, elsewhere = browser(cast.mentor), browser(cast.mentor)
    before = here.cookies["sessionid"].value

    answer = here.post(CHANGE, {"current_password": PASSWORD, "new_password": NEW})

    assert answer.status_code == 204
    assert here.get(ME).status_code == 200
    assert here.cookies["sessionid"].value != before
    assert elsewhere.get(ME).status_code == 401
    assert not can_sign_in(cast.mentor, PASSWORD)
    assert can_sign_in(cast.mentor, NEW)


def test_changes_it_by_a_token_and_ends_every_session(cast: Cast, api: Callable[[User | None], APIClient]) -> None:
    elsewhere = browser(cast.mentor)

    answer = api(cast.mentor).post(CHANGE, {"current_password": PASSWORD, "new_password": NEW})

    assert answer.status_code == 204
    assert elsewhere.get(ME).status_code == 401
    assert can_sign_in(cast.mentor, NEW)


def test_a_token_of_one_person_leaves_the_session_of_another_alone(
    cast: Cast, api: Callable[[User | None], APIClient]
) -> None:
    client = browser(cast.student)
    token = api(cast.mentor).post("/api/v1/auth/tokens", {"name": "script"}).json()["token"]

    answer = client.post(
        CHANGE, {"current_password": PASSWORD, "new_password": NEW}, HTTP_AUTHORIZATION=f"Bearer {token}"
    )

    assert answer.status_code == 204
    assert client.get(ME).json()["email"] == cast.student.email


def test_refuses_a_wrong_current_password_and_counts_it(cast: Cast) -> None:
    client = browser(cast.mentor)
    given = {"current_password": "wrong", "new_password": NEW}

    answers = [client.post(CHANGE, given) for _ in range(settings.LOGIN_FAILURES_ALLOWED + 1)]

    assert [answer.status_code for answer in answers] == [400] * settings.LOGIN_FAILURES_ALLOWED + [429]
    assert answers[0].json()["code"] == "wrong_password"
    assert answers[0].json()["errors"][0]["field"] == "current_password"
    with as_system():
        assert User.objects.get(pk=cast.mentor.pk).auth_version == 1


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password123", ""])
def test_refuses_a_weak_new_password(cast: Cast, weak: str) -> None:
    answer = browser(cast.mentor).post(CHANGE, {"current_password": PASSWORD, "new_password": weak})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "new_password"
    assert can_sign_in(cast.mentor, PASSWORD)


def test_refuses_a_password_like_the_address(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(email="quietllamas@academy.example")
    cast.mentor.email = "quietllamas@academy.example"

    answer = browser(cast.mentor).post(CHANGE, {"current_password": PASSWORD, "new_password": "quietllamas1"})

    assert (answer.status_code, answer.json()["code"]) == (400, "weak_password")


def test_changing_needs_somebody_signed_in(db: None) -> None:
    given = {"current_password": PASSWORD, "new_password": NEW}

    assert APIClient().post(CHANGE, given).status_code == 401


def test_a_reset_answers_alike_for_known_and_unknown_addresses(cast: Cast) -> None:
    known = APIClient().post(RESET, {"email": cast.mentor.email})
    unknown = APIClient().post(RESET, {"email": "nobody@academy.example"})

    assert (known.status_code, unknown.status_code) == (202, 202)
    assert known.content == unknown.content == b""
    with as_system():
        assert OneTimeToken.objects.values_list("user_id", "purpose").get() == (
            cast.mentor.pk,
            "password_reset",
        )


def test_a_reset_is_mailed_once_in_five_minutes(cast: Cast) -> None:
    start = clock.now()
    for minutes in (0, 1, 4, 6):
        with clock.pinned(start + timedelta(minutes=minutes)):
            assert APIClient().post(RESET, {"email": cast.mentor.email}).status_code == 202
            with as_worker():
                send_one_time_tokens()

    assert [message.to for message in mail.outbox] == [[cast.mentor.email]] * 2


def test_a_closed_account_gets_no_reset(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(is_active=False)

    assert APIClient().post(RESET, {"email": cast.mentor.email}).status_code == 202

    with as_system():
        assert not OneTimeToken.objects.exists()


def test_a_mailed_link_sets_the_password_and_ends_all_sessions(cast: Cast) -> None:
    elsewhere = browser(cast.mentor)
    APIClient().post(RESET, {"email": cast.mentor.email.upper()})

    answer = APIClient().post(CONFIRM, {"token": mailed_secret(), "password": NEW})

    assert answer.status_code == 204
    assert elsewhere.get(ME).status_code == 401
    assert can_sign_in(cast.mentor, NEW)
    assert not can_sign_in(cast.mentor, PASSWORD)


def test_a_reset_opens_an_account_that_guesses_have_closed(cast: Cast) -> None:
    for _ in range(settings.LOGIN_FAILURES_ALLOWED):
        assert not can_sign_in(cast.mentor, "wrong")
    APIClient().post(RESET, {"email": cast.mentor.email})

    APIClient().post(CONFIRM, {"token": mailed_secret(), "password": NEW})

    assert can_sign_in(cast.mentor, NEW)


def test_a_link_works_once(cast: Cast) -> None:
    APIClient().post(RESET, {"email": cast.mentor.email})
    given = {"token": mailed_secret(), "password": NEW}
    APIClient().post(CONFIRM, given)

    again = APIClient().post(CONFIRM, given | {"password": "another quiet llama"})

    assert (again.status_code, again.json()["code"]) == (400, "invalid_token")
    assert can_sign_in(cast.mentor, NEW)


def test_a_link_expires(cast: Cast) -> None:
    start = clock.now()
    with clock.pinned(start):
        APIClient().post(RESET, {"email": cast.mentor.email})
        secret = mailed_secret()

    with clock.pinned(start + settings.PASSWORD_RESET_LIFETIME):
        answer = APIClient().post(CONFIRM, {"token": secret, "password": NEW})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_token")
    assert can_sign_in(cast.mentor, PASSWORD)


def test_a_weak_password_does_not_use_the_link_up(cast: Cast) -> None:
    APIClient().post(RESET, {"email": cast.mentor.email})
    secret = mailed_secret()

    weak = APIClient().post(CONFIRM, {"token": secret, "password": "short"})
    good = APIClient().post(CONFIRM, {"token": secret, "password": NEW})

    assert (weak.status_code, weak.json()["code"]) == (400, "weak_password")
    assert good.status_code == 204


def test_an_invited_person_gets_in_by_the_link_alone(cast: Cast) -> None:
    secret = invited(cast.student)
    assert not can_sign_in(cast.student, PASSWORD)

    as_reset = APIClient().post(CONFIRM, {"token": secret, "password": NEW})
    accepted = APIClient().post(ACCEPT, {"token": secret, "password": NEW})

    assert as_reset.status_code == 400
    assert accepted.status_code == 204
    assert can_sign_in(cast.student, NEW)


def test_an_older_invitation_dies_with_the_newer(cast: Cast) -> None:
    older = invited(cast.student)
    newer = invited(cast.student)
    APIClient().post(ACCEPT, {"token": newer, "password": NEW})

    answer = APIClient().post(ACCEPT, {"token": older, "password": "another quiet llama"})

    assert answer.status_code == 400
    assert can_sign_in(cast.student, NEW)


def test_a_link_works_for_somebody_who_is_signed_in_as_another(cast: Cast) -> None:
    secret = invited(cast.student)

    answer = browser(cast.mentor).post(ACCEPT, {"token": secret, "password": NEW})

    assert answer.status_code == 204
    assert can_sign_in(cast.student, NEW)
    assert can_sign_in(cast.mentor, PASSWORD)


@pytest.mark.parametrize("url", [CONFIRM, ACCEPT])
@pytest.mark.parametrize("given", [{}, {"token": "x"}, {"token": "unknown", "password": NEW}, {"token": 1.5}])
def test_refuses_what_is_no_link(db: None, url: str, given: dict[str, Any]) -> None:
    assert APIClient().post(url, given).status_code == 400


def test_keeps_the_secret_as_a_digest_alone(cast: Cast) -> None:
    APIClient().post(RESET, {"email": cast.mentor.email})
    secret = mailed_secret()

    with as_system():
        row = OneTimeToken.objects.values().get()

    assert secret not in str(row)
    assert row["user_id"] == UUID(str(cast.mentor.pk))
    assert TokenPurpose(row["purpose"]) is TokenPurpose.PASSWORD_RESET
    assert row["sent_at"] is not None
