"""PostgreSQL backend that says who acts whenever a transaction opens."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from core.tenancy import identity as tenancy


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS = {"identity": False}` is for the owner's connection, which migrates and acts as nobody."""

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        self._says_identity = params.pop("identity", True)
        return params

    def apply_identity(self, identity: tenancy.Identity | None = None) -> None:
        if not getattr(self, "_says_identity", True):
            return
        statement = (identity or tenancy.current()).statement()
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(statement)

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit:
            self.apply_identity()

    def _savepoint_rollback(self, sid: str) -> None:
        # ROLLBACK TO SAVEPOINT undoes a SET LOCAL made after the savepoint: say again what Python believes.
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self.apply_identity()
