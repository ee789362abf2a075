"""HTTP as a patient frontend speaks it: another process is asked when one is gone, and nothing is sent that could
happen twice. Every write leaves a line in the ledger.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

import requests

from core.enums import Audience
from mentorship_coordination.actions.session_time import IN_THE_PAST

#: Seconds for which the same request is tried again, and for which one try may take.
PATIENCE: Final = 90.0
TRY_SECONDS: Final = 30.0
PAUSE: Final = (0.2, 0.8)
#: Answers of a server that is away for a moment.
AWAY: Final = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at work, and the token that says so."""

    id: UUID
    token: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Entry:
    """A write that was asked for: `mark` is a text in it that occurs nowhere else. `status` is 0 without an answer."""

    kind: str
    mark: str
    status: int


@dataclass
class Ledger:
    """Shared by all threads. `times` are milliseconds of the answered tries, by operation."""

    run: str = field(default_factory=lambda: uuid4().hex[:8])
    entries: list[Entry] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: Counter[str] = field(default_factory=Counter)
    tried_again: Counter[str] = field(default_factory=Counter)
    longest_wait: float = 0.0
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def mark(self) -> str:
        return f"drill {self.run} {next(self._numbers)}"

    def acknowledged(self, kind: str) -> int:
        return sum(entry.kind == kind and 200 <= entry.status < 300 for entry in self.entries)


def has_passed(status: int, answer: Any) -> bool:
    """Whether a time is refused for being past: offered before the clocks jumped, it is asked for after that."""
    errors = answer.get("errors", []) if status == 400 and isinstance(answer, dict) else []
    return [(each["field"], each["message"]) for each in errors] == [("start_time", IN_THE_PAST)]


class Site:
    """The web processes behind one door. Safe in many threads, each with connections of its own."""

    def __init__(self, ports: list[int], ledger: Ledger) -> None:
        self.ports, self.ledger = ports, ledger
        self._local = threading.local()

    def get(self, actor: Actor, path: str, operation: str) -> Any:
        """The body of the answer; None when it is refused, or does not come in PATIENCE seconds."""
        status, body = self._ask(actor, "GET", path, operation, None, {})
        if status != 200 and status not in {404, 409}:
            self.ledger.unexpected[f"{operation}: {status} {body}"[:300]] += 1
        return body if status == 200 else None

    def post(self, actor: Actor, path: str, operation: str, body: dict[str, Any], *, mark: str = "") -> Any:
        """The body of the answer, None when refused. With `mark`, the write is entered into the ledger."""
        headers = {"Idempotency-Key": str(uuid4())}
        status, answer = self._ask(actor, "POST", path, operation, body, headers)
        if mark:
            self.ledger.entries.append(Entry(operation, mark, status))
        if not 200 <= status < 300 and status not in {0, 404, 409, 422} and not has_passed(status, answer):
            self.ledger.unexpected[f"{operation}: {status} {answer}"[:300]] += 1
        return answer if 200 <= status < 300 else None

    def _ask(
        self, actor: Actor, method: str, path: str, operation: str, body: Any, headers: dict[str, str]
    ) -> tuple[int, Any]:
        headers = {**headers, "Authorization": f"Bearer {actor.token}"}
        began = time.monotonic()
        status, answer = 0, None
        for port in self._ports_in_turn():
            asked = time.perf_counter()
            try:
                response = self._session(port).request(
                    method,
                    f"http://127.0.0.1:{port}/api/v1/{path}",
                    json=body,
                    headers=headers,
                    timeout=TRY_SECONDS,
                )
                status, answer = response.status_code, response.json() if response.content else None
            except (requests.RequestException, ValueError) as error:
                status, reason = 0, type(error).__name__
            else:
                self.ledger.statuses[status] += 1
                reason = str(status)
                if status not in AWAY:
                    self.ledger.times[operation].append((time.perf_counter() - asked) * 1000)
                    break
            if time.monotonic() - began > PATIENCE:
                break
            self.ledger.tried_again[reason] += 1
            time.sleep(random.uniform(*PAUSE))
        self.ledger.longest_wait = max(self.ledger.longest_wait, time.monotonic() - began)
        return status, answer

    def _ports_in_turn(self) -> Any:
        first = random.randrange(len(self.ports))
        return itertools.islice(itertools.cycle(self.ports), first, None)

    def _session(self, port: int) -> requests.Session:
        sessions: dict[int, requests.Session] = self._local.__dict__.setdefault("sessions", {})
        return sessions.setdefault(port, requests.Session())
