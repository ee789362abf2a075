"""Notifications over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.enums import Audience
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.enums import NotificationKind
from mentorship_coordination.tests.queue_world import at, heard
from mentorship_coordination.tests.session_world import NOW, notifications_of
from tests.database import as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
URL = "/api/v1/notifications"


def told(person: User, title: str = "Hello", **given: Any) -> bool:
    with as_worker():
        return notify(
            **{"kind": NotificationKind.REVIEW, "body": "Look.", "url": "/x", "at": NOW, **given},
            recipient_id=person.pk,
            title=title,
        )


def test_are_listed_newest_first(cast: Cast, api: Api) -> None:
    told(cast.student, "Older")
    told(cast.student, "Newer", at=NOW + timedelta(minutes=1))
    told(cast.stranger)
    results = api(cast.student).get(URL).json()["results"]
    assert [each["title"] for each in results] == ["Newer", "Older"]
    assert results[1] == {
        "id": str(notifications_of(cast.student)[0].pk),
        "kind": "review",
        "title": "Older",
        "body": "Look.",
        "url": "/x",
        "created_at": "2026-03-02T09:00:00Z",
        "read_at": None,
        "mail_state": "none",
    }


def test_are_told_once_under_one_key(cast: Cast) -> None:
    assert [told(cast.student, dedupe_key="k"), told(cast.student, dedupe_key="k")] == [True, False]
    assert told(cast.stranger, dedupe_key="k")
    assert len(notifications_of(cast.student)) == 1
    assert len(heard(cast.student, Audience.STUDENT)) == 1


def test_reach_the_streams_of_every_page_that_she_may_have_open(cast: Cast) -> None:
    told(cast.director)
    (notification,) = notifications_of(cast.director)
    news = {"event": "notification", "id": str(notification.pk), "kind": "review"}
    assert [heard(cast.director, audience) for audience in Audience] == [[], [], [news]]


def test_are_read_once(cast: Cast, api: Api) -> None:
    told(cast.student)
    client, url = api(cast.student), f"{URL}/{notifications_of(cast.student)[0].pk}/read"
    with at(NOW):
        assert client.post(url).json()["read_at"] == "2026-03-02T09:00:00Z"
    with at(NOW + timedelta(hours=1)):
        assert client.post(url).json()["read_at"] == "2026-03-02T09:00:00Z"
    assert client.get(f"{URL}?unread=true").json()["results"] == []
    assert len(client.get(f"{URL}?unread=false").json()["results"]) == 1


def test_are_read_all_at_once(cast: Cast, api: Api) -> None:
    for person in (cast.student, cast.student, cast.stranger):
        told(person)
    client = api(cast.student)
    assert client.post(f"{URL}/read-all").json() == {"read": 2}
    assert client.post(f"{URL}/read-all").json() == {"read": 0}
    assert notifications_of(cast.stranger)[0].read_at is None


def test_are_nobody_elses(cast: Cast, api: Api) -> None:
    told(cast.student)
    url = f"{URL}/{notifications_of(cast.student)[0].pk}/read"
    assert api(None).get(URL).status_code == 401
    assert api(None).post(url).status_code == 401
    assert api(None).post(f"{URL}/read-all").status_code == 401
    for person in (cast.stranger, cast.mentor, cast.director):
        assert api(person).get(URL).json()["results"] == []
        assert api(person).post(url).status_code == 404
    assert notifications_of(cast.student)[0].read_at is None


@pytest.mark.parametrize("query", ["kind=gossip", "unread=maybe", "color=red", "cursor=cD1ub3Q="])
def test_refuse_unknown_filters(cast: Cast, api: Api, query: str) -> None:
    assert api(cast.student).get(f"{URL}?{query}").status_code == 400


@pytest.mark.parametrize("count", [1, 20])
def test_list_with_as_many_queries_for_one_as_for_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        told(cast.student, f"Number {number}")
    client = api(cast.student)
    # BEGIN and COMMIT, whose token it is, the notifications.
    with django_assert_num_queries(4):
        assert len(client.get(URL).json()["results"]) == count


@pytest.mark.parametrize("size", ["x", "0", "-1", "1.5", "true", ""])
def test_are_refused_in_pages_of_no_size(cast: Cast, api: Api, size: str) -> None:
    answer = api(cast.student).get(URL, {"page_size": size})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "page_size")


def test_come_in_pages_of_at_most_200(cast: Cast, api: Api) -> None:
    told(cast.student)
    assert len(api(cast.student).get(URL, {"page_size": "9" * 20}).json()["results"]) == 1
