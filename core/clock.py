"""The one clock. Edges read it once and pass `at=` on, so that everything one request or task does has one time.

Source: product.md §3.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_pinned: ContextVar[datetime | None] = ContextVar("pinned_clock", default=None)


def now() -> datetime:
    """The current instant, aware, in UTC; the pinned one inside `pinned`."""
    return _pinned.get() or timezone.now()  # noqa: TID251 - the one place


@contextmanager
def pinned(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) for the block: tests, drills and replays."""
    if at.tzinfo is None:
        raise ValueError("the clock is pinned to aware instants only")
    token = _pinned.set(at)
    try:
        yield
    finally:
        _pinned.reset(token)
