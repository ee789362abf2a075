"""PostgreSQL backend that says who acts whenever a transaction opens."""

from __future__ import annotations

from typing import Any

from django.db import Error, OperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from core.tenancy import identity as tenancy


class ErrorWrapper(DatabaseErrorWrapper):
    """A connection that breaks off is an OperationalError, as one that cannot be made is: psycopg2 says DatabaseError
    of some, with no SQLSTATE, and whoever answers 503 or tries again would take it for a fault of ours.
    """

    def __init__(self, wrapper: DatabaseWrapper) -> None:
        super().__init__(wrapper)
        self.connection = wrapper

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_type is self.connection.Database.DatabaseError and exc_value.pgcode is None:
            self.connection.errors_occurred = True
            raise OperationalError(*exc_value.args).with_traceback(traceback) from exc_value
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS = {"identity": False}` is for the owner's connection, which migrates and acts as nobody.

    `"plans_once": True` is for pages: what is prepared is planned for any values, the first time and never again. Left
    to itself PostgreSQL plans it for its values five times, and for good where that looks cheaper by less than planning
    costs: it takes a plan under row-level security for as cheap as any.
    """

    @cached_property
    def wrap_database_errors(self) -> ErrorWrapper:
        return ErrorWrapper(self)

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        self._says_identity = params.pop("identity", True)
        self._plans_once = params.pop("plans_once", False)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        #: Of this connection (core.planned): role, types and statement → the name under which it was prepared.
        self.prepared: dict[tuple[Any, ...], str] = {}
        self.forgets_prepared = False
        return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        super().init_connection_state()
        if self._plans_once and not self.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
            with self.connection.cursor() as cursor:
                cursor.execute("SET plan_cache_mode = force_generic_plan")

    def apply_identity(self, identity: tenancy.Identity | None = None) -> None:
        if not getattr(self, "_says_identity", True):
            return
        statement = (identity or tenancy.current()).statement()
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(statement)

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit:
            try:
                self.apply_identity()
            except Error:
                # Django believes that no transaction is open, and would go on in the one that failed.
                self.close()
                raise

    def _savepoint_rollback(self, sid: str) -> None:
        # ROLLBACK TO SAVEPOINT undoes a SET LOCAL made after the savepoint: say again what Python believes.
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self.apply_identity()
