"""A migration that adds or changes a table ends with `SyncTenancy()`."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.tenancy.sql import apply


def _apply(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apply(schema_editor)


class SyncTenancy(migrations.RunPython):
    """Re-applies the whole policy specification. Going back leaves policies on the tables that remain."""

    def __init__(self) -> None:
        super().__init__(_apply, migrations.RunPython.noop)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return self.__class__.__name__, [], {}
