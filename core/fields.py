"""Columns that Django has no field for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class TransactionIdField(models.Field[Any, Any]):
    """PostgreSQL's `xid8`: a transaction's number, which is never used again. Read and compared as text."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def get_internal_type(self) -> str:
        return "TextField"


class CurrentTransaction(models.Func):
    """The number of the transaction that writes the row."""

    function = "pg_current_xact_id"
    arity = 0
    allowed_default = True
    output_field = TransactionIdField()
