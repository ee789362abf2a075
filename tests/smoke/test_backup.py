"""The commands of docs/operations.md: a dump of one server, restored into another, is the same academy."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
import requests
from django.conf import settings
from psycopg2 import sql

from tests.servers import ROOT, environment, web_server
from users.demo import ACCOUNTS

RESTORE_ADMIN_URL = os.environ.get("RESTORE_ADMIN_URL", "")
PAGE = ROOT / "docs" / "operations.md"
REPORT = b"%PDF-1.4\n" + b"The host was entered at 03:12.\n" * 1000
ROLES = ("student", "mentor", "director", "admin")
#: What differs from one dump to the next, and says nothing of the database.
NOISE = re.compile(r"^(--.*|\\(un)?restrict .*|)$")
#: A list of texts, which PostgreSQL writes with one cast the first time and, read again, with a cast for each.
CAST_LIST = re.compile(r"\(ARRAY\[([^]]*)\]\)::text\[\]")

pytestmark = [
    pytest.mark.smoke,
    pytest.mark.skipif(not RESTORE_ADMIN_URL, reason="needs a second PostgreSQL: .ci/smoke"),
]


@dataclass(frozen=True)
class Place:
    """A database with its files; `media` need not be there yet."""

    owner: str
    app: str
    worker: str
    admin: str
    media: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.owner,
            "DATABASE_APP_URL": self.app,
            "DATABASE_WORKER_URL": self.worker,
            "DATABASE_ADMIN_URL": self.admin,
            "MEDIA_ROOT": str(self.media),
        }

    def run(self, *command: str, folder: Path = ROOT, **more: str) -> str:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = environment("", **self.environment, PATH=path, **more)
        done = subprocess.run(command, cwd=folder, env=env, text=True, capture_output=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout


def commands_of(heading: str) -> str:
    """The first block of shell under a heading of the page."""
    block = re.search(rf"^### {heading}\n.*?^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert block, f"{PAGE.name} has no commands under {heading}"
    return block[1].replace("manage.py", str(ROOT / "manage.py"))


def elsewhere(folder: Path) -> Place:
    """A database of the same name on the other server, with logins of other names."""
    host, name = urlsplit(RESTORE_ADMIN_URL).netloc.rpartition("@")[2], urlsplit(settings.DATABASE_URL).path
    owner, app, worker = (
        f"postgresql://restored_{login}:{secrets.token_hex(16)}@{host}{name}" for login in ("owner", "app", "worker")
    )
    return Place(owner, app, worker, RESTORE_ADMIN_URL, folder / "restored")


class Person:
    """Somebody in a browser, signed in by her password."""

    def __init__(self, site: str, role: str, password: str) -> None:
        self.site, self.session = site, requests.Session()
        body = {"email": ACCOUNTS[role], "password": password}
        self.ask("POST", "auth/login", 200, json=body)

    def ask(self, method: str, path: str, expect: int, **sent: Any) -> requests.Response:
        headers = {"X-CSRFToken": self.session.cookies.get("csrftoken", ""), **sent.pop("headers", {})}
        answer = self.session.request(method, f"{self.site}/api/v1/{path}", headers=headers, timeout=30, **sent)
        assert answer.status_code == expect, answer.text
        return answer

    def event(self, path: str, after: int | None = None) -> tuple[int, str]:
        """Number and name of the first event of a stream."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        with self.ask("GET", path, 200, headers=headers, stream=True) as answer:
            found: dict[str, str] = {}
            for line in answer.iter_lines(chunk_size=1):
                name, _, value = line.decode().partition(": ")
                found[name] = value
                if "id" in found and "event" in found:
                    return int(found["id"]), found["event"]
        raise AssertionError("the stream has ended")


def hand_in(student: Person, mission: str) -> dict[str, Any]:
    files = {"files": ("report.pdf", REPORT, "application/pdf")}
    return dict(
        student.ask("POST", f"missions/{mission}/submissions", 201, data={"text": "See file."}, files=files).json()
    )


