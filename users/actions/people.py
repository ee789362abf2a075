"""Making people known to the product."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.actions import action
from core.errors import Conflict, InvalidInput, NotPermitted
from users.models import User
from users.selectors import find_person_by_email


class AddressTaken(Conflict):
    code = "address_taken"
    message = "Somebody has this e-mail address already."


@action
def create_person(
    *,
    email: str,
    name: str,
    by: User | None,
    at: datetime,
    is_mentor: bool = False,
    is_staff: bool = False,
) -> User:
    """A new person without a password: she gets in by an invitation. `by` is an admin, or None for a command.

    Raises NotPermitted, InvalidInput, AddressTaken.
    """
    if by is not None and not by.is_staff:
        raise NotPermitted("Only admins add people.")
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidInput(fields={"email": error.messages}) from None
    if not name.strip():
        raise InvalidInput(fields={"name": ["Give a name."]})
    if find_person_by_email(address) is not None:
        raise AddressTaken(fields={"email": [AddressTaken.message]})
    return User.objects.create(
        email=address,
        name=name.strip(),
        is_mentor=is_mentor,
        is_staff=is_staff,
        created_at=at,
        updated_at=at,
    )
