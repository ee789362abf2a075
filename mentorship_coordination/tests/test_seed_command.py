"""`manage.py seed_mentorship` fills an empty database, once, and asks before it touches anybody's."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import OperationalError

from mentorship_coordination.seed import dashboards
from student_dashboard.models import DashboardUpdateQueue, StudentDashboard
from tests import factories
from tests.database import as_system, as_worker
from users.demo import ADMIN_EMAIL, DIRECTOR_EMAIL, MENTOR_EMAIL, STUDENT_EMAIL
from users.models import Credential, User

pytestmark = pytest.mark.usefixtures("db")
SMALL = ("--mentors", "3", "--mentees-per-mentor", "4")


def seed(*arguments: str, errors: StringIO | None = None) -> str:
    output = StringIO()
    with as_worker():
        call_command("seed_mentorship", *arguments, stdout=output, stderr=errors)
    return output.getvalue()


def test_prints_the_demo_accounts_and_a_password_that_opens_them() -> None:
    output = seed(*SMALL)

    accounts = (MENTOR_EMAIL, STUDENT_EMAIL, DIRECTOR_EMAIL, ADMIN_EMAIL)
    assert all(address in output for address in accounts)
    password = output.split("password")[1].split()[0]
    with as_system():
        for address in accounts:
            assert check_password(password, Credential.objects.get(user__email=address).password)


def test_takes_the_password_of_the_environment_without_printing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEED_PASSWORD", "nine green kettles")

    assert "nine green kettles" not in seed(*SMALL)
    with as_system():
        assert check_password("nine green kettles", Credential.objects.get(user__email=MENTOR_EMAIL).password)


def test_shows_each_stage_with_rows_and_seconds() -> None:
    lines = [line.split("rows") for line in seed(*SMALL).splitlines() if line.endswith(" s")]

    assert [left.rsplit(maxsplit=1)[0] for left, _ in lines] == [
        "tracks and cohorts",
        "people",
        "pairs",
        "work, sessions, practice",
        "streaks, history",
        "refreshes",
        "dashboards",
        "seeded",
    ]


def test_computes_every_dashboard_at_once() -> None:
    seed(*SMALL)

    with as_system():
        assert StudentDashboard.objects.filter(computed_at__isnull=False).count() == 12
        assert not DashboardUpdateQueue.objects.exists()


@pytest.mark.parametrize(
    "error",
    [OperationalError("the connection is lost"), BrokenProcessPool("A process died.")],
    ids=["database", "pool"],
)
def test_tells_the_password_though_the_dashboards_fail(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise error

    monkeypatch.setattr(dashboards, "_drain", fail)
    errors = StringIO()
    password = seed(*SMALL, errors=errors).split("password")[1].split()[0]

    assert str(error) in errors.getvalue()
    assert "worker" in errors.getvalue()
    with as_system():
        assert check_password(password, Credential.objects.get(user__email=MENTOR_EMAIL).password)
        assert DashboardUpdateQueue.objects.count() == 12


def test_has_nothing_to_do_the_second_time() -> None:
    seed(*SMALL)
    with as_system():
        before = list(User.objects.order_by("pk").values())

    assert "nothing to do" in seed(*SMALL)
    with as_system():
        assert list(User.objects.order_by("pk").values()) == before


def test_starts_again_with_reset() -> None:
    seed(*SMALL)
    seed("--reset", "--mentors", "1", "--mentees-per-mentor", "1")

    with as_system():
        assert User.objects.filter(is_mentor=True).count() == 1


def test_leaves_an_inhabited_database_alone_if_asked_to() -> None:
    with as_system():
        factories.UserFactory()

    assert seed("--if-empty", *SMALL) == ""
    with as_system():
        assert User.objects.count() == 1


@pytest.mark.parametrize("arguments", [(), ("--reset",)])
def test_refuses_a_configured_database_with_people_of_its_own(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "IS_EMBEDDED", False)
    with as_system():
        factories.UserFactory()

    with pytest.raises(CommandError, match="--force"):
        seed(*arguments, *SMALL)
    with as_system():
        assert User.objects.count() == 1
    assert "seeded" in seed("--force", *SMALL)


def test_says_what_is_wrong_with_the_size() -> None:
    with pytest.raises(CommandError, match="at least one mentor"):
        seed("--mentors", "0")