def tables(url: str) -> dict[str, tuple[int, str]]:
    """Table → number of its rows and a checksum over all of them, whatever their order."""
    with closing(psycopg2.connect(url)) as owner, owner.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found: dict[str, tuple[int, str]] = {}
        for (table,) in cursor.fetchall():
            summed = "SELECT count(*), coalesce(sum(hashtextextended(each::text, 0)::numeric), 0)::text FROM {} AS each"
            cursor.execute(sql.SQL(summed).format(sql.Identifier(table)))
            [found[table]] = cursor.fetchall()
    return found


def schema(place: Place) -> list[str]:
    """Tables, constraints, indexes, functions, triggers, policies and grants, as SQL."""
    text = place.run("pg_dump", "--schema-only", "--no-owner", "--no-comments", place.owner)
    return [CAST_LIST.sub(cast_each, line) for line in text.splitlines() if not NOISE.match(line)]


def cast_each(listed: re.Match[str]) -> str:
    return f"ARRAY[{', '.join(f'({each})::text' for each in listed[1].split(', '))}]"


def in_sight(url: str) -> dict[tuple[str, str], int]:
    """(role, table) → how many rows the demonstration's person in it sees; -1 where she may not look."""
    found = {}
    with closing(psycopg2.connect(url)) as app, app.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY 1")
        names = [table for (table,) in cursor.fetchall()]
        app.rollback()
        for role in ROLES:
            cursor.execute("SET LOCAL ROLE app_admin")
            cursor.execute("SELECT id::text FROM public.users_user WHERE email = %s", [ACCOUNTS[role]])
            person = cursor.fetchone()
            app.rollback()
            for table in names:
                cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(f"app_{role}")))
                cursor.execute("SELECT set_config('app.user_id', %s, true)", person)
                try:
                    cursor.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table)))
                    [(found[role, table],)] = cursor.fetchall()
                except psycopg2.errors.InsufficientPrivilege:
                    found[role, table] = -1
                app.rollback()
    return found


def test_a_dump_restored_elsewhere_is_the_same_academy(db: None, tmp_path: Path) -> None:
    password = secrets.token_urlsafe(16)
    first = Place(
        settings.DATABASE_URL, settings.DATABASE_APP_URL, settings.DATABASE_WORKER_URL, "", tmp_path / "media"
    )
    seed = ["manage.py", "seed_mentorship", "--mentors", "4", "--mentees-per-mentor", "4"]
    first.run(sys.executable, *seed, SEED_PASSWORD=password)
    with web_server(**first.environment) as site:
        student, mentor = (Person(site, role, password) for role in ("student", "mentor"))
        missions = student.ask("GET", "missions", 200).json()["results"]
        mission = next(each["id"] for each in missions if not each["submission"])
        file = hand_in(student, mission)["versions"][0]["files"][0]
        number, event = mentor.event("mentor/dashboard/stream")
        assert event == "snapshot"

    first.run("bash", "-ec", commands_of("Dump"), folder=tmp_path)
    second = elsewhere(tmp_path)
    said = second.run("bash", "-ec", commands_of("Restore"), folder=tmp_path)
    assert "holds" in said
    assert "broken" not in said

    rows = tables(first.owner)
    assert sum(count for count, _ in rows.values()) > 1000
    assert tables(second.owner) == rows
    policies = schema(first)
    assert any(line.startswith("CREATE POLICY") for line in policies)
    assert schema(second) == policies
    seen = in_sight(first.app)
    assert 0 < seen["mentor", "users_enrolment"] < rows["users_enrolment"][0]
    assert in_sight(second.app) == seen

    with web_server(**second.environment) as site:
        student, mentor = (Person(site, role, password) for role in ("student", "mentor"))
        assert student.ask("GET", f"missions/files/{file['id']}", 200).content == REPORT
        assert mentor.event("mentor/dashboard/stream") == (number, "snapshot")
        hand_in(student, mission)
        assert mentor.event("mentor/dashboard/stream", after=number) == (number + 1, "work_queue")
