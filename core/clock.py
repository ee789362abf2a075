"""The one clock. Edges read it once and pass `at=` on, so that everything one request or task does has one time.

Source: product.md §3.
"""

import functools
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_pinned: ContextVar[datetime | None] = ContextVar("pinned_clock", default=None)


def now() -> datetime:
    """The current instant, aware, in UTC, `CLOCK_AHEAD` of the machine's; the pinned one inside `pinned`."""
    return _pinned.get() or timezone.now() + settings.CLOCK_AHEAD  # noqa: TID251 - the one place


@functools.cache
def known_zones() -> frozenset[str]:
    """The IANA zones; reading their names takes 50 ms, so it happens once in a process.

    `localtime`, which a system may list among them, is no zone: it is another one on each machine, and PostgreSQL does
    not know it.
    """
    return frozenset(zoneinfo.available_timezones() - {"localtime"})


@functools.cache
def zone_info(name: str) -> ZoneInfo:
    """The standard library remembers eight zones and reads every other one from its file each time."""
    return ZoneInfo(name)


def local_date(at: datetime, zone: str) -> date:
    """The day that it is at `at` in the IANA zone `zone` (product.md §3 "Today")."""
    return at.astimezone(zone_info(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """The instant (aware, UTC) at which the local day `day` begins in the IANA zone `zone`."""
    return datetime.combine(day, time(), zone_info(zone)).astimezone(UTC)


def time_words(instant: datetime, zone: str) -> str:
    """The instant as people read it in their zone, which is named: the reader may be elsewhere by then."""
    return f"{instant.astimezone(zone_info(zone)):%A, %d %B %Y at %H:%M} ({zone})"


def rfc3339(at: datetime) -> str:
    """The instant as the API writes it: UTC with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


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
