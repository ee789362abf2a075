"""Who hears what when a session is booked, moved, called off or over. Source: product.md §7, §11."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.clock import time_words
from core.enums import Audience, Rank, StreamEventName
from core.stream.publish import emit
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.enums import NotificationKind
from mentorship_coordination.models.sessions import MentorSession
from student_dashboard.aggregation import DashboardAggregationService
from users.selectors import map_zones


def tell_streams(session: MentorSession, mentees: Iterable[UUID], kind: str) -> None:
    """The mentor's stream and each mentee's, and a refresh of each mentee's dashboard."""
    news = {"kind": kind, "id": str(session.pk), "sequence": session.sequence}
    emit(recipient_id=session.mentor_id, audience=Audience.MENTOR, event=StreamEventName.SESSION, data=news)
    for mentee in mentees:
        emit(recipient_id=mentee, audience=Audience.STUDENT, event=StreamEventName.SESSION, data=news)
        DashboardAggregationService.queue_update(mentee, f"session_{kind}", Rank.NORMAL)


def notify_mentees(session: MentorSession, mentees: Iterable[UUID], *, words: str, kind: str, at: datetime) -> None:
    """A notification for each mentee, with the time in her own zone."""
    zones = map_zones(mentees)
    for mentee in mentees:
        notify(
            recipient_id=mentee,
            kind=NotificationKind.SESSION,
            title=f"{words}: {session.title}",
            body=time_words(session.starts_at, zones.get(mentee, "UTC")),
            url=reverse("student-session-page", args=[session.pk]),
            session=session,
            dedupe_key=f"session:{session.pk}:{session.sequence}:{kind}",
            by_mail=True,
            at=at,
        )
