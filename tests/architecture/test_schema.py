"""The migrations have made what the models say: altering a column can take a constraint along unnoticed."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from tests.database import login

OURS = ("core", "users", "missions", "coaching", "student_dashboard", "mentorship_coordination")
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models(include_auto_created=True)]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_column_constraint_and_index_of_the_models_is_in_the_database(model: type[Model]) -> None:
    table, fields = model._meta.db_table, model._meta.concrete_fields
    with login(settings.DATABASE_URL, says_identity=False) as owner, owner.cursor() as cursor:
        found = owner.introspection.get_constraints(cursor, table)
        columns = {column.name for column in owner.introspection.get_table_description(cursor, table)}
    assert {field.column for field in fields} == columns
    assert {each.name for each in (*model._meta.constraints, *model._meta.indexes)} - found.keys() == set()
    unique = {tuple(each["columns"]) for each in found.values() if each["unique"]}
    assert {(field.column,) for field in fields if field.unique} - unique == set()
    linked = {tuple(each["columns"]) for each in found.values() if each["foreign_key"]}
    assert {(field.column,) for field in fields if getattr(field, "db_constraint", False)} - linked == set()
