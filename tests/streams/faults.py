"""Everything around the stream is killed while people listen: afterwards each has heard what the table says, once.

Broker, web process, connections and the database's server, one after the other and into each other. Source:
architecture.md §10.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from django.test.utils import override_settings

from core.tests.brokers import Broker
from core.wakeup import shared_breaker
from mentorship_coordination.drill.listening import Readers, Verdict
from tests.servers import ROOT, environment
from tests.streams.crowd import (
    Talker,
    Web,
    has_heard_all,
    hold_against_the_table,
    readers,
    running_web,
    wait_until,
)

Tell = Callable[[str], None]

#: Seconds in which everybody has to be back, and to have heard everything.
PATIENCE: Final = 60.0
#: Events a second of the one who is killed, and what she says first.
TALKERS_RATE: Final = 500
TALKERS_FIRST: Final = 10_000_000


class Trial:
    """`pause` seconds pass between the faults. `restart_database` ends the server, which somebody else begins again."""

    def __init__(
        self,
        *,
        web: Web,
        broker: Broker,
        crowd: Readers,
        people: Sequence[UUID],
        folder: Path,
        pause: float,
        restart_database: Callable[[], object] | None,
        tell: Tell,
    ) -> None:
        self.web, self.broker, self.crowd, self.people, self.folder = web, broker, crowd, people, folder
        self.pause, self.tell = pause, tell
        self.faults: list[tuple[str, Callable[[], object]]] = [
            ("broker killed, away for a while, back and empty", self.lose_the_broker),
            ("web process told to end, and begun again", self.restart_web),
            ("web process killed, and begun again", self.kill_web),
            ("all connections torn, all back at once", lambda: crowd("drop")),
            ("web process stopped in its tracks for a while", self.stall_web),
            ("readers who do not read for a while", lambda: crowd.stall(pause)),
            ("a process that talks killed in the middle of it", self.kill_talker),
            ("broker killed while the web process begins", self.lose_both),
        ]
        if restart_database is not None:
            self.faults.insert(3, ("database server ended, and begun again", restart_database))

    def run(self) -> None:
        for name, happen in self.faults:
            began = time.monotonic()
            happen()
            back = wait_until(lambda: self.crowd("count")["open"] == len(self.people), PATIENCE)
            self.tell(
                f"{name}: {'all back' if back else 'NOT all back'} {time.monotonic() - began:.1f} s after it began"
            )
            time.sleep(self.pause)

    def lose_the_broker(self) -> None:
        self.broker.kill()
        time.sleep(self.pause)
        self.broker.start()

    def restart_web(self) -> None:
        self.web.stop()
        self.web.start()

    def kill_web(self) -> None:
        self.web.kill()
        self.web.start()

    def stall_web(self) -> None:
        self.web.process.send_signal(signal.SIGSTOP)
        time.sleep(self.pause)
        self.web.process.send_signal(signal.SIGCONT)

    def kill_talker(self) -> None:
        file = self.folder / "people"
        file.write_text("\n".join(str(pk) for pk in self.people))
        command = [sys.executable, "-m", "tests.streams.talking", str(file), str(TALKERS_RATE), str(TALKERS_FIRST)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment("worker"))
        before = self.crowd("count")["events"]
        wait_until(lambda: self.crowd("count")["events"] > before + TALKERS_RATE, PATIENCE)
        process.kill()
        process.wait()

    def lose_both(self) -> None:
        self.broker.kill()
        self.web.kill()
        self.web.start()
        time.sleep(self.pause)
        self.broker.start()


def try_with_faults(
    people: Sequence[tuple[UUID, str]],
    *,
    folder: Path,
    rate: float,
    pause: float,
    restart_database: Callable[[], object] | None = None,
    tell: Tell = print,
) -> Verdict:
    """`people` (id, token) listen, and `rate` events a second are said all the while."""
    ids = [pk for pk, _ in people]
    broker = Broker(folder)
    try:
        with (
            override_settings(REDIS_URL=broker.url),
            running_web() as web,
            readers(web.port, [secret for _, secret in people], folder) as crowd,
        ):
            crowd("open", count=len(people))
            talker = Talker(ids, rate=rate)
            talker.start()
            try:
                time.sleep(pause)
                Trial(
                    web=web,
                    broker=broker,
                    crowd=crowd,
                    people=ids,
                    folder=folder,
                    pause=pause,
                    restart_database=restart_database,
                    tell=tell,
                ).run()
            finally:
                talker.stop()
            wait_until(lambda: has_heard_all(crowd, ids), PATIENCE)
            counted = crowd("count")
            tell(
                f"{counted['connects']} connections in all, {counted['refused']} refused for good, "
                f"{counted['restarts']} started over; {talker.failed} events not said for want of a database"
            )
            return hold_against_the_table(crowd.log(), ids)
    finally:
        shared_breaker().succeeded()
        broker.close()
