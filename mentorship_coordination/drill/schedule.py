"""Thousands of people who mostly think, on a few threads: whoever is due is let do her next step."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

#: Yields the seconds until its next step.
Script = Iterator[float]
THREADS: Final = 48


@dataclass
class Schedule:
    """`failures` has the tracebacks of scripts that broke; `latest` how many seconds after its time a step began."""

    failures: list[str] = field(default_factory=list)
    latest: float = 0.0
    _heap: list[tuple[float, int, Script]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _threads: list[threading.Thread] = field(default_factory=list)
    _is_over: bool = False

    def add(self, script: Script, *, after: float) -> None:
        with self._changed:
            heapq.heappush(self._heap, (time.monotonic() + after, next(self._numbers), script))
            self._changed.notify()

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No step begins any more; returns when those under way are done."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (script := self._next()) is not None:
            try:
                pause = next(script, None)
            except Exception:  # noqa: BLE001 - a script that breaks is told of in the verdict
                self.failures.append(traceback.format_exc(limit=4))
                continue
            if pause is not None:
                self.add(script, after=pause)

    def _next(self) -> Script | None:
        with self._changed:
            while not self._is_over:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    self.latest = max(self.latest, -wait)
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(wait)
            return None
