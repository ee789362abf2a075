"""A mail about a session …"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core import mail
from icalendar import Calendar

from conftest import Cast
from core import clock
from mentorship_coordination.actions.reminders import remind_of_sessions
from mentorship_coordination.actions.session_outcomes import cancel_participation, cancel_session
from mentorship_coordination.actions.sessions import reschedule_session
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.tasks.notifications import deliver_notifications
from mentorship_coordination.tests.queue_world import mentor_acting, student_acting
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, booked, notifications_of
from tests.database import as_system, as_worker
from users.models import User

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def delivered(at: datetime = NOW) -> list[Any]:
    mail.outbox.clear()
    with as_worker(), clock.pinned(at):
        deliver_notifications()
    return list(mail.outbox)


def entry_of(message: Any) -> tuple[str, Any]:
    """The calendar part that programs show, and the file: both say the same."""
    [(content, mimetype)] = [(each.content, each.mimetype) for each in message.alternatives]
    [(_, attached, _)] = message.attachments
    assert attached in (content, content.encode())
    calendar: Any = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    assert mimetype == f"text/calendar; method={calendar['METHOD']}"
    return str(calendar["METHOD"]), event


def test_brings_the_session_into_the_calendar_and_out_again(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    [first] = delivered()
    with mentor_acting(cast.mentor):
        reschedule_session(session_id=session.pk, starts_at=TOMORROW + HOUR, by=cast.mentor, at=NOW)
    [second] = delivered()
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    [third] = delivered()
    entries = [entry_of(each) for each in (first, second, third)]
    assert [(method, int(event["SEQUENCE"])) for method, event in entries] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
    ]
    assert {str(event["UID"]) for _, event in entries} == {f"{session.pk}@mentorship"}
    assert {str(event["ATTENDEE"]) for _, event in entries} == {f"mailto:{cast.student.email}"}
    assert "Tuesday, 03 March 2026 at 09:00 (UTC)" in first.body
    assert session.meeting_url in first.body
    assert session.meeting_url not in third.body


def test_says_the_time_in_the_zone_that_she_has_when_it_leaves(cast: Cast) -> None:
    booked(cast.mentor, cast.student)
    with as_system():
        User.objects.filter(pk=cast.student.pk).update(timezone="Asia/Kathmandu")
    [message] = delivered()
    assert "Tuesday, 03 March 2026 at 14:45 (Asia/Kathmandu)" in message.body


def test_that_a_later_one_overtook_is_not_sent(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    with mentor_acting(cast.mentor):
        reschedule_session(session_id=session.pk, starts_at=TOMORROW + HOUR, by=cast.mentor, at=NOW)
    [only] = delivered()
    assert entry_of(only)[1]["SEQUENCE"] == 1
    with as_system():
        states = Notification.objects.order_by("created_at", "sequence").values_list("sequence", "mail_state")
        assert list(states) == [(0, "none"), (1, "sent")]


def test_tells_the_mentor_what_her_mentee_called_off(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student)
    delivered()
    with student_acting(cast.student):
        cancel_participation(session_id=session.pk, by=cast.student, at=NOW)
    [message] = delivered()
    assert message.to == [cast.mentor.email]
    assert entry_of(message)[0] == "CANCEL"


def reminded(at: datetime) -> int:
    with as_worker():
        return remind_of_sessions(at=at)


def reminders_of(person: User) -> list[str]:
    return [each.title for each in notifications_of(person) if each.kind == "reminder"]


def test_reminds_everybody_a_day_and_an_hour_before_once(cast: Cast) -> None:
    starts_at = NOW + 3 * DAY
    booked(cast.mentor, cast.student, starts_at)
    assert [reminded(starts_at - each) for each in (DAY + MINUTE, DAY, DAY - MINUTE, HOUR, HOUR - MINUTE)] == [
        0, 2, 0, 2, 0
    ]  # fmt: skip
    for person in (cast.mentor, cast.student):
        assert reminders_of(person) == ["In a day: Catch up", "In an hour: Catch up"]


def test_skips_reminders_that_are_past(cast: Cast) -> None:
    starts_at = NOW + 3 * DAY
    booked(cast.mentor, cast.student, starts_at)
    assert reminded(starts_at - HOUR / 2) == 2
    assert reminders_of(cast.student) == ["In an hour: Catch up"]
    booked(cast.mentor, cast.student, starts_at + DAY)
    assert reminded(starts_at + DAY) == 0


def test_leaves_the_day_out_for_what_was_booked_or_moved_within_it(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student, NOW + 20 * HOUR)
    assert reminded(NOW + MINUTE) == 0
    assert reminded(NOW + 19 * HOUR) == 2
    with mentor_acting(cast.mentor):
        reschedule_session(session_id=session.pk, starts_at=NOW + 40 * HOUR, by=cast.mentor, at=NOW + 19.5 * HOUR)
    assert reminded(NOW + 20 * HOUR) == 0
    assert reminded(NOW + 39 * HOUR) == 2


def test_reminds_again_of_a_session_that_was_moved(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student, NOW + 2 * DAY)
    assert reminded(NOW + DAY) == 2
    with mentor_acting(cast.mentor):
        reschedule_session(session_id=session.pk, starts_at=NOW + 5 * DAY, by=cast.mentor, at=NOW + DAY)
    assert reminded(NOW + DAY) == 0
    assert reminded(NOW + 4 * DAY) == 2


def test_reminds_nobody_of_what_was_called_off_nor_who_left(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student, NOW + 2 * DAY)
    with mentor_acting(cast.mentor):
        cancel_session(session_id=session.pk, by=cast.mentor, at=NOW)
    assert reminded(NOW + DAY) == 0


def test_of_a_reminder_is_not_sent_after_the_start(cast: Cast) -> None:
    booked(cast.mentor, cast.student, NOW + 2 * DAY)
    delivered()
    reminded(NOW + 2 * DAY - HOUR)
    late = delivered(NOW + 2 * DAY)
    assert late == []
    with as_system():
        assert {each.mail_state for each in Notification.objects.filter(kind="reminder")} == {"none"}


def test_of_a_reminder_says_when_and_where_and_changes_no_calendar(cast: Cast) -> None:
    session = booked(cast.mentor, cast.student, NOW + 2 * DAY)
    delivered()
    reminded(NOW + 2 * DAY - HOUR)
    messages = delivered(NOW + 2 * DAY - HOUR)
    assert {message.to[0] for message in messages} == {cast.student.email, cast.mentor.email}
    assert all(session.meeting_url in message.body and not message.attachments for message in messages)
