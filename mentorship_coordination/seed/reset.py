"""Deletes what people and programs have written; service levels and calendars that hold for all stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.apps import apps
from django.db import models, transaction

from mentorship_coordination.models.queue import BusinessCalendar, SlaPolicy

_APPS: Final = ("core", "users", "student_dashboard", "missions", "coaching", "mentorship_coordination")


def delete_everything() -> int:
    """Empty the tables of every app, referring ones first; returns how many rows went. Acts as the system."""
    with transaction.atomic():
        return sum(rows._raw_delete(rows.db) for rows in _in_order())


def _in_order() -> Iterator[models.QuerySet[models.Model]]:
    for model in _referring_first():
        rows: models.QuerySet[models.Model] = model._base_manager.all()
        if model is SlaPolicy:
            rows = SlaPolicy.objects.filter(track__isnull=False)  # type: ignore[assignment]
        elif model is BusinessCalendar:
            continue
        yield rows


def _referring_first() -> list[type[models.Model]]:
    """All models, each before those that its foreign keys point to."""
    waiting = [model for model in apps.get_models() if model._meta.app_label in _APPS]
    ordered: list[type[models.Model]] = []
    while waiting:
        free = [model for model in waiting if not any(_refers(other, model) for other in waiting)]
        if not free:
            raise LookupError(f"foreign keys go round in a circle: {[model.__name__ for model in waiting]}")
        ordered += free
        waiting = [model for model in waiting if model not in free]
    return ordered


def _refers(model: type[models.Model], other: type[models.Model]) -> bool:
    targets = [field.related_model for field in model._meta.concrete_fields if field.is_relation]
    return model is not other and other in targets
