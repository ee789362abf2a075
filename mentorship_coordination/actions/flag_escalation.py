"""A grave flag that nobody acknowledges is told again, and then to the admins. Source: product.md §8."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from core.actions import action
from core.one_by_one import one_by_one
from mentorship_coordination.actions.flags import ADMINS_PAGE, DIRECTORS_PAGE, GRAVE
from mentorship_coordination.actions.notifications import flag_dedupe_key, notify
from mentorship_coordination.enums import FlagEntryKind, FlagState, NotificationKind, Severity
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from mentorship_coordination.selectors.flags import list_directors, list_flags_past_patience, told_at
from mentorship_coordination.selectors.responsible import list_responsible
from users.models import User

#: So long directors have to acknowledge a flag; as long again, and the admins hear of it.
PATIENCE = {Severity.HIGH: timedelta(hours=24), Severity.CRITICAL: timedelta(hours=4)}
ADMINS_AFTER = 2


def escalate_flags(*, at: datetime) -> int:
    """Tell again of every grave flag that has waited too long; how many were. Run as the system, one by one.

    Each episode (raised, worsened, reopened) is told again once to whoever answers for the cohort, and once to admins.
    """
    with transaction.atomic():
        ids = list_flags_past_patience(PATIENCE, at, last=ADMINS_AFTER)
    with one_by_one("telling again of a flag") as rows:
        return rows.count(ids, lambda flag_id: _escalate(flag_id=flag_id, at=at))


@action
def _escalate(*, flag_id: UUID, at: datetime) -> bool:
    flag = MentorFlag.objects.locked(flag_id).first()
    if flag is None or flag.state != FlagState.OPEN or flag.severity not in GRAVE:
        return False
    waited = at - told_at(flag)
    patience = PATIENCE[Severity(flag.severity)]
    told = False
    if waited >= patience:
        told |= _tell(flag, list_responsible(flag.cohort_id), "again", waited, at)
    if waited >= ADMINS_AFTER * patience:
        admins = User.objects.filter(is_staff=True, is_active=True).order_by("pk").values_list("pk", flat=True)
        told |= _tell(flag, list(admins), "admins", waited, at)
    if told:
        words = f"Nobody has acknowledged it for {_hours(waited)}."
        MentorFlagEntry.objects.create(
            flag=flag, kind=FlagEntryKind.ESCALATED, severity=flag.severity, text=words, created_at=at
        )
    return told


def _tell(flag: MentorFlag, people: list[UUID], step: str, waited: timedelta, at: datetime) -> bool:
    directors = set(list_directors(flag.cohort_id))
    mentee = User.objects.values_list("name", flat=True).get(pk=flag.mentee_id)
    told = [
        notify(
            recipient_id=person,
            kind=NotificationKind.FLAG,
            title=f"Not acknowledged: {Severity(flag.severity).label} flag, {mentee}",
            # The worry itself stays behind the sign-in: mail is read by others.
            body=f"It has waited for {_hours(waited)}. Category: {flag.category}.",
            url=reverse(DIRECTORS_PAGE if person in directors else ADMINS_PAGE, args=[flag.pk]),
            flag_id=flag.pk,
            dedupe_key=f"{flag_dedupe_key(flag)}:{step}",
            by_mail=True,
            at=at,
        )
        for person in people
    ]
    return any(told)


def _hours(waited: timedelta) -> str:
    hours = int(waited.total_seconds() // 3600)
    return "an hour" if hours == 1 else f"{hours} hours"
