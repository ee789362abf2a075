"""A person's changes to her own profile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from core.actions import action
from core.errors import Conflict
from core.events import say
from users.events import MentorCapacityChanged, ZoneChanged
from users.models import User
from users.profile_fields import clean_profile
from users.selectors import get_person

CAPACITY = "mentor_capacity_weekly"


class ProfileChangedMeanwhile(Conflict):
    code = "profile_changed"
    message = "The profile has changed since you read it."


@action
def change_own_profile(*, by: User, revision: int, changes: Mapping[str, Any], at: datetime) -> User:
    """Apply `changes` (fields of users.profile_fields) to the profile as it was at `revision`; returns it as
    it is now.

    Says MentorCapacityChanged when a mentor offers more or fewer sessions a week, and ZoneChanged (product.md §11).
    Raises InvalidInput with every wrong field, ProfileChangedMeanwhile when `revision` is not the newest.
    """
    cleaned = clean_profile(changes)
    before = get_person(by.pk)
    before.roles = by.roles
    if before.revision != revision:
        raise ProfileChangedMeanwhile
    if not cleaned:
        return before
    mine = User.objects.filter(pk=by.pk, revision=revision)
    if not mine.update(**cleaned, updated_at=at, revision=F("revision") + 1):
        raise ProfileChangedMeanwhile
    _tell_capacity(before, cleaned.get(CAPACITY, before.mentor_capacity_weekly), at)
    after = get_person(by.pk)
    if after.timezone != before.timezone:
        say(ZoneChanged(person_id=by.pk, at=at))
    after.roles = by.roles
    return after


def _tell_capacity(before: User, capacity: int, at: datetime) -> None:
    if before.is_mentor and capacity != before.mentor_capacity_weekly:
        say(MentorCapacityChanged(mentor_id=before.pk, before=before.mentor_capacity_weekly, after=capacity, at=at))
