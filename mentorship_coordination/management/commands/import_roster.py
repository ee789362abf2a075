from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from core import clock
from core.errors import DomainError
from core.tenancy.commands import SystemCommand
from mentorship_coordination.actions.roster import NEW_COHORT_RUNS_FOR, RosterImport, import_roster


class Command(SystemCommand):
    help = "Create and change mentors and students from a CSV file: all rows or none, and twice is once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with a header; docs/examples/roster.csv is one")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        try:
            found = import_roster(text=content, by=None, at=clock.now(), dry_run=options["dry_run"])
        except DomainError as error:
            raise CommandError(error.message) from error
        if found.problems:
            self._refuse(path, found)
        self._report(found)

    def _refuse(self, path: Path, found: RosterImport) -> None:
        for problem in found.problems:
            where = f"{path}:{problem.line}" + (f" {problem.column}" if problem.column else "")
            self.stderr.write(f"{where}: {problem.message}")
        raise CommandError(f"{len(found.problems)} problems: nothing was imported.")

    def _report(self, found: RosterImport) -> None:
        days = NEW_COHORT_RUNS_FOR.days
        for cohort in found.new_cohorts:
            self.stdout.write(f"New cohort {cohort.name} ({cohort.track}): from today, {days} days, {cohort.timezone}.")
        if found.ignored_columns:
            self.stdout.write(f"Columns without a meaning here: {', '.join(found.ignored_columns)}.")
        if found.repeated_lines:
            self.stdout.write(f"Repeated lines, counted once: {', '.join(map(str, found.repeated_lines))}.")
        prefix = "Would be: " if found.is_dry_run else ""
        self.stdout.write(
            f"{prefix}{found.created} created, {found.updated} updated, {found.unchanged} unchanged; "
            f"{found.enrolled} new enrolments."
        )
