"""A database that was made by the migrations of before goes on, with what they had lost made again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from core.management.commands.migrate import left_out
from tests.database import login

pytestmark = pytest.mark.usefixtures("db")

INDEX = "one_active_enrolment"
LOOKS = "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index WHERE indexrelid = %s::regclass"
KNOWN = MigrationLoader(None).disk_migrations
OLD = sorted(old for each in KNOWN.values() for old in each.replaces)
NEW = [key for key, each in KNOWN.items() if each.replaces]
OURS = {app for app, _ in OLD}


@contextmanager
def as_owner() -> Iterator[Any]:
    owner = psycopg2.connect(settings.DATABASE_URL)
    owner.autocommit = True
    try:
        with owner.cursor() as cursor:
            yield cursor
    finally:
        owner.close()


@contextmanager
def recorded_as(applied: list[tuple[str, str]]) -> Iterator[None]:
    """As if the database had been made by the old migrations of `applied`."""
    with login(settings.DATABASE_URL, says_identity=False) as owner:
        recorder = MigrationRecorder(owner)
        before = recorder.applied_migrations()
        gone = [*OLD, *(key for key in KNOWN if key[0] in OURS)]
        for key in gone:
            recorder.record_unapplied(*key)
        for key in applied:
            recorder.record_applied(*key)
        try:
            yield
        finally:
            for key in recorder.applied_migrations().keys() - before.keys():
                recorder.record_unapplied(*key)
            for key in before.keys() - recorder.applied_migrations().keys():
                recorder.record_applied(*key)


def index() -> tuple[str, bool]:
    with as_owner() as cursor:
        cursor.execute(LOOKS, [INDEX])
        found: tuple[str, bool] = cursor.fetchone()
        return found


def migrated() -> str:
    told = StringIO()
    call_command("migrate", stdout=told, interactive=False)
    return told.getvalue()


@pytest.mark.parametrize("is_there", ["not at all", "as something that enforces nothing"])
def test_the_lost_index_is_made_again_as_a_new_database_has_it(is_there: str) -> None:
    wanted = index()
    with as_owner() as cursor:
        cursor.execute(f"DROP INDEX {INDEX}")
        if is_there != "not at all":
            cursor.execute(f"CREATE INDEX {INDEX} ON users_enrolment (state)")
    with recorded_as(OLD):
        assert "users.0002_one_active_enrolment" in migrated()
        assert "No migrations to apply." in migrated()
    assert index() == wanted
    assert wanted[1]


@pytest.mark.parametrize("app", sorted(OURS))
def test_one_that_stopped_in_between_is_refused(app: str) -> None:
    last = max(key for key in OLD if key[0] == app)
    with recorded_as([key for key in OLD if key != last]), pytest.raises(CommandError, match=rf"\.{last[1]}, which"):
        migrated()


def test_each_app_alone_may_go_first() -> None:
    with recorded_as(OLD):
        call_command("migrate", "coaching", stdout=StringIO(), interactive=False)
        assert "users.0002_one_active_enrolment" in migrated()


def test_a_new_database_and_one_that_went_on_have_left_nothing_out() -> None:
    assert left_out(KNOWN, []) == []
    assert left_out(KNOWN, OLD) == []
    assert left_out(KNOWN, [*OLD, *NEW]) == []
    assert left_out(KNOWN, NEW) == []
    assert import_module("users.migrations.0001_tables").Migration.replaces[0] == ("users", "0001_initial")
