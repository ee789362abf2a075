"""Actions for rows that are settings: validated as a whole, saved or deleted, nothing else follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model

from core.actions import action


@action
def save_record(*, record: Model, by: Any, at: datetime) -> None:
    """Check every field and constraint of `record` and save it. Raises django.core.exceptions.ValidationError."""
    record.full_clean()
    record.save()


@action
def delete_record(*, record: Model, by: Any, at: datetime) -> None:
    """Delete `record`. Raises django.db.models.ProtectedError while something needs it."""
    record.delete()
