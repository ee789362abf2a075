"""Streams in one process: what they weigh, what they cost asleep, how soon they hear; and what survives faults.

Run `python bench/stream.py [--sizes 100,1000,5000,10000] [--write]`, or with `--chaos`. The baseline is a server that
writes the same bytes to as many sockets and knows nothing else (`stream_bare.py`), with the same readers and the same
talker, one after the other in one run. Times are from the commit to the reader's process, on one steady clock.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from academy import ROOT, prepare

sys.path.insert(0, str(ROOT / "bench"))

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from report import report

from core.serving import free_port
from core.stream import bus
from core.tenancy.identity import SYSTEM, acting_as
from core.tests.brokers import wait_for
from mentorship_coordination.drill.listening import Readers
from tests.streams.crowd import (
    Talker,
    make_listeners,
    readers,
    running_web,
    say,
    wait_until,
)
from tests.streams.faults import try_with_faults

IDLE_SECONDS = 20.0
SETTLE_SECONDS = 12.0
TALK_SECONDS = 15.0
RATES = ((100, 1), (1000, 5))
GOAL_KILOBYTES, GOAL_IDLE, GOAL_MS, GOAL_RATIO = 16.0, 2.0, 100.0, 2.0
TICKS = os.sysconf("SC_CLK_TCK")
Person = tuple[UUID, str]


@dataclass
class Figures:
    """Of one server with so many streams: seconds, kilobytes a stream, percent of a core, milliseconds."""

    opening: float
    weight: float
    idle: float
    queries: int
    latency: dict[str, np.ndarray]
    busy: dict[str, float]


@contextmanager
def always_on_the_bus() -> Iterator[None]:
    """The bare server knows no database: it gets each event, however many there are."""
    before, bus.MOST_SENT = bus.MOST_SENT, 1_000_000
    try:
        yield
    finally:
        bus.MOST_SENT = before


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))


def queries_so_far() -> int:
    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


@contextmanager
def bare_server(people: Sequence[Person], folder: Path) -> Iterator[tuple[int, int]]:
    pairs = folder / "pairs"
    pairs.write_text("\n".join(f"{secret} {pk.hex}" for pk, secret in people))
    port = free_port()
    command = [sys.executable, str(ROOT / "bench" / "stream_bare.py"), str(port), str(pairs)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"REDIS_URL": settings.REDIS_URL})
    try:
        wait_for(port, process)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def our_server() -> Iterator[tuple[int, int]]:
    with running_web() as web:
        yield web.port, web.process.pid


def measure(pid: int, crowd: Readers, people: Sequence[Person], serial: int, *, is_bare: bool) -> Figures:
    before = resident_kilobytes(pid)
    opened = crowd("open", count=len(people))
    if opened["refused"] or opened["open"] < len(people):
        raise SystemExit(f"not all streams are open: {opened}")
    # PostgreSQL counts the queries of the opening a few seconds late.
    time.sleep(SETTLE_SECONDS)
    weight = (resident_kilobytes(pid) - before) / len(people)
    asked, began, spent = queries_so_far(), time.monotonic(), cpu_seconds(pid)
    time.sleep(IDLE_SECONDS)
    idle = 100 * (cpu_seconds(pid) - spent) / (time.monotonic() - began)
    queries = queries_so_far() - asked
    found = Figures(opened["seconds"], weight, idle, queries, {}, {})
    ids = [pk for pk, _ in people]
    for rate, together in RATES:
        talker = Talker(ids, rate=rate, together=together, first_serial=serial)
        spent, began = cpu_seconds(pid), time.monotonic()
        talker.start()
        time.sleep(TALK_SECONDS)
        committed = talker.stop()
        found.busy[f"{rate}/s"] = 100 * (cpu_seconds(pid) - spent) / (time.monotonic() - began)
        found.latency[f"{rate}/s"] = latencies(crowd, committed)
        serial = max(committed) + 1
    committed = {}
    with acting_as(SYSTEM), always_on_the_bus() if is_bare else nullcontext():
        say(ids, list(range(serial, serial + len(ids))), committed)
    found.latency["broadcast"] = latencies(crowd, committed)
    return found


def latencies(crowd: Readers, committed: dict[int, float]) -> np.ndarray:
    """Milliseconds of each event from its commit to its reader; raises SystemExit when some did not come."""
    arrived = wait_until(lambda: crowd("count")["events"] >= len(committed), 30.0)
    log = crowd.log()
    crowd("forget")
    if not arrived:
        raise SystemExit(f"{len(committed)} events were said and {len(log['at'])} came")
    said = np.array([committed[serial] for serial in log["serial"].tolist()])
    return np.sort(1000 * (log["at"] - said))


def row(name: str, found: Figures) -> str:
    shown = [f"{np.percentile(each, share):.1f}" for each in found.latency.values() for share in (50, 95, 99)]
    times = "".join(f"{'/'.join(shown[start : start + 3]):>20}" for start in range(0, len(shown), 3))
    return f"{name:<8}{found.opening:>9.1f}{found.weight:>9.1f}{found.idle:>9.2f}{found.busy['1000/s']:>9.1f}{times}"


def compare(count: int, folder: Path) -> list[str]:
    people, serial = make_listeners(count), 0
    lines = [f"{count:,} streams"]
    found = {}
    for name, server in (("ours", our_server()), ("bare", bare_server(people, folder))):
        with server as (port, pid), readers(port, [secret for _, secret in people], folder) as crowd:
            found[name] = measure(pid, crowd, people, serial, is_bare=name == "bare")
        lines.append(row(name, found[name]))
        # The bare server knows no numbers: its readers begin wherever the bus is.
        serial += 10_000_000
    ours, bare = found["ours"], found["bare"]
    p99 = {name: [float(np.percentile(each, 99)) for each in of.latency.values()] for name, of in found.items()}
    ratio = p99["ours"][1] / p99["bare"][1]
    lines.append(f"queries while asleep for {IDLE_SECONDS:.0f} s: {ours.queries} (bare {bare.queries})")
    if count >= 5000:
        lines.append(
            f"goals: {ours.weight:.1f} kB a stream (16); asleep {ours.idle * 5000 / count:.2f} % of a core per 5,000 "
            f"(2); p99 at 1,000/s {p99['ours'][1]:.0f} ms (100) and {ratio:.2f} x bare (2)"
        )
    return [*lines, ""]


def restart_database() -> None:
    """End the embedded server: its supervisor begins it again."""
    file = Path(os.environ["DATA_DIR"]) / "postgres" / "postmaster.pid"
    os.kill(int(file.read_text().splitlines()[0]), 2)
    time.sleep(1.0)


def chaos(folder: Path) -> list[str]:
    lines: list[str] = []

    def tell(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    people = make_listeners(1000)
    verdict = try_with_faults(people, folder=folder, rate=300, pause=5, restart_database=restart_database, tell=tell)
    tell(f"1,000 streams, 300 events a second through it all: {verdict}")
    if not verdict.is_clean:
        raise SystemExit("the stream has lost, doubled or swapped events")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description="Streams in one process, next to a bare server.")
    parser.add_argument("--sizes", default="100,1000,5000,10000")
    parser.add_argument("--chaos", action="store_true", help="try faults instead")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    prepare(2)
    with tempfile.TemporaryDirectory() as name:
        if arguments.chaos:
            report("stream.py --chaos", chaos(Path(name)), write=arguments.write)
            return
        lines = [
            f"{'':8}{'open s':>9}{'kB each':>9}{'asleep %':>9}{'busy %':>9}"
            + "".join(f"{title:>20}" for title in ("100/s p50/95/99 ms", "1000/s", "broadcast"))
        ]
        for size in arguments.sizes.split(","):
            found = compare(int(size), Path(name))
            print("\n".join(found), flush=True)
            lines += found
        report("stream.py", lines, write=arguments.write)


if __name__ == "__main__":
    main()
