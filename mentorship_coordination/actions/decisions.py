"""A director puts a decision off until later, and takes it up again. Source: product.md §1."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.actions import action
from core.errors import InvalidInput
from mentorship_coordination.models.decisions import DecisionSnooze
from missions.plain_text import can_be_stored
from users.models import User

LONGEST_KEY = 120
LONGEST_SNOOZE = timedelta(days=14)


@action
def put_decision_off(*, key: str, until: datetime, by: User, at: datetime) -> DecisionSnooze:
    """Keep a decision out of the director's sight until `until`, within 14 days of `at`. Raises InvalidInput."""
    _check(key)
    if not at < until <= at + LONGEST_SNOOZE:
        raise InvalidInput(fields={"until": [f"Give a time in the next {LONGEST_SNOOZE.days} days."]})
    snooze, _ = DecisionSnooze.objects.update_or_create(
        director=by, key=key, defaults={"until": until, "created_at": at}
    )
    DecisionSnooze.objects.filter(director=by, until__lte=at).delete()
    return snooze


@action
def take_decision_up(*, key: str, by: User) -> None:
    """Have it in sight again; one that is in sight stays so. Raises InvalidInput."""
    _check(key)
    DecisionSnooze.objects.filter(director=by, key=key).delete()


def _check(key: str) -> None:
    if not 0 < len(key) <= LONGEST_KEY or not can_be_stored(key):
        raise InvalidInput(fields={"key": ["There is no such decision."]})
