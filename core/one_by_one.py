"""Jobs that do the same for many rows, a transaction each: one row that fails does not hold up those behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError

T = TypeVar("T")

logger = structlog.get_logger(__name__)


class SomeFailed(Exception):
    """Some rows of a job could not be done; the others were, and the next run tries again."""


class OneByOne:
    def __init__(self, what: str) -> None:
        self._what = what
        self._failed: list[str] = []
        self._looked_at = 0

    def count(self, rows: Iterable[T], act: Callable[[T], int]) -> int:
        """The sum of what `act` returns for each row. Raises only what means that the database is away."""
        total = 0
        for row in rows:
            self._looked_at += 1
            try:
                total += act(row)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                logger.exception("a row of a job failed", job=self._what, row=str(row))
                self._failed.append(str(row))
        return total

    def close(self) -> None:
        """Raises SomeFailed, so that somebody sees it."""
        if self._failed:
            raise SomeFailed(f"{self._what}: {len(self._failed)} of {self._looked_at} failed: {self._failed[0]}")


@contextmanager
def one_by_one(what: str) -> Iterator[OneByOne]:
    """Raises SomeFailed at the end of the block if a row of it has failed."""
    rows = OneByOne(what)
    yield rows
    rows.close()
