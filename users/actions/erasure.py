"""A person is erased: what identifies or quotes her goes, what is counted stays. Source: GDPR, article 17."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from core.actions import action
from core.erasure import STILL_HERE
from core.errors import Conflict, NotPermitted, NotVisible, RuleBroken
from core.events import say
from users.actions.access import keep_an_admin
from users.events import AccountClosed, PersonErased
from users.models import User


class MentorMustHandOver(RuleBroken):
    code = "mentor_must_hand_over"
    message = "A mentor hands over first: manage.py hand_over EMAIL --close-account, or a hand-over in the admin."


class SomebodyCountsOnHer(Conflict):
    code = "still_here"
    message = (
        "Somebody still counts on this person: a pair or an enrolment has begun meanwhile. End it, then erase her."
    )


@action
def erase_person(*, person_id: UUID, by: User | None, at: datetime) -> dict[str, int]:
    """Erase a person for good; table → rows that were changed or deleted there. `by` is an admin, None for a command.

    What she is enrolled in is withdrawn first (`AccountClosed`), her files go after the commit (`PersonErased`). One
    line stays that says who did it, when, and to how many rows. Raises NotVisible, NotPermitted (no admin, or
    herself), MentorMustHandOver, LastAdmin, SomebodyCountsOnHer.
    """
    if by is not None and not by.is_staff:
        raise NotPermitted("Only admins erase people.")
    if by is not None and by.pk == person_id:
        raise NotPermitted("Another admin has to erase you.")
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise NotVisible
    if person.is_mentor:
        raise MentorMustHandOver
    keep_an_admin(person, User(pk=person.pk, is_active=False))
    say(AccountClosed(person_id=person.pk, by_id=by.pk if by else None, at=at))
    say(PersonErased(person_id=person.pk, at=at))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT app.erase_person(%s, %s)", [person.pk, at])
            (touched,) = cursor.fetchone()
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) == STILL_HERE:
            raise SomebodyCountsOnHer from error
        raise
    found = json.loads(touched) if isinstance(touched, str) else touched
    return {table: rows for table, (_, rows) in sorted(found.items()) if rows}
