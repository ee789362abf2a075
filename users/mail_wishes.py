"""When a person wants mails: at once, in a daily digest or not at all, and not in her quiet hours.

Kept under `notifications` in her preferences: `{"mail": {"breach": "digest"}, "quiet_hours": ["22:00", "07:00"]}`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from core.tenancy.identity import Role

KEY: Final = "notifications"
DIGEST_AT: Final = time(8)
_FACE: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class MailKind:
    """Something that people of these roles may be mailed about; `words` are for their page."""

    kind: str
    words: str
    roles: frozenset[Role]


#: Said by the app that knows them.
_kinds: dict[str, MailKind] = {}


class Channel(StrEnum):
    AT_ONCE = "at_once"
    DIGEST = "digest"
    OFF = "off"


def register_mail_kinds(kinds: Iterable[MailKind]) -> None:
    """Let people have wishes about these kinds of mail."""
    _kinds.update({each.kind: each for each in kinds})


def list_mail_kinds(roles: Collection[Role]) -> list[MailKind]:
    """What somebody who holds these roles may be mailed about."""
    return [each for each in _kinds.values() if each.roles & set(roles)]


@dataclass(frozen=True, slots=True)
class MailWishes:
    """`channels` by kind of notification, where she has a wish; `quiet` from and to, local, also over midnight."""

    channels: Mapping[str, Channel] = field(default_factory=dict)
    quiet: tuple[time, time] | None = None

    def end_of_quiet(self, at: datetime, zone: str) -> datetime | None:
        """When the quiet hours end that hold `at`; None outside of them. An instant, so clock changes count."""
        if self.quiet is None:
            return None
        begins, ends = self.quiet
        local = at.astimezone(ZoneInfo(zone))
        now = local.time()
        inside = begins <= now < ends if begins < ends else now >= begins or now < ends
        return next_time(at, ends, zone) if inside else None


def next_time(at: datetime, wanted: time, zone: str) -> datetime:
    """The first instant after `at` at which the clock on the wall shows `wanted`."""
    place = ZoneInfo(zone)
    day = at.astimezone(place).date()
    # In the night when the clocks go back, the wall shows some times twice: both are tried.
    faces = (datetime.combine(day + timedelta(days=days), wanted, place) for days in (0, 1, 2))
    instants = (face.replace(fold=fold).astimezone(at.tzinfo) for face in faces for fold in (0, 1))
    return min(instant for instant in instants if instant > at)


def read_mail_wishes(preferences: Mapping[str, Any]) -> MailWishes:
    """What is stored, which `clean_mail_wishes` has let in; what cannot be read is no wish."""
    try:
        return _parse(preferences.get(KEY) or {})
    except ValidationError:
        return MailWishes()


def clean_mail_wishes(preferences: Mapping[str, Any]) -> None:
    """Raises ValidationError for wishes that nobody could follow, and about mails that there are none of."""
    if KEY not in preferences:
        return
    unknown = sorted(set(_parse(preferences[KEY]).channels) - set(_kinds))
    if unknown:
        raise ValidationError(f"There is no mail about {', '.join(unknown)}. Choose from {', '.join(sorted(_kinds))}.")


def _parse(value: Any) -> MailWishes:
    if not isinstance(value, dict) or set(value) - {"mail", "quiet_hours"}:
        raise ValidationError('Give notifications as {"mail": {…}, "quiet_hours": ["22:00", "07:00"]}.')
    mail = value.get("mail") or {}
    if not isinstance(mail, dict) or not all(isinstance(kind, str) for kind in mail):
        raise ValidationError("Give mail as an object: kind of notification to at_once, digest or off.")
    try:
        channels = {kind: Channel(channel) for kind, channel in mail.items()}
    except ValueError as error:
        raise ValidationError("A mail comes at_once, in the digest, or is off.") from error
    return MailWishes(channels, _quiet(value.get("quiet_hours")))


def _quiet(value: Any) -> tuple[time, time] | None:
    if value is None:
        return None
    faces = [_FACE.fullmatch(face) if isinstance(face, str) else None for face in value] if _is_pair(value) else []
    if len(faces) != 2 or None in faces:
        raise ValidationError('Give quiet_hours as ["22:00", "07:00"], or null.')
    begins, ends = (time(int(face[1]), int(face[2])) for face in faces if face)
    if begins == ends:
        raise ValidationError("Quiet hours end at another time than they begin.")
    return begins, ends


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2
