"""What was talked about, and who does what until when. Source: product.md §7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from coaching.actions.goals import create_goal
from core.actions import action
from core.errors import Conflict, InvalidInput, NotVisible
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.queue import complete_items_about
from mentorship_coordination.actions.session_news import tell_streams
from mentorship_coordination.actions.session_time import active_mentees, lock_session, take_notes
from mentorship_coordination.enums import MET, NotificationKind, WorkType
from mentorship_coordination.models.sessions import MentorSession, SessionActionItem, SessionNote
from users.models import User

LONGEST_NOTE = 20_000
LONGEST_ITEM = 300
MOST_ITEMS = 20


class NothingToNote(Conflict):
    code = "nothing_to_note"
    message = "Nobody has met in this session."


class AlreadyDone(Conflict):
    code = "action_item_done"
    message = "This is done already."


@dataclass(frozen=True, slots=True)
class WantedItem:
    """Something that `owner_id` is to do; None: the mentee, or in a group the mentor herself."""

    text: str
    owner_id: UUID | None = None
    due_date: date | None = None


@action
def note_session(
    *,
    session_id: UUID,
    by: User,
    at: datetime,
    text: str = "",
    private_text: str = "",
    action_items: Sequence[WantedItem] = (),
) -> MentorSession:
    """Keep what was said in a session that has begun; `private_text` is the mentor's alone.

    Finishes the session's `session_notes` item; more may be added later. Raises NotVisible, NothingToNote, InvalidInput
    (nothing given, too long, an owner who was not there).
    """
    session = lock_session(session_id, by)
    if session.status not in MET or session.starts_at > at:
        raise NothingToNote
    mentees = active_mentees(session)
    items = _checked(text, private_text, action_items, session, mentees)
    notes = [(text.strip(), False), (private_text.strip(), True)]
    SessionNote.objects.bulk_create(
        SessionNote(session=session, author=by, text=words, is_private=is_private, created_at=at)
        for words, is_private in notes
        if words
    )
    SessionActionItem.objects.bulk_create(
        SessionActionItem(
            session=session,
            owner_id=each.owner_id or session.mentor_id,
            text=each.text.strip(),
            due_date=each.due_date,
            created_at=at,
        )
        for each in items
    )
    take_notes(session)
    complete_items_about(type=WorkType.SESSION_NOTES, reference_id=session.pk, outcome="noted", by=by, at=at)
    tell_streams(session, mentees, "noted")
    for mentee_id in mentees:
        if text.strip() or any(each.owner_id == mentee_id for each in items):
            _tell(session, mentee_id, at)
    return session


@action
def finish_action_item(*, item_id: UUID, by: User, at: datetime) -> SessionActionItem:
    """The owner has done it. Raises NotVisible, AlreadyDone."""
    done = SessionActionItem.objects.filter(pk=item_id, owner=by, done_at__isnull=True).update(done_at=at)
    item = SessionActionItem.objects.filter(pk=item_id, owner=by).first()
    if item is None:
        raise NotVisible
    if not done:
        raise AlreadyDone
    return item


@action
def make_goal_of(*, item_id: UUID, by: User, at: datetime, due_date: date | None = None) -> UUID:
    """The student takes her action item up as a goal; the item is settled by that, and the goal's id answered.

    `due_date`: the item's own when left out. Raises NotVisible, AlreadyDone, InvalidInput (no day, or one that has
    passed), and what `create_goal` raises.
    """
    item = SessionActionItem.objects.select_for_update(of=("self",)).filter(pk=item_id, owner=by).first()
    if item is None:
        raise NotVisible
    if item.done_at is not None:
        raise AlreadyDone
    due = due_date or item.due_date
    if due is None:
        raise InvalidInput(fields={"due_date": ["Give a day: the action item has none."]})
    goal = create_goal(title=item.text[:160], due_date=due, by=by, at=at)
    SessionActionItem.objects.filter(pk=item.pk).update(done_at=at)
    return goal.pk


def _checked(
    text: str, private_text: str, items: Sequence[WantedItem], session: MentorSession, mentees: Sequence[UUID]
) -> list[WantedItem]:
    problems: dict[str, list[str]] = {}
    if not (text.strip() or private_text.strip() or items):
        problems["notes"] = ["Write something, or name what is to be done."]
    for name, words in (("notes", text), ("private_notes", private_text)):
        if len(words) > LONGEST_NOTE:
            problems[name] = [f"Give at most {LONGEST_NOTE} characters."]
    if len(items) > MOST_ITEMS:
        problems["action_items"] = [f"Name at most {MOST_ITEMS}."]
    usual = mentees[0] if session.mentee_id is not None and mentees else session.mentor_id
    owned = [WantedItem(each.text, each.owner_id or usual, each.due_date) for each in items]
    for index, each in enumerate(owned):
        if not 1 <= len(each.text.strip()) <= LONGEST_ITEM:
            problems[f"action_items.{index}.text"] = [f"Give 1 to {LONGEST_ITEM} characters."]
        if each.owner_id not in {session.mentor_id, *mentees}:
            problems[f"action_items.{index}.owner"] = ["Choose somebody who takes part."]
    if problems:
        raise InvalidInput(fields=problems)
    return owned


def _tell(session: MentorSession, mentee_id: UUID, at: datetime) -> None:
    notify(
        recipient_id=mentee_id,
        kind=NotificationKind.SESSION,
        title=f"Notes of your session: {session.title}",
        body="",
        url=reverse("student-sessions-page"),
        dedupe_key=f"session:{session.pk}:noted:{at.isoformat()}",
        at=at,
    )
