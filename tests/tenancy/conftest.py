"""One world for all tests of a module: they roll back whatever they write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections

from tests.database import Rebuilt, as_system
from tests.tenancy import world as tenancy_world
from tests.tenancy.attempts import Sessions
from tests.tenancy.matrix import Matrix


@pytest.fixture(scope="module")
def matrix(rebuilt_database: Rebuilt, django_db_blocker: object) -> Iterator[Matrix]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with as_system():
            built = tenancy_world.build()
        sessions = Sessions()
        yield Matrix(sessions, built)
        sessions.close()
        connections["default"].close()
        rebuilt_database.empty()
