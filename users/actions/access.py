"""Who may do what: changed by admins, with everything that must follow. Source: product.md §6."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F

from core.actions import action
from core.errors import NotPermitted, RuleBroken
from core.events import say
from core.sql import fetch
from users.events import AccountClosed, MentorCapacityChanged, MentorLeaves, ZoneChanged
from users.models import User

#: Of an advisory lock: the first letters of "admins".
ADMINS_LOCK = 0x61646D69


class LastAdmin(RuleBroken):
    code = "last_admin"
    message = "Somebody must remain who can administer."


class PersonWasErased(RuleBroken):
    code = "person_was_erased"
    message = "This person was erased, which is final. Enter somebody new."


@action
def change_person(*, person: User, by: User, at: datetime) -> User:
    """Save a new or changed person as an admin entered her.

    A mentor who is to lose her account or role leaves first (`MentorLeaves`): both flags stay until what she holds is
    handed over. Whoever loses her account is signed out everywhere at once, and what she is enrolled in ends
    (`AccountClosed`). Raises NotPermitted, LastAdmin, PersonWasErased, and django.core.exceptions.ValidationError.
    """
    if not by.is_staff:
        raise NotPermitted("Only admins change other people.")
    person.updated_at = at
    before = _lock(person)
    if before is None:
        person.created_at = at
        person.full_clean(exclude=["id"])
        person.save(force_insert=True)
        return person
    person.full_clean(exclude=["id"])
    keep_an_admin(before, person)
    if person.is_mentor and before.mentor_capacity_weekly != person.mentor_capacity_weekly:
        news = MentorCapacityChanged(
            mentor_id=person.pk, before=before.mentor_capacity_weekly, after=person.mentor_capacity_weekly, at=at
        )
        say(news)
    if before.is_active and not person.is_active:
        person.auth_version = before.auth_version + 1
    leaving = _leaving(before, person, by, at)
    if leaving is not None:
        person.is_mentor = person.is_active = True
        person.leaving_at = before.leaving_at or at
    elif person.is_mentor and not before.is_mentor:
        person.leaving_at = None
    if before.timezone != person.timezone:
        say(ZoneChanged(person_id=person.pk, at=at))
    person.revision = before.revision + 1
    person.save()
    if leaving is not None:
        say(leaving)
    if before.is_active and not person.is_active:
        say(AccountClosed(person_id=person.pk, by_id=by.pk, at=at))
    return person


@action
def mark_leaving(*, person_id: UUID, at: datetime) -> None:
    """From `at` on the mentor gets no new mentees. Run as the system."""
    User.objects.filter(pk=person_id, leaving_at__isnull=True).update(
        leaving_at=at, updated_at=at, revision=F("revision") + 1
    )


@action
def retire_mentor(*, person_id: UUID, ends_mentoring: bool, ends_account: bool, at: datetime) -> None:
    """Let the flags of a mentor fall who holds nothing any more. Run as the system. Raises LastAdmin."""
    person = User.objects.select_for_update().get(pk=person_id)
    after = User(pk=person.pk, is_staff=person.is_staff, is_active=person.is_active and not ends_account)
    keep_an_admin(person, after)
    closes = ends_account and person.is_active
    if closes:
        person.auth_version += 1
    person.is_active = after.is_active
    person.is_mentor = person.is_mentor and not (ends_mentoring or ends_account)
    person.updated_at, person.revision = at, person.revision + 1
    person.save(update_fields=["is_active", "is_mentor", "auth_version", "updated_at", "revision"])
    if closes:
        say(AccountClosed(person_id=person.pk, by_id=None, at=at))


def _lock(person: User) -> User | None:
    before = User.objects.select_for_update().filter(pk=person.pk).first()
    if before is not None and before.is_erased:
        raise PersonWasErased
    return before


def _leaving(before: User, after: User, by: User, at: datetime) -> MentorLeaves | None:
    if not _mentors(before) or _mentors(after):
        return None
    return MentorLeaves(
        mentor_id=after.pk,
        ends_mentoring=not after.is_mentor,
        ends_account=not after.is_active,
        by_id=by.pk,
        at=at,
    )


def _mentors(person: User) -> bool:
    return person.is_mentor and person.is_active


def keep_an_admin(before: User, after: User) -> None:
    """Raises LastAdmin. Whoever ends an admin waits here for whoever else does."""
    loses = before.is_staff and before.is_active and not (after.is_staff and after.is_active)
    if loses:
        # Two who switch each other off: the second sees what the first has done.
        fetch("SELECT pg_advisory_xact_lock(%(admins)s)", admins=ADMINS_LOCK)
    if loses and not User.objects.filter(is_staff=True, is_active=True).exclude(pk=after.pk).exists():
        raise LastAdmin
