"""The page of a flag …"""

from __future__ import annotations

import pytest
from django.urls import reverse

from conftest import Cast
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.tests.test_decisions import flagged
from tests.database import as_system
from tests.people import browser_of
from users.models import User


def flag_now() -> MentorFlag:
    with as_system():
        return MentorFlag.objects.get()


@pytest.mark.parametrize("role", ["mentor", "director"])
def test_takes_it_up_settles_it_and_opens_it_again(cast: Cast, role: str) -> None:
    person: User = getattr(cast, role)
    browser, flag = browser_of(person), flagged(cast)
    page, move = reverse(f"{role}-flag-page", args=[flag.pk]), reverse(f"move-{role}-flag", args=[flag.pk])
    assert "Two weeks of silence." in browser.get(page).content.decode()
    browser.post(move, {"to": "acknowledged"})
    assert flag_now().state == "acknowledged"
    unsaid = browser.post(move, {"to": "resolved", "outcome": ""}, follow=True)
    assert "Say what came of it." in unsaid.content.decode()
    browser.post(move, {"to": "resolved", "outcome": "Called.", "note": "Was ill."})
    assert (flag_now().state, flag_now().outcome, flag_now().note) == ("resolved", "Called.", "Was ill.")
    browser.post(move, {"to": "open", "note": "Silent again."})
    shown = browser.get(page).content.decode()
    assert flag_now().state == "open"
    assert all(words in shown for words in ("Acknowledged", "Was ill.", "Silent again.", person.name))


@pytest.mark.parametrize("role", ["mentor", "director"])
def test_is_not_there_for_others(cast: Cast, role: str) -> None:
    flag = flagged(cast)
    other = browser_of(getattr(cast, f"other_{role}"))
    assert other.get(reverse(f"{role}-flag-page", args=[flag.pk])).status_code == 404
    assert other.post(reverse(f"move-{role}-flag", args=[flag.pk]), {"to": "acknowledged"}).status_code == 404
    assert flag_now().state == "open"


def test_says_when_a_step_cannot_be_taken(cast: Cast) -> None:
    move = reverse("move-mentor-flag", args=[flagged(cast).pk])
    mentor = browser_of(cast.mentor)
    assert 'data-kind="error"' in mentor.post(move, {"to": "open"}, follow=True).content.decode()
    assert mentor.post(move, {"to": "gone"}).status_code == 400
