"""What a person costs: bytes of each table, growth in a year, processor time of a read, memory and connections.

Run `python bench/footprint.py [--mentors 200] [--seconds 20] [--write]`. It seeds a large academy (months of work) into
a database of its own under `.data/bench`; a filled one is used as it is, so begin with none. Sizes hold indexes and
TOAST. Needs Linux (/proc) and the embedded servers, whose processes it looks at.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from academy import prepare
from report import report

os.environ.setdefault("THROTTLE_PERSON", "1000000/min")

import psycopg2
import requests
from django.conf import settings
from django.db import transaction
from django.db.models import F
from redis import Redis

from core import clock
from core.actions import action
from core.enums import Audience, StreamEventName
from core.stream.publish import emit
from core.tenancy.identity import SYSTEM, acting_as
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from tests.servers import collect_static, environment, running, web_server, worker
from users.models import Enrolment, User
from users.secrets import digest_of, new_secret

#: Tables that grow with time, and when a row came to be where the seed writes as many as real work does.
GROWING = {
    "coaching_habitlog": "local_date",
    "student_dashboard_readinesssnapshot": None,
    "mentorship_coordination_mentorworkqueue": "created_at",
    "mentorship_coordination_mentorsession": "starts_at",
    "mentorship_coordination_sessionparticipant": None,
    "missions_submissionversion": "created_at",
    "missions_missionreview": None,
    "mentorship_coordination_notification": None,
    "core_streamevent": None,
    "core_auditentry": None,
}
SIZES = """
SELECT c.relname, c.reltuples::bigint, pg_total_relation_size(c.oid), pg_indexes_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'
ORDER BY 3 DESC
"""
DAYS = 28
SHOWN = 12
CLIENTS = 16
TICKS = os.sysconf("SC_CLK_TCK")
PAGES = {"mentor": ("mentor/dashboard", "mentor/workqueue"), "student": ("student/dashboard", "missions")}


class Database:
    """The owner's view: sizes, rows and who is connected."""

    def __init__(self) -> None:
        self.connection = psycopg2.connect(settings.DATABASE_URL)
        self.connection.autocommit = True

    def rows(self, query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall()) if cursor.description else []

    def processes(self, url: str) -> list[int]:
        query = "SELECT pid FROM pg_stat_activity WHERE usename = %s AND datname = current_database()"
        return [pid for (pid,) in self.rows(query, [urlsplit(url).username])]


@action
def talk(mentors: list[Any], times: int) -> None:
    """Stream events as the queue writes them: the seed writes none."""
    for number in range(times):
        for mentor in mentors:
            data = {"id": str(mentor), "type": "mission_review", "number": number, "at": clock.now().isoformat()}
            emit(recipient_id=mentor, audience=Audience.MENTOR, event=StreamEventName.WORK_QUEUE, data=data)


def write_what_the_seed_does_not() -> None:
    with acting_as(SYSTEM):
        with transaction.atomic():
            mentors = list(User.objects.filter(is_mentor=True).values_list("pk", flat=True))
        talk(mentors, 25)
        for change in (1, -1, 1, -1):
            with transaction.atomic():
                User.objects.filter(pk__in=mentors).update(mentor_capacity_weekly=F("mentor_capacity_weekly") + change)


def growth_of(database: Database, table: str, students: int) -> str:
    column = GROWING[table]
    if column is None:
        return ""
    query = f"SELECT count(*) FROM {table} WHERE {column} BETWEEN now() - interval '{DAYS} days' AND now()"
    [(count,)] = database.rows(query)
    return f"{count / DAYS * 365 / students:9.0f} rows a student and year"


def sizes(database: Database) -> Iterator[str]:
    database.rows("VACUUM (ANALYZE)")
    with acting_as(SYSTEM), transaction.atomic():
        students, mentors = Enrolment.objects.count(), User.objects.filter(is_mentor=True).count()
    found = database.rows(SIZES)
    total = sum(size for _, _, size, _ in found)
    yield f"{students} students, {mentors} mentors, months of work: {total / 1e6:.0f} MB in tables and indexes"
    yield f"{total / students / 1000:.1f} kB a student, her part of everything else included"
    yield f"{'table':<44} {'rows':>8}  B/row  index  kB a student"
    for place, (table, count, size, index) in enumerate(found):
        if place < SHOWN or table in GROWING:
            each = size / count if count else 0
            yield (
                f"{table:<44} {count:>8} {each:6.0f}  {index / size:4.0%} {size / students / 1000:9.2f}"
                + (growth_of(database, table, students) if table in GROWING else "")
            )


