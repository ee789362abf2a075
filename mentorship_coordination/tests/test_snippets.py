"""A mentor's phrases …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from core.errors import InvalidInput, NotVisible
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions import snippets
from mentorship_coordination.actions.snippets import (
    SnippetExists,
    TooManySnippets,
    change_snippet,
    drop_snippet,
    keep_snippet,
)
from mentorship_coordination.models.notifications import FeedbackSnippet
from tests.database import as_system
from tests.people import browser_of
from users.models import User

Api = Callable[[User | None], APIClient]
PAGE, URL = "/mentor/phrases", "/api/v1/mentor/snippets"


def kept(mentor: User, title: str = "Sources", text: str = "Name your sources.") -> FeedbackSnippet:
    with acting_as(Identity(Role.MENTOR, mentor.pk)):
        return keep_snippet(title=title, text=text, by=mentor, at=clock.now())


def titles() -> list[str]:
    with as_system():
        return sorted(FeedbackSnippet.objects.values_list("title", flat=True))


def test_are_kept_without_space_around_them(cast: Cast) -> None:
    snippet = kept(cast.mentor, "  Name   sources ", "\nName them.\n")
    assert (snippet.title, snippet.text, snippet.mentor_id) == ("Name sources", "Name them.", cast.mentor.pk)


def test_have_each_a_name_of_its_own_in_any_case(cast: Cast) -> None:
    kept(cast.mentor)
    with pytest.raises(SnippetExists):
        kept(cast.mentor, "SOURCES")
    kept(cast.other_mentor)
    assert titles() == ["Sources", "Sources"]


@pytest.mark.parametrize(
    ("given", "field"), [({"title": " "}, "title"), ({"title": "x" * 81}, "title"), ({"text": ""}, "text")]
)
def test_need_a_name_and_words(cast: Cast, given: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        kept(cast.mentor, **given)
    assert list(refused.value.fields) == [field]


def test_are_so_many_at_most(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snippets, "MOST_SNIPPETS", 1)
    kept(cast.mentor)
    with pytest.raises(TooManySnippets):
        kept(cast.mentor, "Another")


def test_are_changed_and_dropped_by_their_mentor_alone(cast: Cast) -> None:
    snippet = kept(cast.mentor)
    with acting_as(Identity(Role.MENTOR, cast.other_mentor.pk)):
        with pytest.raises(NotVisible):
            change_snippet(snippet_id=snippet.pk, title="Mine", text="Mine.", by=cast.other_mentor)
        with pytest.raises(NotVisible):
            drop_snippet(snippet_id=snippet.pk, by=cast.other_mentor)
    assert titles() == ["Sources"]


def test_cannot_take_a_name_that_is_kept(cast: Cast) -> None:
    snippet = kept(cast.mentor)
    kept(cast.mentor, "Method")
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)), pytest.raises(SnippetExists):
        change_snippet(snippet_id=snippet.pk, title="method", text="Say how.", by=cast.mentor)
    assert titles() == ["Method", "Sources"]


def test_have_a_page_where_they_come_change_and_go(cast: Cast) -> None:
    mentor = browser_of(cast.mentor)
    assert mentor.post(PAGE, {"title": "Sources", "text": "Name your sources."}).status_code == 302
    assert "Name your sources." in mentor.get(PAGE).content.decode()
    with as_system():
        snippet = FeedbackSnippet.objects.get()
    change, drop = reverse("change-snippet", args=[snippet.pk]), reverse("drop-snippet", args=[snippet.pk])
    assert mentor.post(change, {"title": "Sources", "text": "Name them."}).status_code == 302
    assert mentor.post(change, {"title": "", "text": "Lost?"}).status_code == 400
    assert "Name them." in mentor.get(PAGE).content.decode()
    assert browser_of(cast.other_mentor).post(drop).status_code == 404
    assert mentor.post(drop).status_code == 302
    assert titles() == []


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"title": "", "text": "Kept words."}, 400, "Kept words."),
        ({"title": "SOURCES", "text": "Kept words."}, 409, "You keep a phrase of this name already."),
    ],
)
def test_that_cannot_be_kept_are_sent_back_with_their_words(
    cast: Cast, given: dict[str, Any], status: int, words: str
) -> None:
    kept(cast.mentor)
    answer = browser_of(cast.mentor).post(PAGE, given)
    assert (answer.status_code, words in answer.content.decode()) == (status, True)


def test_are_kept_read_changed_and_dropped_over_http(cast: Cast, api: Api) -> None:
    client, wish = api(cast.mentor), {"title": "Sources", "text": "Name your sources."}
    made = client.post(URL, wish)
    assert (made.status_code, made.json()["title"]) == (201, "Sources")
    one = f"{URL}/{made.json()['id']}"
    assert client.post(URL, wish).json()["code"] == "snippet_exists"
    assert client.post(one, {"title": "Method", "text": "Say how."}).json()["title"] == "Method"
    assert [each["title"] for each in client.get(URL).json()["results"]] == ["Method"]
    stranger = api(cast.other_mentor)
    assert stranger.get(URL).json()["results"] == []
    assert (stranger.post(one, wish).status_code, stranger.delete(one).status_code) == (404, 404)
    assert client.delete(one).status_code == 204
    assert titles() == []


@pytest.mark.parametrize("wish", [{}, {"title": "x"}, {"title": "x" * 81, "text": "y"}, {"title": "x", "text": " "}])
def test_are_checked_over_http(cast: Cast, api: Api, wish: dict[str, str]) -> None:
    assert api(cast.mentor).post(URL, wish).status_code == 400
    assert titles() == []
