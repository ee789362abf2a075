"""A mail leaves when its recipient wants it …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.notifications import HELD, notify
from mentorship_coordination.actions.priorities import prioritize_work_queue
from mentorship_coordination.enums import MailState, NotificationKind, Severity
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.tasks import notifications as tasks
from mentorship_coordination.tests.queue_world import mentor_acting, open_item
from mentorship_coordination.tests.session_world import NOW, notifications_of
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.models import User

Api = Callable[[User | None], APIClient]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def in_oslo(cast: Cast) -> None:
    """09:00 UTC is 10:00 there."""
    outbox.outbox = []
    with as_system():
        User.objects.filter(pk__in=(cast.mentor.pk, cast.director.pk)).update(timezone="Europe/Oslo")


def wishes(person: User, **given: Any) -> None:
    with as_system():
        User.objects.filter(pk=person.pk).update(preferences={"notifications": given})


def told(person: User, kind: NotificationKind, title: str, at: datetime = NOW) -> None:
    with as_system(), acting_as(SYSTEM):
        notify(recipient_id=person.pk, kind=kind, title=title, body="", url="", by_mail=True, at=at)


def delivered(at: datetime) -> list[str]:
    before = len(outbox.outbox)
    with as_worker(), clock.pinned(at):
        tasks.deliver_notifications()
    return [str(each.subject) for each in outbox.outbox[before:]]


def test_at_once_unless_she_says_otherwise(cast: Cast) -> None:
    told(cast.mentor, NotificationKind.SESSION, "Moved")
    assert delivered(NOW) == ["Moved"]


def test_in_one_mail_at_eight_in_the_morning(cast: Cast) -> None:
    """Breaches and overload do so by themselves."""
    told(cast.mentor, NotificationKind.BREACH, "Overdue: A")
    told(cast.mentor, NotificationKind.CAPACITY, "Your week is full", at=NOW + HOUR)
    told(cast.mentor, NotificationKind.BREACH, "Overdue: B", at=NOW + 2 * HOUR)
    assert delivered(NOW + 3 * HOUR) == []
    assert {each.mail_error for each in notifications_of(cast.mentor)} == {HELD}
    assert delivered(NOW + 22 * HOUR) == ["3 notifications"]
    text = str(outbox.outbox[-1].body)
    assert [title in text for title in ("Overdue: A", "Your week is full", "Overdue: B")] == [True] * 3
    assert {each.mail_state for each in notifications_of(cast.mentor)} == {MailState.SENT}
    assert delivered(NOW + 99 * HOUR) == []


def test_never_when_she_wants_none(cast: Cast) -> None:
    wishes(cast.mentor, mail={"breach": "off"})
    told(cast.mentor, NotificationKind.BREACH, "Overdue: A")
    assert delivered(NOW + 99 * HOUR) == []
    assert notifications_of(cast.mentor)[0].mail_state == MailState.NONE


def test_after_her_quiet_hours(cast: Cast) -> None:
    wishes(cast.mentor, quiet_hours=["09:30", "12:00"])
    told(cast.mentor, NotificationKind.SESSION, "Moved")
    assert delivered(NOW) == []
    assert delivered(NOW + 2 * HOUR) == ["Moved"]


def raised(cast: Cast, severity: Severity) -> None:
    with mentor_acting(cast.mentor):
        raise_flag(mentee_id=cast.student.pk, reason="Silent.", severity=severity, by=cast.mentor, at=NOW)


def test_at_any_hour_when_it_is_a_critical_flag(cast: Cast) -> None:
    wishes(cast.director, quiet_hours=["00:00", "23:59"], mail={"flag": "off"})
    raised(cast, Severity.CRITICAL)
    assert delivered(NOW) == ["Critical flag: Mina Okafor"]


def test_next_morning_when_she_has_switched_high_flags_off(cast: Cast) -> None:
    wishes(cast.director, mail={"flag": "off"})
    raised(cast, Severity.HIGH)
    assert delivered(NOW) == []
    assert delivered(NOW + 22 * HOUR) == ["High flag: Mina Okafor"]


def test_about_a_breach_to_mentor_and_director(cast: Cast) -> None:
    open_item(cast.enrolment, started_at=NOW - 73 * HOUR, title="A late one")
    with as_worker():
        prioritize_work_queue(at=NOW)
    assert delivered(NOW + 22 * HOUR) == ["Overdue: A late one", "Overdue: A late one"]
    assert {each.to[0] for each in outbox.outbox} == {cast.mentor.email, cast.director.email}


def test_as_she_says_in_her_profile(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    tag = client.get("/api/v1/users/me")["ETag"]
    wrong = {"preferences": {"notifications": {"mail": {"breach": "now and then"}}}}
    answer = client.patch("/api/v1/users/me", wrong, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "preferences")
    right = {"preferences": {"notifications": {"mail": {"breach": "at_once"}}}}
    assert client.patch("/api/v1/users/me", right, headers={"If-Match": tag}).status_code == 200
    told(cast.mentor, NotificationKind.BREACH, "Overdue: A")
    assert delivered(NOW) == ["Overdue: A"]


def test_again_when_an_admin_says_so(cast: Cast) -> None:
    told(cast.mentor, NotificationKind.SESSION, "Moved")
    with as_system():
        Notification.objects.update(mail_state=MailState.FAILED, mail_attempts=8, mail_error="gone")
        chosen = [str(Notification.objects.get().pk)]
    admin: Client = browser_of(cast.admin)
    page = reverse("admin:mentorship_coordination_notification_changelist")
    with clock.pinned(NOW):
        admin.post(page, {"action": "send_again", "_selected_action": chosen})
    assert delivered(NOW + HOUR) == ["Moved"]
