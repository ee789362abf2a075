"""Wake-ups through Redis. They may fail: what they announce is a row in PostgreSQL that a sweep finds soon.

One circuit breaker guards all of them, so that a dead or hung Redis costs one short wait every five seconds
and nobody is refused anything. Source: architecture.md §6.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import celery
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

CONNECT_SECONDS = 0.25
ANSWER_SECONDS = 0.5
OPEN_SECONDS = 5.0
TASK_EXPIRES_SECONDS = 60
#: A task that was sent counts as waiting until it begins, or for so long, should that be lost. What is announced by
#: nothing else meanwhile is then found by the sweep.
WAITS_SECONDS = 1

FAULTS = (RedisError, OperationalError, OSError)


class CircuitBreaker:
    """Lets calls through until one fails, then none for `open_seconds`, then one at a time until one
    succeeds.
    """

    def __init__(self, open_seconds: float = OPEN_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._open_seconds = open_seconds
        self._clock = clock
        self._closed_again_at: float | None = None
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        if self._closed_again_at is None:
            return True
        with self._lock:
            now = self._clock()
            if self._closed_again_at is not None and now < self._closed_again_at:
                return False
            # This caller is the probe; the others wait for what it finds.
            self._closed_again_at = now + self._open_seconds
            return True

    def failed(self) -> None:
        with self._lock:
            self._closed_again_at = self._clock() + self._open_seconds

    def succeeded(self) -> None:
        self._closed_again_at = None


@functools.cache
def shared_breaker() -> CircuitBreaker:
    """The one of this process: the stream's bus and Celery's broker are the same Redis."""
    return CircuitBreaker()


def redis_client() -> Redis:
    """The process's client: short time-outs, no retries. Its pool is safe across threads and forks."""
    return _client(settings.REDIS_URL)


@functools.cache
def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def attempt(call: Callable[[], object]) -> bool:
    """Run `call` behind the breaker; whether it went through. Faults of Redis are swallowed, all others are
    not.
    """
    breaker = shared_breaker()
    if not breaker.lets_through():
        return False
    try:
        call()
    except FAULTS as error:
        breaker.failed()
        log.debug("a wake-up did not go out: %s", error)
        return False
    breaker.succeeded()
    return True


def wake(task_name: str) -> None:
    """Start the task `task_name` soon, without arguments. Inside a transaction: after its commit, and only
    once. While one waits to begin none is sent: that one will find what this one announces.

    Costs at most 0.6 s once in five seconds while Redis hangs, 0.1 s while it is dead.
    """
    hook = _Wake(task_name)
    if not connection.in_atomic_block:
        hook()
    elif not _is_registered(hook):
        transaction.on_commit(hook)


@dataclass(frozen=True, slots=True)
class _Wake:
    task_name: str

    def __call__(self) -> None:
        attempt(self._send)

    def _send(self) -> None:
        if not redis_client().set(_waiting(self.task_name), 1, nx=True, ex=WAITS_SECONDS):
            return
        try:
            celery.current_app.send_task(self.task_name, retry=False, ignore_result=True, expires=TASK_EXPIRES_SECONDS)
        except FAULTS:
            begins(self.task_name)  # nothing waits after all
            raise


def begins(task_name: str) -> None:
    """Called before the task looks at anything: what is committed from here on needs another one.

    Not behind the breaker: whoever gets tasks has a broker, and a connection that has gone stale is made anew.
    """
    for _ in range(2):
        try:
            redis_client().delete(_waiting(task_name))
        except FAULTS:
            continue
        return


def _waiting(task_name: str) -> str:
    return f"waiting:{task_name}"


def _is_registered(hook: _Wake) -> bool:
    """An earlier one counts only if no savepoint can take it back that does not take this one back too."""
    open_savepoints = set(connection.savepoint_ids)
    return any(entry[1] == hook and entry[0] <= open_savepoints for entry in connection.run_on_commit)
