"""Sessions in the language of calendars (RFC 5545, RFC 5546): a person's feed, and what goes along with a mail.

Pure: values in, bytes out. A session keeps one UID for its whole life, and each change that a calendar must follow has
a higher SEQUENCE; so feed and mails may meet in one calendar and agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//Mentorship Coordination Engine//Sessions//EN"
#: How often calendars are asked to look again.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One session as one of its people has it. Instants are aware and UTC; `partner` is the other person, or empty."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    is_cancelled: bool
    url: str
    agenda: str
    partner: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    """Whose calendar a mail speaks to."""

    name: str
    address: str


def feed_of(owner: str, meetings: Iterable[Meeting]) -> bytes:
    """A published calendar (METHOD:PUBLISH) of all `meetings`, the cancelled ones marked as such."""
    calendar = _calendar("PUBLISH")
    calendar.add("X-WR-CALNAME", f"Mentorship: {owner}")
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for meeting in meetings:
        calendar.add_component(_event(meeting))
    return bytes(calendar.to_ical())


def invitation_of(meeting: Meeting, *, organizer: str, to: Invited) -> tuple[bytes, str]:
    """The calendar part of one mail and its method: REQUEST, or CANCEL for a meeting that is called off."""
    method = "CANCEL" if meeting.is_cancelled else "REQUEST"
    calendar, event = _calendar(method), _event(meeting)
    event.add("ORGANIZER", vCalAddress(f"mailto:{organizer}"))
    attendee = vCalAddress(f"mailto:{to.address}")
    attendee.params["CN"] = vText(to.name)
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION" if method == "REQUEST" else "DECLINED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", attendee)
    calendar.add_component(event)
    return bytes(calendar.to_ical()), method


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _event(meeting: Meeting) -> Event:
    event = Event()
    event.add("UID", f"{meeting.id}@mentorship")
    event.add("SEQUENCE", meeting.sequence)
    event.add("DTSTAMP", meeting.updated_at)
    event.add("CREATED", meeting.created_at)
    event.add("LAST-MODIFIED", meeting.updated_at)
    event.add("DTSTART", meeting.starts_at)
    event.add("DTEND", meeting.ends_at)
    event.add("SUMMARY", f"{meeting.title} ({meeting.partner})" if meeting.partner else meeting.title)
    event.add("STATUS", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if meeting.is_cancelled else "OPAQUE")
    description = "\n\n".join(part for part in (meeting.agenda, meeting.url) if part)
    if description:
        event.add("DESCRIPTION", description)
    if meeting.url and not meeting.is_cancelled:
        event.add("LOCATION", meeting.url)
        event.add("URL", meeting.url)
    return event
