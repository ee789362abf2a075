"""Facts that travel upward. The lower app says what happened; whoever listens is found here, never by the speaker.

Handlers run at once, inside the speaker's transaction, in the order in which they were registered: an exception rolls
everything back. `docs/architecture.md` has the wiring table and a test pins it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")
Handler = Callable[[Any], None]

_handlers: dict[type, list[Handler]] = defaultdict(list)


def handles(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register the decorated function as a handler of `event`."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _handlers[event].append(handler)
        return handler

    return register


def say(event: object) -> None:
    """Tell every handler of this event's class, now and in this transaction."""
    for handler in _handlers.get(type(event), ()):
        handler(event)


def wiring() -> dict[str, list[str]]:
    """Event name → names of its handlers in order; the reader's map."""
    return {
        f"{event.__module__.split('.')[0]}.{event.__name__}": [f"{h.__module__}.{h.__name__}" for h in handlers]
        for event, handlers in sorted(_handlers.items(), key=lambda entry: entry[0].__name__)
    }
