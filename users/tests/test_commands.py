"""manage.py invite, createsuperuser, changepassword."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from conftest import Cast
from tests.database import as_system, as_worker, login
from tests.factories import PASSWORD
from users.models import OneTimeToken, User
from users.tasks import send_one_time_tokens

LOGIN = "/api/v1/auth/login"
NEW = "seven quiet llamas"


def run(*arguments: str, **options: Any) -> str:
    """The command as `manage.py` runs it: the worker's login, and no identity until the command says one."""
    out = StringIO()
    with login(settings.DATABASE_WORKER_URL):
        call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_invite_queues_a_mail(cast: Cast) -> None:
    said = run("invite", cast.student.email.upper())

    with as_worker():
        send_one_time_tokens()
    assert "is queued" in said
    assert mail.outbox[0].to == [cast.student.email]


def test_invite_prints_a_link_that_works(cast: Cast) -> None:
    link = run("invite", cast.student.email, "--print-link").strip()

    secret = link.removeprefix("http://testserver/set-password/invitation/")
    accepted = APIClient().post("/api/v1/auth/invitation/accept", {"token": secret, "password": NEW})
    assert accepted.status_code == 204
    assert APIClient().post(LOGIN, {"email": cast.student.email, "password": NEW}).status_code == 200
    assert mail.outbox == []


def test_invite_refuses_whom_it_does_not_know(cast: Cast) -> None:
    with pytest.raises(CommandError, match="Nobody has the address"):
        run("invite", "nobody@academy.example")
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(is_active=False)
    with pytest.raises(CommandError, match="account is closed"):
        run("invite", cast.student.email)

    with as_system():
        assert not OneTimeToken.objects.exists()


def test_createsuperuser_makes_an_admin_who_can_sign_in(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW)

    run("createsuperuser", "--no-input", "--email", "Root@Academy.example", "--name", "Root")

    answer = APIClient().post(LOGIN, {"email": "root@academy.example", "password": NEW})
    assert answer.json()["roles"] == ["admin"]


@pytest.mark.parametrize(
    ("email", "password", "reason"),
    [
        ("root@academy.example", "short", "too short"),
        ("no address", NEW, "valid email"),
        ("taken", NEW, "already"),
        ("root@academy.example", "", "DJANGO_SUPERUSER_PASSWORD"),
    ],
)
def test_createsuperuser_refuses_and_makes_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, email: str, password: str, reason: str
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    with as_system():
        before = User.objects.count()

    address = cast.mentor.email if email == "taken" else email

    with pytest.raises(CommandError, match=reason):
        run("createsuperuser", "--no-input", "--email", address, "--name", "Root")

    with as_system():
        assert User.objects.count() == before


def test_changepassword_sets_it_and_ends_the_sessions(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("users.management.ask_password.getpass", lambda prompt: NEW)
    client = APIClient()
    client.post(LOGIN, {"email": cast.mentor.email, "password": PASSWORD})

    run("changepassword", cast.mentor.email)

    assert client.get("/api/v1/users/me").status_code == 401
    assert APIClient().post(LOGIN, {"email": cast.mentor.email, "password": NEW}).status_code == 200


def test_changepassword_wants_it_typed_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([NEW, "something else"])
    monkeypatch.setattr("users.management.ask_password.getpass", lambda prompt: next(typed))

    with pytest.raises(CommandError, match="differ"):
        run("changepassword", cast.mentor.email)

    assert APIClient().post(LOGIN, {"email": cast.mentor.email, "password": PASSWORD}).status_code == 200
