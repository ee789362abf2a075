"""Requests a second of a mentor's dashboard from one web process on one core, beside a view that does nothing.

Run `python bench/throughput.py [--mentors 1000] [--clients 4] [--seconds 4] [--rounds 5] [--write]`. Both views are
answered by one server, with the same signing in, role and transaction; they take turns. The web process runs on one
core, the clients on the others where there are any.
"""

from __future__ import annotations

import argparse
import itertools
import os
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from academy import prepare
from django.urls import reverse
from report import report
from visits import sampled_pairs, settle

from tests.servers import collect_static, web_server

GOAL, GOAL_SHARE = 250, 0.35
SETTINGS = "bench.empty_settings"
EMPTY = "/api/v1/empty"
HEAD_ENDS = b"\r\n\r\n"


@contextmanager
def own_core() -> Iterator[None]:
    """What is started in the block runs on one core, and this process afterwards on the others."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores - {max(cores)} or cores)


class Client(threading.Thread):
    """Asks for a page again and again as each person in turn, on one connection that stays open."""

    def __init__(self, address: str, path: str, tokens: Sequence[str], until: float) -> None:
        super().__init__(daemon=True)
        where = urlsplit(address)
        self.line = socket.create_connection((where.hostname, where.port), timeout=30)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = itertools.cycle(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            for token in tokens
        )
        self.until = until
        self.times: list[float] = []

    def run(self) -> None:
        with self.line:
            while time.monotonic() < self.until:
                began = time.perf_counter()
                self.line.sendall(next(self.requests))
                self._receive()
                self.times.append((time.perf_counter() - began) * 1000)

    def _receive(self) -> None:
        answer = b""
        while HEAD_ENDS not in answer:
            answer += self._more()
        head, body = answer.split(HEAD_ENDS, 1)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{head.decode()} {body[:200]!r}")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        missing = length - len(body)
        while missing > 0:
            missing -= len(self._more())

    def _more(self) -> bytes:
        chunk = self.line.recv(65536)
        if not chunk:
            raise SystemExit("The server has closed the connection.")
        return chunk


def requests_a_second(address: str, path: str, tokens: Sequence[str], clients: int, seconds: float) -> list[float]:
    """[requests a second, p50 and p95 in milliseconds]."""
    until = time.monotonic() + seconds
    began = time.perf_counter()
    running = [Client(address, path, tokens[place::clients], until) for place in range(clients)]
    for client in running:
        client.start()
    for client in running:
        client.join()
    times = [each for client in running for each in client.times]
    rate = len(times) / (time.perf_counter() - began)
    return [rate, statistics.median(times), statistics.quantiles(times, n=20)[-1]]


def words(name: str, rounds: Sequence[Sequence[float]]) -> str:
    rate, middle, slow = (statistics.median(column) for column in zip(*rounds, strict=True))
    best = max(each[0] for each in rounds)
    return f"{name:<18} {rate:6.0f}/s, best {best:6.0f}/s; p50 {middle:6.1f} ms, p95 {slow:6.1f} ms"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Throughput of the mentor's dashboard.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=4, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    settle()
    collect_static()
    tokens = [pair.mentor_token for pair in sampled_pairs(400)]
    pages = {"mentor/dashboard": reverse("mentor-dashboard"), "an empty view": EMPTY}
    found: dict[str, list[list[float]]] = {name: [] for name in pages}
    with own_core():
        server = web_server(DJANGO_SETTINGS_MODULE=SETTINGS, WEB_THREADS=str(arguments.clients))
        address = server.__enter__()
    try:
        for path in pages.values():
            requests_a_second(address, path, tokens, arguments.clients, 2)
        for _ in range(arguments.rounds):
            for name, path in pages.items():
                found[name].append(requests_a_second(address, path, tokens, arguments.clients, arguments.seconds))
    finally:
        server.__exit__(None, None, None)
    share = statistics.median(a[0] / b[0] for a, b in zip(*found.values(), strict=True))
    report(
        "throughput.py",
        [
            f"one process, {arguments.clients} clients without a pause, {len(tokens)} mentors in turn",
            *(words(name, rounds) for name, rounds in found.items()),
            f"goals: {GOAL}/s; {share:.2f} x the empty view ({GOAL_SHARE})",
        ],
        write=arguments.write,
    )
