"""Migrations that run while the product does: the release before works on, and nothing waits for long.

The rules are in docs/migrations.md. Those about SQL are django-migration-linter's, its warnings counted as errors, and
three more.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from core.operations import AddIndexBesideWork
from core.tenancy.operations import SyncTenancy
from tests.database import login

pytestmark = pytest.mark.usefixtures("db")

#: App → its last migration that makes a new database. Those after it run on installations that have to stay up.
BASELINE = {
    "core": 1, "users": 1, "student_dashboard": 1, "missions": 1, "coaching": 1, "mentorship_coordination": 3,
}  # fmt: skip
#: (app, migration) → the release whose code was the last to use what this one drops or renames.
CONTRACTS: dict[tuple[str, str], str] = {}
CONTRACTING = {"DROP_COLUMN", "DROP_TABLE", "RENAME_COLUMN", "RENAME_TABLE"}
CONSTRAINT = re.compile(r'ALTER TABLE ("\S+"|\S+) ADD CONSTRAINT .* (CHECK|FOREIGN KEY|EXCLUDE|USING)\b')
CHANGING = re.compile(
    r"(ALTER TABLE|(?:CREATE|DROP) (?:UNIQUE )?INDEX (?!CONCURRENTLY)|UPDATE|DELETE FROM|INSERT INTO) "
)


def checks_all_rows(statements: list[str], **more: object) -> bool:
    """A constraint on a table that is there already, looked at for each row under a lock that writers wait for."""
    made = {match[1] for each in statements if (match := re.match(r'CREATE TABLE ("\S+"|\S+)', each))}
    return any(
        (match := CONSTRAINT.match(each)) and match[1] not in made and "NOT VALID" not in each for each in statements
    )


def writes_all_rows(statement: str, **more: object) -> bool:
    """A default that is another one in each row, for which PostgreSQL writes the table anew."""
    default = re.search(r"ADD COLUMN .* DEFAULT (.*)", statement)
    return bool(default and re.search(r"\w+\(", default[1]) and "statement_timestamp()" not in default[1].lower())


def mixes_rows_and_schema(statements: list[str], **more: object) -> bool:
    """Rows changed under the locks that changed tables hold until the end of the transaction."""
    kinds = {match[1].split()[0] for each in statements if (match := CHANGING.match(each))}
    return "ALTER" in kinds and bool(kinds & {"UPDATE", "DELETE", "INSERT"})


class Analyser(PostgresqlAnalyser):
    migration_checks = [
        *PostgresqlAnalyser.migration_checks,
        Check("CHECKS_ALL_ROWS", checks_all_rows, "NOT VALID first", CheckMode.TRANSACTION, CheckType.ERROR),
        Check("WRITES_ALL_ROWS", writes_all_rows, "the table is rewritten", CheckMode.ONE_LINER, CheckType.ERROR),
        Check("MIXED", mixes_rows_and_schema, "rows and schema apart", CheckMode.TRANSACTION, CheckType.ERROR),
    ]


def sql_of(migration: migrations.Migration, state: ProjectState) -> list[str]:
    """The statements that a migration runs, with BEGIN and COMMIT where it is one transaction."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        migration.apply(state, editor, collect_sql=True)
    lines = [line for each in editor.collected_sql for line in each.splitlines() if not line.startswith("--")]
    return ["BEGIN;", *lines, "COMMIT;"] if migration.atomic else lines


def is_dropped_before(statement: str, earlier: list[str]) -> bool:
    """True, too, of whatever makes no index beside the work."""
    made = re.match(r'CREATE (?:UNIQUE )?INDEX CONCURRENTLY "?(\w+)', statement)
    dropped = (re.match(r'DROP INDEX CONCURRENTLY IF EXISTS "?(\w+)', each) for each in earlier)
    return made is None or made[1] in {match[1] for match in dropped if match}


def faults_of(migration: migrations.Migration, state: ProjectState) -> set[str]:
    analyser, statements = Analyser([]), sql_of(migration, state)
    analyser.analyse(statements)
    found = {str(issue.code) for issue in (*analyser.errors, *analyser.warnings)}
    syncs = [isinstance(operation, SyncTenancy) for operation in migration.operations]
    if any(syncs[:-1]):
        found.add("SYNC_NOT_LAST")
    if any(syncs) and any(re.match(r"UPDATE |DELETE |INSERT ", each) for each in statements):
        found.add("MIXED")
    if not all(is_dropped_before(each, statements[:place]) for place, each in enumerate(statements)):
        found.add("NOT_RUN_AGAIN")
    if (migration.app_label, migration.name) in CONTRACTS:
        found -= CONTRACTING
    return found


def number_of(name: str) -> int:
    """A migration without a number counts as new."""
    begin = re.match(r"\d+", name)
    return int(begin[0]) if begin else sys.maxsize


def new_migrations() -> Iterator[tuple[migrations.Migration, ProjectState]]:
    loader = MigrationLoader(None)
    for app, name in sorted(loader.graph.nodes):
        if app in BASELINE and number_of(name) > BASELINE[app]:
            yield loader.graph.nodes[app, name], loader.project_state((app, name), at_end=False)


def test_keep_the_product_up() -> None:
    found = {
        str(migration): sorted(faults)
        for migration, state in new_migrations()
        if (faults := faults_of(migration, state))
    }
    assert found == {}


def test_of_every_app_are_looked_at() -> None:
    root = Path(settings.BASE_DIR)
    assert set(BASELINE) == {path.parent.name for path in root.glob("*/migrations")}


