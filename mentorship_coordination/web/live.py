"""What the top of a page shows of what goes on: the line to the stream, and how much is unread."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core.enums import Audience
from core.sql import fetch_planned
from core.stream.paths import PATHS
from mentorship_coordination.selectors.notifications import UNREAD

MOST = 99


def stream_of(audience: Audience) -> dict[str, Any]:
    """For the page's context: the stream to listen to, the viewer's last number on it, what she has not read.

    Read before the page's data: whatever comes after that number is then never missed. One query.
    """
    path = next(path for path, listener in PATHS.items() if listener is audience)
    position = "SELECT app.stream_position(%(audience)s::smallint)"
    [(last, unread)] = fetch_planned(f"SELECT ({position}), ({UNREAD})", audience=audience.value, most=MOST + 1)
    return {"stream": path, "position": last, "unread": _shown(unread)}


def unread(request: HttpRequest) -> dict[str, Any]:
    """A context processor for pages without a stream: asked for by those that show it, and once.

    Outside of a transaction nobody has an identity (architecture.md §4): such a page shows none.
    """
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated or not connection.in_atomic_block:
        return {"unread": 0}
    return {"unread": SimpleLazyObject(lambda: _shown(fetch_planned(UNREAD, most=MOST + 1)[0][0]))}


def _shown(count: int) -> int | str:
    return f"{MOST}+" if count > MOST else count
