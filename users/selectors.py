"""Reads about people. Row-level security decides what is seen; the filters here are for the indexes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from core.errors import NotVisible
from core.sql import as_texts, fetch_planned
from users.enums import TokenPurpose
from users.models import AccessToken, FeedToken, User
from users.secrets import digest_of


@dataclass(frozen=True, slots=True)
class OneTimePerson:
    """To whom a one-time link belongs: what its page shows and what a new password is compared with."""

    email: str
    name: str


def get_person(person_id: UUID) -> User:
    """The person, or NotVisible."""
    try:
        return User.objects.get(pk=person_id)
    except User.DoesNotExist:
        raise NotVisible from None


def name_of(column: str) -> Subquery:
    """The name of the person whom `column` of a query points at, None whom the caller may not see.

    A join would drop the row of a former mentee along with her person.
    """
    return Subquery(User.objects.filter(pk=OuterRef(column)).order_by().values("name")[:1])


ZONES = "SELECT id, timezone FROM users_user WHERE id = ANY (%(people)s::uuid[])"


def map_zones(people: Iterable[UUID]) -> dict[UUID, str]:
    """Person → time zone; whom the caller may not see is missing. One query, none for nobody."""
    ids = as_texts(people)
    return dict(fetch_planned(ZONES, people=ids)) if ids else {}


def find_person_by_email(email: str) -> User | None:
    """The person with this address in whatever case, or None."""
    return User.objects.filter(email=email.strip().lower()).first()


def find_one_time_person(*, token: str, purpose: TokenPurpose, at: datetime) -> OneTimePerson | None:
    """Whose unused, unexpired link this is, or None. Acts as nobody: the secret is the key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, name FROM app.one_time_person(%s, %s, %s)", [digest_of(token), purpose.value, at])
        row = cursor.fetchone()
    return OneTimePerson(email=row[0], name=row[1]) if row else None


def own_password_hash() -> str | None:
    """The acting person's password hash, or None when she has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.own_credential()")
        row = cursor.fetchone()
    return row[0] if row else None


def list_access_tokens(*, person: User, at: datetime) -> QuerySet[AccessToken]:
    """The person's tokens that still open something, newest first."""
    lives = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return AccessToken.objects.filter(lives, user=person, revoked_at__isnull=True).order_by("-id")


def lock_person(person: User) -> None:
    """Hold the person's own row until the transaction ends: what she may have so many of is counted after it."""
    User.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk").first()


def find_feed_since(*, person_id: UUID | None) -> datetime | None:
    """When the person's calendar got the address that it has now; None without one."""
    return (
        FeedToken.objects.filter(user=person_id, revoked_at__isnull=True).values_list("created_at", flat=True).first()
    )
