"""As whom the application acts: said in one place, told to PostgreSQL in each transaction, gone with it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from conftest import Cast
from core.tenancy.identity import ANON, SYSTEM, Identity, Role, acting_as, current
from tests.people import browser_of
from users.models import User

Api = Callable[[User | None], APIClient]


class Broken(Exception):
    pass


def told() -> tuple[str, str]:
    """Group role and person as PostgreSQL knows them in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text, coalesce(current_setting('app.user_id', true), '')")
        role, person = cursor.fetchone()
    return role, person


def of(identity: Identity) -> tuple[str, str]:
    return identity.role.database_role, str(identity.user_id or "")


@pytest.fixture
def mentor() -> Identity:
    return Identity(Role.MENTOR, uuid4())


@pytest.fixture
def student() -> Identity:
    return Identity(Role.STUDENT, uuid4())


def test_tests_run_on_the_applications_login(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user::text, current_user::text")
        found = cursor.fetchone()
    assert found == (urlsplit(settings.DATABASE_APP_URL).username, "app_anon")


def test_a_transaction_begins_as_whoever_acts(db: None, mentor: Identity) -> None:
    with acting_as(mentor), transaction.atomic():
        assert told() == of(mentor)


def test_outside_of_a_transaction_nobody_acts(db: None, mentor: Identity) -> None:
    with acting_as(mentor):
        assert told() == of(ANON)


def test_the_next_transaction_forgets(db: None, mentor: Identity) -> None:
    with acting_as(mentor), transaction.atomic():
        pass
    with transaction.atomic():
        assert told() == of(ANON)


def test_nested_identities_restore_the_outer_one(db: None, mentor: Identity, student: Identity) -> None:
    with acting_as(mentor), transaction.atomic():
        with acting_as(student):
            assert told() == of(student)
            with acting_as(ANON):
                assert told() == of(ANON)
            assert told() == of(student)
        assert told() == of(mentor)


def test_an_error_restores_the_outer_one(db: None, mentor: Identity, student: Identity) -> None:
    with acting_as(mentor), transaction.atomic():
        with pytest.raises(Broken), acting_as(student):
            raise Broken
        assert told() == of(mentor)
    assert current() == ANON


def test_rolling_back_to_a_savepoint_says_it_again(db: None, mentor: Identity) -> None:
    with transaction.atomic():
        savepoint = transaction.savepoint()
        with acting_as(mentor):
            assert told() == of(mentor)
            transaction.savepoint_rollback(savepoint)
            assert told() == of(mentor)
        assert told() == of(ANON)


def test_an_identity_that_ends_inside_a_broken_block_is_gone_after_it(
    db: None, mentor: Identity, student: Identity
) -> None:
    with acting_as(mentor), transaction.atomic():
        with pytest.raises(Broken), transaction.atomic(), acting_as(student):
            raise Broken
        assert told() == of(mentor)


NO_TOKEN = "/api/v1/auth/tokens/00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(("path", "status"), [("/api/v1/users/me", 200), (NO_TOKEN, 404)])
def test_after_a_request_nobody_acts(cast: Cast, api: Api, path: str, status: int) -> None:
    client = api(cast.mentor)
    answer = client.get(path) if status == 200 else client.delete(path)
    assert answer.status_code == status
    assert current() == ANON
    with transaction.atomic():
        assert told() == of(ANON)


def test_after_a_page_nobody_acts(cast: Cast) -> None:
    assert browser_of(cast.mentor).get("/profile").status_code == 200
    assert current() == ANON
    with transaction.atomic():
        assert told() == of(ANON)


def test_the_application_cannot_act_as_the_system(db: None) -> None:
    with pytest.raises(DatabaseError, match="permission denied to set role"), acting_as(SYSTEM), transaction.atomic():
        told()


def test_a_statement_holds_nothing_but_a_known_role_and_a_uuid() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        Identity(Role.MENTOR, "x'; RESET ROLE; --").statement()  # type: ignore[arg-type]
