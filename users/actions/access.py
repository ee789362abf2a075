"""Who may do what: changed by admins, with everything that must follow. Source: product.md §6."""

from __future__ import annotations

from datetime import datetime

from core.actions import action
from core.errors import NotPermitted, RuleBroken
from core.events import say
from users.events import MentorCapacityChanged, MentorLeft, ZoneChanged
from users.models import User


class LastAdmin(RuleBroken):
    code = "last_admin"
    message = "Somebody must remain who can administer."


@action
def change_person(*, person: User, by: User, at: datetime) -> User:
    """Save a new or changed person as an admin entered her.

    A mentor who loses her account or role is said to have left, and what she leaves is handed over before the
    flags fall (`MentorLeft`). Whoever loses her account is signed out everywhere. Raises NotPermitted,
    LastAdmin, and django.core.exceptions.ValidationError.
    """
    if not by.is_staff:
        raise NotPermitted("Only admins change other people.")
    person.updated_at = at
    before = User.objects.select_for_update().filter(pk=person.pk).first()
    if before is None:
        person.created_at = at
        person.full_clean(exclude=["id"])
        person.save(force_insert=True)
        return person
    person.full_clean(exclude=["id"])
    _keep_an_admin(before, person)
    if _mentors(before) and not _mentors(person):
        say(MentorLeft(mentor_id=person.pk, by_id=by.pk, at=at))
    if person.is_mentor and before.mentor_capacity_weekly != person.mentor_capacity_weekly:
        news = MentorCapacityChanged(
            mentor_id=person.pk, before=before.mentor_capacity_weekly, after=person.mentor_capacity_weekly, at=at
        )
        say(news)
    if before.is_active and not person.is_active:
        person.auth_version = before.auth_version + 1
    if before.timezone != person.timezone:
        say(ZoneChanged(person_id=person.pk, at=at))
    person.revision = before.revision + 1
    person.save()
    return person


def _mentors(person: User) -> bool:
    return person.is_mentor and person.is_active


def _keep_an_admin(before: User, after: User) -> None:
    loses = before.is_staff and before.is_active and not (after.is_staff and after.is_active)
    if loses and not User.objects.filter(is_staff=True, is_active=True).exclude(pk=after.pk).exists():
        raise LastAdmin
