"""Delivering mails …"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail as outbox

from conftest import Cast
from core import clock
from core.integrations.mail import MailNotSent
from core.tenancy.identity import SYSTEM, Identity, Role, acting_as
from mentorship_coordination.actions import notifications
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.actions.notifications import (
    LEASE,
    ClaimedMail,
    claim_mail,
    mark_mail_failed,
    mark_mail_sent,
)
from mentorship_coordination.enums import FlagCategory, MailState, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.tasks import notifications as tasks
from mentorship_coordination.tests.session_world import NOW, at_once, notifications_of
from tests.database import as_system, as_worker, login
from users.models import CohortDirector

REFUSAL = MailNotSent("SMTPServerDisconnected: gone")


@pytest.fixture
def flag(cast: Cast) -> MentorFlag:
    outbox.outbox = []
    return raised(cast, Severity.HIGH)


def raised(cast: Cast, severity: Severity, **given: Any) -> MentorFlag:
    worry = {"mentee_id": cast.student.pk, "reason": "Silent for a week.", "by": cast.mentor, "at": NOW, **given}
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        return raise_flag(severity=severity, **worry)


def delivered(at: datetime = NOW) -> int:
    with as_worker(), clock.pinned(at):
        return int(tasks.deliver_notifications())


def failing(at: datetime) -> int:
    with patch.object(tasks, "send_mail_message", side_effect=REFUSAL):
        return delivered(at)


def mail_of(cast: Cast) -> Notification:
    (told,) = notifications_of(cast.director)
    return told


def notified_at(flag: MentorFlag) -> datetime | None:
    with as_system():
        return MentorFlag.objects.get(pk=flag.pk).director_notified_at


def claimed(at: datetime = NOW) -> ClaimedMail:
    with as_worker():
        mail = claim_mail(at=at)
    assert mail is not None
    return mail


def test_sends_each_once(cast: Cast, flag: MentorFlag) -> None:
    assert [delivered(), delivered()] == [1, 0]
    (message,) = outbox.outbox
    assert (message.to, message.subject) == ([cast.director.email], "High flag: Mina Okafor")
    assert message.body == (
        "Dear Dana Reyes,\n\nHigh flag: Mina Okafor\n"
        "Category: other. Read what happened and acknowledge it in the list of flags.\n\n"
        "Sign in to see it: http://testserver/\n"
    )
    sent = mail_of(cast)
    assert (sent.mail_state, sent.mail_attempts, sent.mail_sent_at) == (MailState.SENT, 1, NOW)


def test_that_cannot_be_written_holds_up_no_other(
    cast: Cast, flag: MentorFlag, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = mail_of(cast).pk
    raised(cast, Severity.CRITICAL, category=FlagCategory.CONDUCT)
    writes = notifications._composed

    def fails_once(due: Notification, *given: Any) -> ClaimedMail:
        return writes(due, *given) if due.pk != bad else 1 / 0  # type: ignore[return-value]

    monkeypatch.setattr(notifications, "_composed", fails_once)
    assert delivered() == 1
    assert outbox.outbox[0].subject == "Critical flag: Mina Okafor"
    failed = next(each for each in notifications_of(cast.director) if each.pk == bad)
    assert (failed.mail_state, failed.mail_attempts) == (MailState.PENDING, 1)
    assert (failed.mail_error, failed.mail_available_at) == (
        "ZeroDivisionError: division by zero",
        NOW + timedelta(seconds=15),
    )


def test_that_was_begun_eight_times_and_never_marked_is_given_up(cast: Cast, flag: MentorFlag) -> None:
    with as_system():
        Notification.objects.filter(pk=mail_of(cast).pk).update(mail_attempts=8)
    assert delivered() == 0
    assert mail_of(cast).mail_state == MailState.FAILED


def test_alone_makes_a_director_notified(cast: Cast, flag: MentorFlag) -> None:
    failing(NOW)
    assert notified_at(flag) is None
    later = NOW + timedelta(hours=1)
    delivered(later)
    assert notified_at(flag) == later


def unheard_flags(at: datetime) -> tuple[str, ...]:
    with as_system():
        return next(found.offending for found in check_invariants(at) if found.invariant.number == 11)


def test_to_an_admin_counts_where_the_cohort_has_no_director(cast: Cast) -> None:
    outbox.outbox = []
    with as_system():
        CohortDirector.objects.filter(cohort=cast.cohort).delete()
    flag, later = raised(cast, Severity.HIGH), NOW + timedelta(hours=2)
    assert unheard_flags(later) == (str(flag.pk),)
    assert delivered() == 1
    (message,) = outbox.outbox
    assert (message.to, message.subject) == ([cast.admin.email], "High flag: Mina Okafor")
    assert notified_at(flag) == NOW
    assert unheard_flags(later) == ()


def test_of_a_lesser_severity_does_not_count_for_a_greater_one(cast: Cast, flag: MentorFlag) -> None:
    raised(cast, Severity.CRITICAL)
    of_high = claimed()
    assert of_high.title.startswith("High")
    with as_worker():
        mark_mail_sent(mail=of_high, at=NOW)
    assert notified_at(flag) is None
    assert delivered(NOW + timedelta(minutes=1)) == 1
    assert notified_at(flag) == NOW + timedelta(minutes=1)


def test_is_due_again_when_a_flag_gets_worse(cast: Cast, flag: MentorFlag) -> None:
    delivered()
    raised(cast, Severity.CRITICAL)
    assert notified_at(flag) is None
    delivered(NOW + timedelta(minutes=1))
    assert notified_at(flag) == NOW + timedelta(minutes=1)
    assert [message.subject.split()[0] for message in outbox.outbox] == ["High", "Critical"]


def test_tries_again_later_and_gives_up_visibly(cast: Cast, flag: MentorFlag) -> None:
    at, pauses = NOW, []
    for _ in range(8):
        failing(at)
        told = mail_of(cast)
        assert told.mail_available_at is not None
        pauses.append((told.mail_available_at - at).total_seconds())
        assert failing(at) == 0
        at = told.mail_available_at
    assert pauses == [15, 30, 60, 120, 240, 480, 960, 1920]
    assert (told.mail_state, told.mail_attempts, told.mail_error) == (MailState.FAILED, 8, str(REFUSAL))
    assert delivered(at + timedelta(days=1)) == 0
    assert notified_at(flag) is None


def test_takes_up_what_a_dead_worker_had_claimed(cast: Cast, flag: MentorFlag) -> None:
    claimed()
    assert delivered(NOW + LEASE - timedelta(seconds=1)) == 0
    assert delivered(NOW + LEASE) == 1
    assert mail_of(cast).mail_attempts == 2


def test_believes_only_the_last_claim(cast: Cast, flag: MentorFlag) -> None:
    lost = claimed()
    claimed(NOW + LEASE)
    with as_worker():
        mark_mail_sent(mail=lost, at=NOW + LEASE)
        assert mark_mail_failed(mail=lost, error="late", at=NOW + LEASE) == MailState.NONE
    assert mail_of(cast).mail_state == MailState.PENDING
    assert notified_at(flag) is None


def test_gives_one_mail_to_one_of_many_workers(cast: Cast, flag: MentorFlag, settings: Any) -> None:
    def claim() -> ClaimedMail | None:
        with login(settings.DATABASE_WORKER_URL), acting_as(SYSTEM):
            return claim_mail(at=NOW)

    results = at_once([partial(claim)] * 8)
    assert sorted(type(result).__name__ for result in results) == ["ClaimedMail", *["NoneType"] * 7]


def test_goes_to_nobody_who_has_left(cast: Cast, flag: MentorFlag) -> None:
    with as_system():
        cast.director.is_active = False
        cast.director.save(update_fields=["is_active"])
    assert delivered() == 0
    assert outbox.outbox == []
    assert (mail_of(cast).mail_state, mail_of(cast).mail_error) == (
        MailState.FAILED,
        "The recipient is not active.",
    )
