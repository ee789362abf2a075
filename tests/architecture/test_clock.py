"""There is one clock, `core.clock`: nobody else asks Python or PostgreSQL for the time."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import DateField

PROJECT = Path(settings.BASE_DIR)
APPS = ("core", "users", "student_dashboard", "missions", "mentorship_coordination")
CLOCK = PROJECT / "core" / "clock.py"

SQL_CLOCK = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(?:current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
PYTHON_CLOCKS = {"now", "utcnow", "today"}
CLOCK_HOLDERS = {"datetime", "date", "timezone"}
#: A stream asks the database whether its session still lives, and stamps rows for pruning; a trigger says when somebody
#: changed something. Nothing is decided by these.
SQL_ALLOWED = Counter(
    {
        ("core/stream/sql.py", "clock_timestamp()"): 1,
        ("core/stream/sql.py", "statement_timestamp()"): 2,
        ("core/tenancy/audit.py", "clock_timestamp()"): 1,
    }
)


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in sorted((PROJECT / app).rglob("*.py")):
            if "tests" not in path.parts and path != CLOCK:
                yield path, ast.parse(path.read_text(), str(path))


def docstrings(tree: ast.Module) -> set[int]:
    """Ids of the constants that are documentation."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }


def sql_clocks(tree: ast.Module) -> Iterator[str]:
    prose = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield from (found.group().lower() for found in SQL_CLOCK.finditer(node.value))


def python_clocks(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in PYTHON_CLOCKS:
            holder = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if holder in CLOCK_HOLDERS:
                yield f"{holder}.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.timezone":
            yield from (f"timezone.{name.name}" for name in node.names if name.name in PYTHON_CLOCKS)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db.models.functions"):
            yield from (f"functions.{name.name}" for name in node.names if name.name == "Now")


def test_sql_takes_its_time_as_a_parameter() -> None:
    found = Counter((str(path.relative_to(PROJECT)), clock) for path, tree in sources() for clock in sql_clocks(tree))
    assert found == SQL_ALLOWED


def test_python_asks_the_one_clock() -> None:
    found = [(str(path.relative_to(PROJECT)), clock) for path, tree in sources() for clock in python_clocks(tree)]
    assert found == []


def test_no_column_fills_itself_with_the_time() -> None:
    filled = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.fields
        if isinstance(field, DateField)
        and (field.auto_now or field.auto_now_add or (field.has_default() and callable(field.default)))
    ]
    assert filled == []


def test_the_linter_bans_the_other_clocks() -> None:
    lint = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert {"datetime.datetime.now", "datetime.date.today", "django.utils.timezone.now"} <= set(
        lint["flake8-tidy-imports"]["banned-api"]
    )
    assert "TID" in lint["select"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("cursor.execute('SELECT now()')", ["now()"]),
        ("query = f'''WHERE due_at < {column} AND Current_Timestamp'''", ["current_timestamp"]),
        ("def f():\n    'Says now().'", []),
        ("at = clock.now()", []),
        ("name = 'know()'", []),
    ],
)
def test_the_sql_sweep_sees(source: str, found: list[str]) -> None:
    assert list(sql_clocks(ast.parse(source))) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("at = datetime.now(UTC)", ["datetime.now"]),
        ("at = datetime.datetime.utcnow()", ["datetime.utcnow"]),
        ("at = timezone.now()", ["timezone.now"]),
        ("from django.utils.timezone import now", ["timezone.now"]),
        ("from django.db.models.functions import Lower, Now", ["functions.Now"]),
        ("at = clock.now()", []),
    ],
)
def test_the_python_sweep_sees(source: str, found: list[str]) -> None:
    assert list(python_clocks(ast.parse(source))) == found
