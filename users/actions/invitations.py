"""Inviting people: a link by mail with which they choose their first password."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from core.actions import action
from core.errors import NotPermitted, NotVisible, RuleBroken
from core.wakeup import wake
from users.actions.one_time_tokens import SEND_TASK, expiry
from users.enums import TokenPurpose
from users.links import one_time_link
from users.models import OneTimeToken, User
from users.policies import MOST_SEND_ATTEMPTS
from users.secrets import digest_of, new_secret
from users.selectors import get_person


class PersonInactive(RuleBroken):
    code = "person_inactive"
    message = "This person's account is closed."


@action
def invite(*, person_id: UUID, by: User | None, at: datetime) -> None:
    """Queue an invitation mail. `by` is an admin, or None for an import or a command.

    Asking again while one waits changes nothing, except that one that was given up is tried again. Raises
    NotPermitted, NotVisible, PersonInactive.
    """
    invite_all(person_ids=[person_id], by=by, at=at)


@action
def invite_all(*, person_ids: Collection[UUID], by: User | None, at: datetime) -> None:
    """`invite` for many people, in four statements; all of them or nobody."""
    if by is not None and not by.is_staff:
        raise NotPermitted("Only admins invite people.")
    wanted = set(person_ids)
    activity = dict(User.objects.filter(pk__in=wanted).values_list("pk", "is_active"))
    if wanted - activity.keys():
        raise NotVisible
    if not all(activity.values()):
        raise PersonInactive
    given_up = OneTimeToken.objects.filter(
        user__in=wanted,
        purpose=TokenPurpose.INVITATION,
        sent_at__isnull=True,
        attempts__gte=MOST_SEND_ATTEMPTS,
    )
    given_up.update(attempts=0, available_at=at)
    OneTimeToken.objects.bulk_create(
        [
            OneTimeToken(user_id=person, purpose=TokenPurpose.INVITATION, created_at=at, available_at=at)
            for person in sorted(wanted)
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    wake(SEND_TASK)


@action
def make_invitation_link(*, person_id: UUID, at: datetime) -> str:
    """An invitation that is handed over by hand: the link, valid as long as a mailed one. Acts as the system.

    Raises NotVisible, PersonInactive.
    """
    if not get_person(person_id).is_active:
        raise PersonInactive
    secret = new_secret()
    OneTimeToken.objects.create(
        user_id=person_id,
        purpose=TokenPurpose.INVITATION,
        digest=digest_of(secret),
        created_at=at,
        available_at=at,
        sent_at=at,
        expires_at=expiry(TokenPurpose.INVITATION, at=at),
    )
    return one_time_link(TokenPurpose.INVITATION, secret)
