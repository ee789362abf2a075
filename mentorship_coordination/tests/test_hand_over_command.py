"""`manage.py hand_over` …"""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conftest import Cast
from core import clock
from mentorship_coordination.tests.handover_world import a_mentor, as_job, pair_of
from mentorship_coordination.tests.session_world import NOW
from tests.database import as_system
from users.models import User


def run(*arguments: str) -> str:
    out = StringIO()
    with as_job(), clock.pinned(NOW):
        call_command("hand_over", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def new(cast: Cast) -> User:
    with as_system():
        User.objects.filter(pk=cast.other_mentor.pk).update(mentor_max_mentees=1)
    return a_mentor()


def test_shows_and_changes_nothing_in_a_preview(cast: Cast, new: User) -> None:
    assert run(cast.mentor.email, "--preview").splitlines()[1] == f"  Mina Okafor → {new.name}"
    pair = pair_of(cast.student)
    assert pair is not None
    assert pair.mentor_id == cast.mentor.pk


def test_hands_over_and_closes_the_account(cast: Cast, new: User) -> None:
    assert run(cast.mentor.email.upper(), "--close-account").splitlines()[-1] == "Done."
    pair = pair_of(cast.student)
    assert pair is not None
    assert pair.mentor_id == new.pk
    with as_system():
        cast.mentor.refresh_from_db()
    assert (cast.mentor.is_active, cast.mentor.is_mentor) == (False, False)


def test_says_who_cannot_be_handed_over(cast: Cast) -> None:
    with pytest.raises(CommandError, match="Nobody has the address"):
        run("nobody@academy.example")
    with pytest.raises(CommandError, match="no active mentor"):
        run(cast.student.email)
