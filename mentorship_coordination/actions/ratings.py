"""A student says how a session was. Source: product.md §7."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from core.actions import action
from core.enums import Audience, StreamEventName
from core.errors import Conflict, InvalidInput, NotVisible
from core.stream.publish import emit
from mentorship_coordination.models.sessions import MentorSession
from users.models import User

LOWEST, HIGHEST = 1, 5
LONGEST_COMMENT = 1000


class SessionNotAttended(Conflict):
    code = "session_not_attended"
    message = "You can rate a session once it has taken place and you were there."


@action
def rate_session(*, session_id: UUID, rating: int, by: User, at: datetime, comment: str = "") -> MentorSession:
    """Rate a session that the student attended from 1 to 5; rating it again replaces what she said.

    The mentor hears that her figure may have changed, once there is one, and never of which session.
    Raises InvalidInput, NotVisible, SessionNotAttended.
    """
    if not LOWEST <= rating <= HIGHEST:
        raise InvalidInput(fields={"rating": [f"Give {LOWEST} to {HIGHEST}."]})
    if len(comment) > LONGEST_COMMENT:
        raise InvalidInput(fields={"comment": [f"Give at most {LONGEST_COMMENT} characters."]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.rate_session(%s, %s, %s, %s)", [session_id, rating, comment.strip(), at])
        (became,) = cursor.fetchone()
    if became == "not_held":
        raise SessionNotAttended
    if became not in {"rated", "shown"}:
        raise NotVisible
    session = MentorSession.objects.get(pk=session_id)
    if became == "shown":
        news = {"kind": "rated"}
        emit(recipient_id=session.mentor_id, audience=Audience.MENTOR, event=StreamEventName.SESSION, data=news)
    return session
