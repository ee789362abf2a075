"""`@action`: one unit of work, atomic, that carries its effects out in one order.

The outermost action opens a transaction (a savepoint inside a request's one), and on its way out hands everything that
was buffered meanwhile to the registered flushers: refreshes sorted by student, then stream numbers sorted by recipient.
Sorting and writing once at the end is what keeps two requests from locking the same rows in opposite order.

Source: architecture.md §3.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, transaction

P = ParamSpec("P")
R = TypeVar("R")
Flusher = Callable[[list[Any]], None]

#: Deadlock and serialization failure (SQLSTATE): the same work may succeed a moment later.
WORTH_ANOTHER_TRY = {"40P01", "40001"}
ATTEMPTS = 3

_flushers: list[tuple[int, str, Flusher]] = []
_scope: ContextVar[dict[str, list[Any]] | None] = ContextVar("action_scope", default=None)


class NoActionOpen(RuntimeError):
    """An effect was buffered outside of any action: it would never leave."""


def register_flusher(name: str, flush: Flusher, *, order: int) -> None:
    """Call `flush(items)` with what was buffered under `name`, inside the transaction, before it ends."""
    if any(known == name for _, known, _ in _flushers):
        raise ValueError(f"there is a flusher for {name!r} already")
    _flushers.append((order, name, flush))
    _flushers.sort(key=lambda entry: entry[0])


def buffer(name: str, item: Any) -> None:
    """Keep `item` for the flusher `name` of the current action. Raises `NoActionOpen` outside of one."""
    scope = _scope.get()
    if scope is None:
        raise NoActionOpen(name)
    scope[name].append(item)


@contextmanager
def part() -> Iterator[None]:
    """A part of the current action that may fail by itself: a savepoint, and what was buffered in it goes with it."""
    scope = _scope.get() or {}
    before = {name: len(items) for name, items in scope.items()}
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for name, items in scope.items():
            del items[before.get(name, 0) :]
        raise


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` an action: atomic, effects flushed once by the outermost. A deadlock is tried again, twice."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if _scope.get() is not None:
            return function(*args, **kwargs)
        for _ in range(ATTEMPTS - 1):
            try:
                return _run(function, *args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", None) not in WORTH_ANOTHER_TRY:
                    raise
        return _run(function, *args, **kwargs)

    return wrapper


def _run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    token = _scope.set(defaultdict(list))
    try:
        with transaction.atomic():
            result = function(*args, **kwargs)
            _flush()
            return result
    finally:
        _scope.reset(token)


def _flush() -> None:
    scope = _scope.get()
    if scope is None:
        return
    for _, name, flush in _flushers:
        items = scope.pop(name, [])
        if items:
            flush(items)
    if scope:
        raise LookupError(f"nobody flushes {sorted(scope)}")
