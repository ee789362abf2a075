"""Indexes …"""

from __future__ import annotations

from django.apps import apps
from django.db.models import ForeignKey, Model, OneToOneField, UniqueConstraint

OURS = ("core", "users", "missions", "coaching", "student_dashboard", "mentorship_coordination")


def first_columns(model: type[Model]) -> set[str]:
    """Of indexes and unique constraints over all rows."""
    firsts = {index.fields[0].lstrip("-") for index in model._meta.indexes if index.condition is None and index.fields}
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None and constraint.fields:
            firsts.add(constraint.fields[0])
    return firsts


def test_of_foreign_keys_are_not_made_twice() -> None:
    """Django gives each foreign key an index of its own; one that begins with the key already serves it."""
    doubled = [
        f"{model.__name__}.{field.name}"
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey) and not isinstance(field, OneToOneField)
        if getattr(field, "db_index", False) and field.name in first_columns(model)
    ]
    assert doubled == []
