"""The outbox of invitations and resets: inviting, sending, failing, sending twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend

from conftest import Cast
from core import clock
from core.errors import NotPermitted, NotVisible
from core.identifiers import new_id
from core.tenancy.identity import Identity, Role, acting_as
from tests.database import as_system, as_worker
from users.actions.invitations import PersonInactive, invite, invite_all
from users.actions.one_time_tokens import claim_token_to_send, note_token_sent
from users.models import OneTimeToken, User
from users.policies import MOST_SEND_ATTEMPTS
from users.secrets import digest_of
from users.tasks import send_one_time_tokens


def queue(person: User) -> None:
    with as_system():
        invite(person_id=person.pk, by=None, at=clock.now())


def send(at: datetime | None = None) -> int:
    with as_worker(), clock.pinned(at or clock.now()):
        return int(send_one_time_tokens())


def row() -> dict[str, Any]:
    with as_system():
        return dict(OneTimeToken.objects.values().get())


@contextmanager
def broken_mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*args: object) -> int:
        raise SMTPServerDisconnected("the server hung up")

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refuse)
        yield


def test_mails_an_invitation_as_text_and_html(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(name="Mina <b>O'Kafor</b>")
    queue(cast.student)

    assert send() == 1

    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert message.to == [cast.student.email]
    assert message.subject == "Your invitation to mentorship"
    assert "Hello Mina <b>O'Kafor</b>," in message.body
    assert f"{settings.SITE_URL}/set-password/invitation/" in message.body
    assert "Mina &lt;b&gt;O&#x27;Kafor&lt;/b&gt;" in html
    secret = str(message.body).split("/set-password/invitation/")[1].split()[0]
    assert bytes(row()["digest"]) == digest_of(secret)


def test_a_second_run_sends_nothing(cast: Cast) -> None:
    queue(cast.student)
    assert send() == 1
    before = row()

    assert send() == 0

    assert len(mail.outbox) == 1
    assert row() == before


def test_inviting_twice_makes_one_mail(cast: Cast) -> None:
    queue(cast.student)
    queue(cast.student)

    assert send() == 1


def test_an_admin_invites(cast: Cast) -> None:
    with acting_as(Identity(Role.ADMIN, cast.admin.pk)):
        invite(person_id=cast.student.pk, by=cast.admin, at=clock.now())

    assert row()["user_id"] == cast.student.pk


def test_nobody_else_invites(cast: Cast) -> None:
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)), pytest.raises(NotPermitted):
        invite(person_id=cast.student.pk, by=cast.director, at=clock.now())

    with as_system():
        assert not OneTimeToken.objects.exists()


def test_invites_all_or_nobody(cast: Cast) -> None:
    with as_worker(), pytest.raises(NotVisible):
        invite_all(person_ids=[cast.student.pk, new_id()], by=None, at=clock.now())
    with as_system():
        User.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    with as_worker(), pytest.raises(PersonInactive):
        invite_all(person_ids=[cast.student.pk, cast.stranger.pk], by=None, at=clock.now())

    with as_system():
        assert not OneTimeToken.objects.exists()


def test_a_failure_keeps_its_reason_and_waits_longer_each_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(cast.student)
    start = clock.now()

    with broken_mail(monkeypatch):
        assert send(start) == 0
        assert send(start + timedelta(seconds=59)) == 0
        first = row()
        assert send(start + timedelta(seconds=60)) == 0
        second = row()

    assert first["attempts"] == 1
    assert first["last_error"] == "SMTPServerDisconnected: the server hung up"
    assert first["sent_at"] is None
    assert first["available_at"] == start + timedelta(minutes=1)
    assert second["attempts"] == 2
    assert second["available_at"] == start + timedelta(minutes=3)
    assert send(start + timedelta(minutes=3)) == 1
    assert row()["last_error"] == ""


def test_gives_up_after_the_last_attempt_until_asked_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(cast.student)
    with broken_mail(monkeypatch):
        for day in range(MOST_SEND_ATTEMPTS + 2):
            send(clock.now() + timedelta(days=day))
    assert row()["attempts"] == MOST_SEND_ATTEMPTS
    assert send(clock.now() + timedelta(days=20)) == 0

    queue(cast.student)

    assert send() == 1


def test_one_that_fails_does_not_hold_up_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(cast.student)
    queue(cast.stranger)
    original = EmailBackend.send_messages

    def refuse_one(backend: EmailBackend, messages: Any) -> int:
        if messages[0].to == [cast.student.email]:
            raise SMTPServerDisconnected
        return original(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_one)

    assert send() == 1
    assert [message.to for message in mail.outbox] == [[cast.stranger.email]]


def test_two_workers_take_different_rows(cast: Cast) -> None:
    queue(cast.student)
    at = clock.now()

    with as_worker():
        first = claim_token_to_send(at=at)
        second = claim_token_to_send(at=at)

    assert first is not None
    assert second is None


def test_a_worker_that_died_is_replaced_and_its_secret_is_dead(cast: Cast) -> None:
    queue(cast.student)
    at = clock.now()
    with as_worker():
        lost = claim_token_to_send(at=at)
        assert lost is not None

    assert send(at + timedelta(minutes=1)) == 1

    digest = bytes(row()["digest"])
    assert digest != digest_of(lost.secret)
    with as_worker():
        note_token_sent(sent=lost, at=at + timedelta(hours=1))
    assert row()["sent_at"] == at + timedelta(minutes=1)


def test_does_not_write_to_a_closed_account(cast: Cast) -> None:
    queue(cast.student)
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(is_active=False)

    assert send() == 0
    assert mail.outbox == []
