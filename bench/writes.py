"""Submit, review, book and flag over HTTP: how long each takes with 20 clients at work, with a live and a dead broker.

Run `python bench/writes.py [--mentors 1000] [--clients 20] [--seconds 20] [--think 0.5] [--write]`. A client is a
mentor with her students, who take turns: an answer about a mission holds all its versions, and nobody has dozens.
Between two requests it thinks for about `--think` seconds (0: none at all).
Beside each figure stands the same client's GET of `/healthz`, which asks nothing of the database.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from academy import prepare
from report import report

os.environ.setdefault("THROTTLE_PERSON", "1000000/min")

import requests
from django.db import transaction
from django.db.models import Max

from core import clock
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.sessions import MentorSession
from missions.models import Mission
from tests.servers import collect_static, web_server, worker
from users.models import Enrolment, User
from users.secrets import digest_of, new_secret

GOAL_MS = 60
DEAD = "redis://127.0.0.1:1/0"
OPERATIONS = ("submit", "review", "book", "flag", "healthz")


@dataclass
class Pair:
    student_id: str
    mission_id: str
    student: dict[str, str]
    mentor: dict[str, str]
    submission: dict[str, Any] = field(default_factory=dict)


@dataclass
class Desk:
    """A mentor's pairs, and a time from which on she has no session."""

    pairs: list[Pair]
    begins: datetime


def desks(count: int) -> list[Desk]:
    """Different mentors with all their students who have something to hand in, and room for many sessions."""
    with acting_as(SYSTEM), transaction.atomic():
        found = MenteeMentorAssignment.objects.primary().active().select_related("mentee", "mentor", "cohort")
        mentors = list(found.order_by("mentor_id").values_list("mentor_id", flat=True).distinct()[:count])
        chosen = list(found.filter(mentor__in=mentors).order_by("mentor_id", "id"))
        User.objects.filter(pk__in=mentors).update(mentor_capacity_weekly=50)
        Enrolment.objects.filter(pk__in=[each.enrolment_id for each in chosen]).update(max_sessions=30_000)
        return [_desk([each for each in chosen if each.mentor_id == mentor]) for mentor in mentors]


def _desk(hers: list[MenteeMentorAssignment]) -> Desk:
    mentor = hers[0].mentor
    bearer = _bearer(mentor)
    latest = MentorSession.objects.filter(mentor=mentor).aggregate(at=Max("ends_at"))["at"] or clock.now()
    later = max(latest, clock.now()).replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    pairs = [pair for each in hers if (pair := _pair(each, bearer)) is not None]
    if not pairs:
        raise SystemExit("The students of a mentor of the seed have nothing left to hand in.")
    return Desk(pairs, later)


def _pair(each: MenteeMentorAssignment, mentor: dict[str, str]) -> Pair | None:
    """With a mission that she has not begun, or has not ended; None where there is neither."""
    begun = each.enrolment.submissions.values("mission")
    open_ones = Mission.objects.published().of_tracks([each.cohort.track_id]).filter(level=1).exclude(pk__in=begun)
    mission = (
        open_ones.first() or Mission.objects.filter(pk__in=begun.exclude(state__in=("approved", "rejected"))).first()
    )
    return Pair(str(each.mentee_id), str(mission.pk), _bearer(each.mentee), mentor) if mission else None


def _bearer(person: User) -> dict[str, str]:
    secret = new_secret()
    person.access_tokens.create(name="bench", digest=digest_of(secret), created_at=clock.now())
    return {"Authorization": f"Bearer {secret}"}


