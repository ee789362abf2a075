"""The keys of each page, for its help. `core/static/web/keys.js` is what acts on them."""

from __future__ import annotations

from functools import cache
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

Shortcuts = tuple[tuple[tuple[str, ...], str], ...]

OF_QUEUE: Final[Shortcuts] = (
    (("j", "k"), "next, previous"),
    (("Enter",), "open"),
    (("e",), "done; reviews open"),
    (("s",), "later: put off until tomorrow, 08:00"),
    (("z",), "undo"),
    (("n",), "show what is new"),
    (("/",), "to the filters"),
)
OF_REVIEW: Final[Shortcuts] = (
    (("r",), "to your review"),
    (("p",), "your phrases"),
    (("m",), "to the mentee"),
    (("q",), "back to the queue"),
    (("Ctrl", "Enter"), "send the review"),
)
OF_COCKPIT: Final[Shortcuts] = (
    (("b",), "book a session"),
    (("t",), "find a free time"),
    (("f",), "raise a flag"),
    (("q",), "back to the queue"),
    (("Ctrl", "Enter"), "send the form"),
)


@cache
def help_of(shortcuts: Shortcuts) -> SafeString:
    """The help of a page, rendered once."""
    return render_to_string("mentorship_coordination/_help.html", {"shortcuts": shortcuts})