def bearer(person: User) -> dict[str, str]:
    secret = new_secret()
    person.access_tokens.create(name="bench", digest=digest_of(secret), created_at=clock.now())
    return {"Authorization": f"Bearer {secret}"}


def readers() -> list[tuple[str, dict[str, str]]]:
    """Role and header of as many mentors as students."""
    with acting_as(SYSTEM), transaction.atomic():
        pairs = MenteeMentorAssignment.objects.primary().active().select_related("mentee", "mentor")
        chosen = list(pairs.order_by("mentor_id", "id").distinct("mentor_id")[: CLIENTS // 2])
        return [each for pair in chosen for each in (("mentor", bearer(pair.mentor)), ("student", bearer(pair.mentee)))]


def descendants(pid: int) -> Iterator[int]:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield int(child)
        yield from descendants(int(child))


def processes_of(word: str) -> list[int]:
    """Of this program, those whose command has the word; what they started included."""
    mine = descendants(os.getpid())
    return sorted({pid for pid in mine if word in Path(f"/proc/{pid}/cmdline").read_text()})


def megabytes(pids: list[int], kind: str = "Pss") -> float:
    """Pss: what several share is divided among them. Private_Dirty: what each has written for itself."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) / 1024


def cpu_seconds(pids: list[int]) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / TICKS


def read_for(site: str, people: list[tuple[str, dict[str, str]]], seconds: float) -> int:
    """Everybody asks for her pages without a pause; how many answers came."""
    until, counts = time.monotonic() + seconds, [0] * len(people)

    def ask(place: int) -> None:
        role, headers = people[place]
        with requests.Session() as session:
            for path in cycle(PAGES[role]):
                if time.monotonic() > until:
                    return
                session.get(f"{site}/api/v1/{path}", headers=headers, timeout=30).raise_for_status()
                counts[place] += 1

    threads = [threading.Thread(target=ask, args=[place]) for place in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def processes(database: Database, seconds: float) -> Iterator[str]:
    people = readers()
    broker = Redis.from_url(settings.REDIS_URL)
    connected = int(broker.info("clients")["connected_clients"])
    with TemporaryDirectory() as folder:
        beat = ["celery", "-A", "core", "beat", "--loglevel", "warning", "--schedule", f"{folder}/schedule"]
        with web_server() as site, worker(), running(beat, environment("worker", DATA_DIR=str(settings.DATA_DIR))):
            web = processes_of("uvicorn")
            read_for(site, people, 2)
            sessions = database.processes(settings.DATABASE_APP_URL)
            before = cpu_seconds(web), cpu_seconds(sessions)
            count = read_for(site, people, seconds)
            used = [cpu_seconds(pids) - so_far for pids, so_far in zip((web, sessions), before, strict=True)]
            in_web, in_database = (each / count * 1000 for each in used)
            yield f"{count / seconds:.0f} reads a second of {CLIENTS} clients; dashboards, queue, missions"
            yield f"processor, a read: {in_web:.1f} ms web, {in_database:.1f} ms PostgreSQL"
            at_work = database.processes(settings.DATABASE_APP_URL)
            yield f"web, {settings.WEB_THREADS} threads: {megabytes(web):.0f} MB, {len(at_work)} connections"
            own = megabytes(at_work, "Private_Dirty") / len(at_work)
            yield f"PostgreSQL, a connection at work: {own:.1f} MB of its own"
            of_workers = database.processes(settings.DATABASE_WORKER_URL)
            for name in ("worker", "beat"):
                pids = [
                    pid for pid in processes_of("celery") if f"\0{name}\0" in Path(f"/proc/{pid}/cmdline").read_text()
                ]
                yield f"{name}: {megabytes(pids):.0f} MB in {len(pids)} processes"
            yield f"worker of one process and beat: {len(of_workers)} connections to PostgreSQL"
            now = int(broker.info("clients")["connected_clients"]) - connected
            yield f"web, worker and beat: {now} connections to Redis"


def main() -> None:
    parser = argparse.ArgumentParser(description="What a person costs.")
    parser.add_argument("--mentors", type=int, default=200, help="of 20 students each; for an empty database")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    prepare(arguments.mentors, "large")
    collect_static()
    database = Database()
    with closing(database.connection):
        write_what_the_seed_does_not()
        lines = [*sizes(database), "", *processes(database, arguments.seconds)]
    report("footprint.py", lines, write=arguments.write)


if __name__ == "__main__":
    main()
