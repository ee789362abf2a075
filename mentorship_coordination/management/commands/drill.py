"""A rehearsal under load and faults, in a folder of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError

from core import clock
from core.tenancy.commands import SystemCommand
from mentorship_coordination.drill.calendar import next_change, seeded_zones
from mentorship_coordination.drill.faults import JUMP
from mentorship_coordination.drill.rehearsal import Wish, rehearse
from mentorship_coordination.drill.report import report_lines

FOLDER: Final = "drill"
#: Says to the inner program that its servers are the drill's own.
INSIDE: Final = "MENTORSHIP_DRILL"
#: Of the students, so many sit at their desks at one time.
ONLINE_SHARE: Final = 0.05


def _listen_to_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _remove(folder: Path) -> None:
    """When its servers have ended: their supervisor holds a lock, and stays for a few seconds after its last user."""
    if not folder.exists():
        return
    (folder / "run").mkdir(parents=True, exist_ok=True)
    with (folder / "run" / "supervisor.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(folder)


class Command(SystemCommand):
    help = (
        "Rehearse: an academy works over HTTP while workers, web, broker and database are killed; then every promise, "
        "stream and invariant is held against the rows. Servers and data are the drill's own. Exit code 1 if it fails."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mentors", type=int, default=1000)
        parser.add_argument("--mentees", type=int, default=20, help="of each mentor")
        parser.add_argument("--minutes", type=float, default=5)
        parser.add_argument("--think", type=float, default=60, help="seconds between two steps of a person, on average")
        parser.add_argument("--online", type=int, help="students at work; by default one in twenty")
        parser.add_argument("--seed", type=int, default=42)
        parser.add_argument("--report", type=Path, help="a file for the report, too")
        parser.add_argument("--keep", action="store_true", help="leave the data for a look afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        if min(options["mentors"], options["mentees"], options["minutes"], options["think"]) <= 0:
            raise CommandError("Mentors, mentees, minutes and seconds of thinking are more than 0.")
        if os.environ.get(INSIDE):
            self._rehearse(options)
        else:
            sys.exit(self._in_a_folder_of_its_own(keep=options["keep"]))

    def _in_a_folder_of_its_own(self, *, keep: bool) -> int:
        """The same command again, with embedded servers of its own and its clock just before clocks change."""
        folder = settings.DATA_DIR / FOLDER
        change, zone = next_change(seeded_zones(), clock.now())
        ahead = settings.CLOCK_AHEAD + (change - 2 * JUMP / 3 - clock.now())
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"{FOLDER}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CommandError("A drill is running in this data directory.") from None
            _remove(folder)
            self.stdout.write(f"The clocks stand shortly before those of {zone} change, {change:%Y-%m-%d %H:%M} UTC.")
            self.stdout.flush()
            environment = os.environ | {
                INSIDE: "1",
                "DATA_DIR": str(folder),
                "DATABASE_URL": "",
                "REDIS_URL": "",
                "DATABASE_LOGIN": "",
                "EMAIL_URL": "",
                "ZOOM": "",
                # A commit that is answered has to outlive a crash.
                "EMBEDDED_FAST": "",
                "MEDIA_ROOT": "",
                "STATIC_ROOT": "",
                "CLOCK_AHEAD_SECONDS": str(int(ahead.total_seconds())),
                "ALLOWED_HOSTS": "localhost,127.0.0.1",
                "SITE_URL": "",
                "HTTPS": "",
            }
            # Ctrl-C reaches the inner program, too, which ends what it has begun.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            inner = subprocess.Popen(
                [sys.executable, *sys.argv],
                env=environment,
                preexec_fn=_listen_to_interrupts,  # noqa: PLW1509 - no threads here
            )
            signal.signal(signal.SIGTERM, lambda *_: inner.terminate())
            code = inner.wait()
            if not keep:
                _remove(folder)
            return code

    def _rehearse(self, options: dict[str, Any]) -> None:
        if not settings.IS_EMBEDDED or os.environ.get("REDIS_URL") or settings.DATA_DIR.name != FOLDER:
            raise CommandError(f"{INSIDE} is set, but these are not the servers of a drill. Nothing was changed.")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        mentors, mentees = options["mentors"], options["mentees"]
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        self._manage("migrate", "--no-input", "--verbosity", "0")
        self._manage("seed_mentorship", "--mentors", str(mentors), "--mentees-per-mentor", str(mentees))
        self._say(f"seeded after {time.monotonic() - began:.1f} s")
        began = time.monotonic()
        self._manage("match", "--publish")
        self._say(f"whoever waited is matched after {time.monotonic() - began:.1f} s")
        online = options["online"]
        if online is None:
            online = max(1, round(ONLINE_SHARE * mentors * mentees))
        wish = Wish(options["minutes"], options["think"], online, options["seed"], settings.DATA_DIR)
        told: list[str] = []

        def tell(line: str) -> None:
            told.append(line)
            self._say(line)

        outcome = rehearse(wish, tell)
        lines = list(
            report_lines(outcome, mentors=mentors, students=mentees, minutes=options["minutes"], think=options["think"])
        )
        self._say("\n".join(["", *lines]))
        if options["report"]:
            options["report"].write_text("\n".join([lines[0], "", *told, "", *lines[1:], ""]))
        if outcome.problems:
            sys.exit(1)

    def _manage(self, *command: str) -> None:
        subprocess.run(
            [sys.executable, sys.argv[0], *command],
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"SEED_PASSWORD": "only-for-the-drill"},
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
