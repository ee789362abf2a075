from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from core.tenancy.identity import Role
from users.models import User

#: Whose first page a person gets who is several at once.
FIRST_PAGES = {
    Role.MENTOR: "mentor-page",
    Role.STUDENT: "student-page",
    Role.DIRECTOR: "director-page",
    Role.ADMIN: "admin:index",
}


def person_of(request: HttpRequest) -> User:
    """The signed-in person; `core.web.page` has made sure that there is one."""
    return cast("User", request.user)
