"""When somebody is away, and dates on which her hours differ. Source: product.md §6, §7."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from core.actions import action
from core.clock import local_date
from core.errors import Conflict, InvalidInput, NotVisible
from core.sql import fetch
from core.wakeup import wake
from mentorship_coordination.models.assignments import AvailabilityOverride, MentorAbsence
from users.availability import AvailabilityError, validate_availability
from users.models import User
from users.selectors import lock_person

FOLLOW_ABSENCES = "mentorship_coordination.follow_absences"
LONGEST = timedelta(days=366)
LONGEST_REASON = 200
#: How far ahead a date may have hours of its own, and how many may be kept.
FURTHEST, MOST_DATES = timedelta(days=366), 366
ANY_DAY = "mon"


class AbsenceOverlaps(Conflict):
    code = "absence_overlaps"
    message = "You are away for a part of this already: change that absence."


@action
def add_absence(
    *, starts_at: datetime, ends_at: datetime, by: User, at: datetime, backup: str = "", reason: str = ""
) -> MentorAbsence:
    """Note that the mentor is away in `[starts_at, ends_at)`; `backup` is the e-mail of a mentor who stands in.

    Raises InvalidInput (over already, not after its start, over a year long, no such mentor), AbsenceOverlaps.
    """
    absence = MentorAbsence(mentor=by, starts_at=starts_at, ends_at=ends_at, reason=reason.strip())
    absence.backup_id = _checked(absence, backup, by, at)
    absence.save(force_insert=True)
    wake(FOLLOW_ABSENCES)
    return absence


@action
def change_absence(*, absence_id: UUID, by: User, at: datetime, **changes: Any) -> MentorAbsence:
    """Change `starts_at`, `ends_at`, `backup` (an e-mail, empty for none), `reason`; what is left out stays.

    Raises NotVisible, and what `add_absence` raises.
    """
    absence = MentorAbsence.objects.select_for_update().filter(pk=absence_id, mentor=by).first()
    if absence is None:
        raise NotVisible
    backup_id, has_backup = absence.backup_id, "backup" in changes
    backup = changes.pop("backup", "")
    for name, value in changes.items():
        setattr(absence, name, value)
    checked = _checked(absence, backup, by, at)
    absence.backup_id = checked if has_backup else backup_id
    absence.save(update_fields=["starts_at", "ends_at", "backup", "reason"])
    wake(FOLLOW_ABSENCES)
    return absence


@action
def remove_absence(*, absence_id: UUID, by: User, at: datetime) -> None:
    """She is not away after all; whoever stands in gives the work back. Raises NotVisible."""
    if not MentorAbsence.objects.filter(pk=absence_id, mentor=by).delete()[0]:
        raise NotVisible
    wake(FOLLOW_ABSENCES)


@action
def set_override(*, day: date, windows: Any, by: User, at: datetime) -> AvailabilityOverride:
    """On this local day the person's hours are these and no others; an empty list: none at all.

    `windows`: [["09:00", "12:00"], …] in local time; sorted, joined, "24:00" is midnight at the day's end. Raises
    InvalidInput (a day that has passed, over a year ahead, over 366 days kept, windows that cannot be read).
    """
    today = local_date(at, by.timezone)
    if not today <= day <= today + FURTHEST:
        raise InvalidInput(fields={"date": ["Give a day from today to a year ahead."]})
    try:
        cleaned = validate_availability({ANY_DAY: windows}).get(ANY_DAY, [])
    except AvailabilityError as error:
        raise InvalidInput(fields={"windows": [error.message.removeprefix(f"{ANY_DAY}: ")]}) from error
    lock_person(by)
    kept = AvailabilityOverride.objects.filter(person=by, local_date__gte=today).exclude(local_date=day)
    if kept.count() >= MOST_DATES:
        raise InvalidInput(fields={"date": [f"{MOST_DATES} days have hours of their own already."]})
    override, _ = AvailabilityOverride.objects.update_or_create(
        person=by, local_date=day, defaults={"windows": cleaned}
    )
    return override


@action
def remove_override(*, day: date, by: User, at: datetime) -> None:
    """The weekly hours hold again on this day. Raises NotVisible."""
    if not AvailabilityOverride.objects.filter(person=by, local_date=day).delete()[0]:
        raise NotVisible


def _checked(absence: MentorAbsence, backup: str, by: User, at: datetime) -> UUID | None:
    """The backup's id. Raises InvalidInput, AbsenceOverlaps."""
    problems: dict[str, list[str]] = {}
    if absence.ends_at <= absence.starts_at:
        problems["ends_at"] = ["This is not after the start."]
    elif absence.ends_at <= at:
        problems["ends_at"] = ["This is over already."]
    elif absence.ends_at - absence.starts_at > LONGEST:
        problems["ends_at"] = [f"An absence is at most {LONGEST.days} days long."]
    if len(absence.reason) > LONGEST_REASON:
        problems["reason"] = [f"Give at most {LONGEST_REASON} characters."]
    found = None
    if backup.strip():
        [(found,)] = fetch("SELECT app.mentor_by_email(%(email)s)", email=backup.strip().lower())
        if found is None or found == by.pk:
            problems["backup"] = ["No other mentor has this address."]
    if problems:
        raise InvalidInput(fields=problems)
    lock_person(by)
    others = MentorAbsence.objects.filter(mentor=by, starts_at__lt=absence.ends_at, ends_at__gt=absence.starts_at)
    if others.exclude(pk=absence.pk).exists():
        raise AbsenceOverlaps
    return found