def judged(*operations: Operation, atomic: bool = True) -> set[str]:
    """What the rules say of a migration over a table that is there, with rows."""
    kind = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    state = ProjectState()
    columns: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.TextField()),
        ("rank", models.IntegerField()),
    ]
    state.add_model(ModelState("missions", "Item", columns))
    return faults_of(kind("0999_planted", "missions"), state)


NOT_NEGATIVE = models.CheckConstraint(condition=models.Q(rank__gte=0), name="not_negative")
APART = ExclusionConstraint(name="apart", expressions=[("rank", RangeOperators.EQUAL)])
UNIQUE = models.UniqueConstraint(fields=["title"], name="one_title")
BY_RANK = models.Index(fields=["rank"], name="by_rank")
PLANTED: dict[str, tuple[list[Operation], set[str]]] = {
    "a column that old code does not fill": (
        [migrations.AddField("item", "note", models.TextField(default=""))],
        {"NOT_NULL"},
    ),
    "a column that every row gets for itself": (
        [migrations.AddField("item", "key", models.UUIDField(db_default=RandomUUID()))],
        {"WRITES_ALL_ROWS"},
    ),
    "a column that old code reads": ([migrations.RemoveField("item", "title")], {"DROP_COLUMN"}),
    "another name": ([migrations.RenameField("item", "title", "name")], {"RENAME_COLUMN"}),
    "another name of a table": ([migrations.RenameModel("Item", "Thing")], {"RENAME_TABLE"}),
    "another type": ([migrations.AlterField("item", "rank", models.BigIntegerField())], {"ALTER_COLUMN"}),
    "a table that old code reads": ([migrations.DeleteModel("Item")], {"DROP_TABLE"}),
    "an index that writers wait for": ([migrations.AddIndex("item", BY_RANK)], {"CREATE_INDEX"}),
    "a constraint that writers wait for": ([migrations.AddConstraint("item", NOT_NEGATIVE)], {"CHECKS_ALL_ROWS"}),
    "rows kept apart": ([migrations.AddConstraint("item", APART)], {"CHECKS_ALL_ROWS"}),
    "unique from now on": ([migrations.AddConstraint("item", UNIQUE)], {"ADD_UNIQUE"}),
    "rows changed under the locks of a changed table": (
        [
            migrations.AddField("item", "note", models.TextField(null=True)),
            migrations.RunSQL("UPDATE missions_item SET note = title", migrations.RunSQL.noop),
        ],
        {"MIXED"},
    ),
    "rows changed under the locks of all tables": (
        [migrations.RunSQL("UPDATE missions_item SET rank = 0", migrations.RunSQL.noop), SyncTenancy()],
        {"MIXED"},
    ),
    "something done while all tables are locked": (
        [SyncTenancy(), migrations.AddField("item", "note", models.TextField(null=True))],
        {"SYNC_NOT_LAST"},
    ),
}


def test_that_could_not_be_run_again_is_found() -> None:
    assert judged(AddIndexConcurrently("item", BY_RANK), atomic=False) == {"NOT_RUN_AGAIN"}
    by_hand = migrations.RunSQL("CREATE INDEX CONCURRENTLY by_rank ON missions_item (rank)", migrations.RunSQL.noop)
    assert judged(by_hand, atomic=False) == {"NOT_RUN_AGAIN"}


@pytest.mark.parametrize("is_left", [True, False], ids=["something left", "nothing left"])
def test_an_index_is_made_whatever_an_interrupted_one_left(is_left: bool) -> None:
    operation = AddIndexBesideWork("track", models.Index(fields=["name"], name="tracks_by_name_again"))
    state = MigrationLoader(None).project_state()
    made = state.clone()
    operation.state_forwards("users", made)
    with login(settings.DATABASE_URL, says_identity=False) as owner, owner.cursor() as cursor:
        if is_left:
            cursor.execute("CREATE INDEX tracks_by_name_again ON users_track (slug)")
        try:
            with owner.schema_editor(atomic=False) as editor:
                operation.database_forwards("users", editor, state, made)
            cursor.execute("SELECT pg_get_indexdef('tracks_by_name_again'::regclass)")
            assert cursor.fetchone()[0].endswith("(name)")
            cursor.execute("SELECT setting = reset_val FROM pg_settings WHERE name = 'lock_timeout'")
            assert cursor.fetchone() == (True,)
        finally:
            cursor.execute("DROP INDEX IF EXISTS tracks_by_name_again")


@pytest.mark.parametrize("name", PLANTED)
def test_that_do_not_are_found(name: str) -> None:
    operations, expected = PLANTED[name]
    assert judged(*operations) >= expected


ALLOWED: dict[str, tuple[list[Operation], bool]] = {
    "a column that may stay empty": ([migrations.AddField("item", "note", models.TextField(null=True))], True),
    "a column that PostgreSQL fills": (
        [migrations.AddField("item", "note", models.TextField(db_default=""))],
        True,
    ),
    "a new table": (
        [
            migrations.CreateModel(
                "Thing", [("id", models.BigAutoField(primary_key=True)), ("rank", models.IntegerField())]
            ),
            migrations.AddIndex("thing", models.Index(fields=["rank"], name="things_by_rank")),
            SyncTenancy(),
        ],
        True,
    ),
    "an index beside the work": ([AddIndexBesideWork("item", BY_RANK)], False),
    "a constraint for new rows": ([AddConstraintNotValid("item", NOT_NEGATIVE)], True),
    "its look at the old ones": ([ValidateConstraint("item", "not_negative")], True),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_that_do_are_let_through(name: str) -> None:
    operations, atomic = ALLOWED[name]
    assert judged(*operations, atomic=atomic) == set()
