from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Key = tuple[str, str]


class Command(migrate.Command):
    """Django's, but for a database that stopped among migrations which others have replaced since.

    Django would take the rest of them for applied as soon as none of their files is left.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        applied = MigrationRecorder(connections[options["database"]]).applied_migrations()
        missing = left_out(MigrationLoader(None, ignore_no_migrations=True).disk_migrations, applied)
        if missing:
            app, name = missing[0]
            raise CommandError(
                f"This database has not had {app}.{name}, which was replaced since. Bring it up to date with the code "
                "from before that; docs/migrations.md says how to find it. Nothing was changed."
            )
        super().handle(*args, **options)


def left_out(known: Mapping[Key, Migration], applied: Collection[Key]) -> list[Key]:
    """Replaced migrations that a database which has had some of them has not had."""
    replaced = {old for key, each in known.items() if key not in applied for old in each.replaces}
    return sorted(replaced.difference(applied)) if replaced.intersection(applied) else []
