"""The clean-up of what has run out."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from conftest import Cast
from core import clock
from core.models import IdempotencyKey
from tests.database import as_system, as_worker
from users.actions.lockout import note_failure
from users.enums import TokenPurpose
from users.models import AccessToken, LoginAttempt, LoginSession, OneTimeToken
from users.tasks import clean_up

TABLES = (LoginSession, LoginAttempt, OneTimeToken, AccessToken, IdempotencyKey)


def open_session(digest: bytes, expires_at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.session_save(%s, NULL, 0, '', %s, true)", [digest, expires_at])


def test_deletes_what_has_run_out_and_keeps_the_rest(cast: Cast) -> None:
    at = clock.now()
    day = timedelta(days=1)
    with as_system():
        for name, age in (("old", timedelta(0)), ("live", timedelta(seconds=-1))):
            open_session(name.encode(), at - age)
            note_failure(name.encode(), at=at - timedelta(minutes=15) - age)
        for name, age in (("old", timedelta(seconds=1)), ("live", timedelta(0))):
            OneTimeToken.objects.create(
                user=cast.student,
                purpose=TokenPurpose.INVITATION,
                digest=f"link {name}".encode(),
                created_at=at - 60 * day,
                available_at=at - 60 * day,
                sent_at=at - 60 * day,
                expires_at=at - 30 * day - age,
            )
            AccessToken.objects.create(
                user=cast.student,
                name=name,
                digest=name.encode(),
                created_at=at - 200 * day,
                revoked_at=at - 90 * day - age,
            )
            IdempotencyKey.objects.create(
                person=cast.student,
                key=name,
                method="POST",
                path="/",
                body_digest=b"",
                created_at=at - timedelta(hours=48) - age,
            )

    with as_worker(), clock.pinned(at):
        first = clean_up()
        second = clean_up()

    assert first == {table._meta.db_table: 1 for table in TABLES}
    assert second == {table._meta.db_table: 0 for table in TABLES}
    with as_system():
        assert [table.objects.count() for table in TABLES] == [1, 1, 1, 1, 1]
        assert bytes(LoginSession.objects.get().key_digest) == b"live"
        assert AccessToken.objects.get().name == "live"


def test_keeps_a_link_that_waits_and_a_token_without_end(cast: Cast) -> None:
    at = clock.now()
    with as_system():
        OneTimeToken.objects.create(user=cast.student, purpose=TokenPurpose.INVITATION, created_at=at, available_at=at)
        AccessToken.objects.create(
            user=cast.student, name="for ever", digest=b"d", created_at=at - timedelta(days=4000)
        )

    with as_worker():
        assert set(clean_up().values()) == {0}