class Client(threading.Thread):
    """Hands in, answers, books and flags in turn until the time is over. Times are in milliseconds."""

    def __init__(self, desk: Desk, address: str, until: float, think: float) -> None:
        super().__init__(daemon=True)
        self.desk, self.pair = desk, desk.pairs[0]
        self.api, self.until, self.think = f"{address}/api/v1", until, think
        self.address = address
        self.session = requests.Session()
        self.times: dict[str, list[float]] = defaultdict(list)
        self.faults: list[str] = []

    def run(self) -> None:
        time.sleep(random.random() * self.think)
        while time.monotonic() < self.until:
            self.pair = random.choice(self.desk.pairs)
            for operation in OPERATIONS:
                getattr(self, operation)()
                time.sleep(random.uniform(0.5, 1.5) * self.think)

    def _timed(self, operation: str, method: str, url: str, **sent: Any) -> Any:
        began = time.perf_counter()
        answer = self.session.request(method, url, timeout=30, **sent)
        self.times[operation].append((time.perf_counter() - began) * 1000)
        if not answer.ok:
            self.faults.append(f"{operation}: {answer.status_code} {answer.text[:200]}")
            return {}
        return answer.json() if method == "POST" else {}

    def submit(self) -> None:
        url = f"{self.api}/missions/{self.pair.mission_id}/submissions"
        text = {"text": "The host was entered at 03:12 through the mail gateway."}
        self.pair.submission = self._timed("submit", "POST", url, json=text, headers=self.pair.student)

    def review(self) -> None:
        if not self.pair.submission:
            return
        url = f"{self.api}/mentor/missions/{self.pair.submission['id']}/review"
        verdict = {"score": 55, "feedback": "Where is the timeline?", "decision": "changes_requested"}
        self._timed("review", "POST", url, json=verdict, headers=self.pair.mentor)

    def book(self) -> None:
        wish = {"mentee_id": self.pair.student_id, "title": "Talk", "duration_minutes": 15,
                "start_time": self.desk.begins.isoformat()}  # fmt: skip
        self.desk.begins += timedelta(hours=6)
        self._timed("book", "POST", f"{self.api}/mentor/sessions", json=wish, headers=self.pair.mentor)

    def flag(self) -> None:
        worry = {"mentee_id": self.pair.student_id, "reason": "Silent.", "severity": "medium", "category": "other"}
        self._timed("flag", "POST", f"{self.api}/mentor/flags", json=worry, headers=self.pair.mentor)

    def healthz(self) -> None:
        self._timed("healthz", "GET", f"{self.address}/healthz")


def measure(found: list[Desk], address: str, seconds: float, think: float) -> tuple[dict[str, list[float]], list[str]]:
    until = time.monotonic() + seconds
    clients = [Client(desk, address, until, think) for desk in found]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    times = {name: [each for client in clients for each in client.times[name]] for name in OPERATIONS}
    return times, [fault for client in clients for fault in client.faults]


def lines_of(name: str, times: dict[str, list[float]], faults: list[str], seconds: float) -> Iterator[str]:
    count = sum(len(each) for each in times.values())
    yield f"{name}: {count / seconds:.0f} requests/s, {len(faults)} refused"
    for operation, each in times.items():
        p95 = statistics.quantiles(each, n=20)[-1]
        yield f"  {operation:<8} p50 {statistics.median(each):5.1f} ms, p95 {p95:5.1f} ms, longest {max(each):6.1f} ms"
    yield from (f"  {fault}" for fault in sorted(set(faults))[:3])


def warm(found: list[Desk], address: str) -> None:
    measure(found, address, 3, 0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description="Submit, review, book and flag over HTTP.")
    parser.add_argument("--mentors", type=int, default=1000, help="of 20 students each; for an empty database")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--think", type=float, default=0.5, help="seconds between two requests of a client, on average")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors)
    collect_static()
    found = desks(arguments.clients)
    lines = [f"{arguments.clients} clients, {arguments.think} s of thinking; goal p95 {GOAL_MS} ms for each"]
    for name, broker in (("live broker", {}), ("dead broker", {"REDIS_URL": DEAD})):
        with web_server(**broker) as address, worker():
            warm(found, address)
            times, faults = measure(found, address, arguments.seconds, arguments.think)
        lines += lines_of(name, times, faults, arguments.seconds)
    report("writes.py", lines, write=arguments.write)


if __name__ == "__main__":
    main()
