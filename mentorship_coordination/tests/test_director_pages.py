"""The director's pages …"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import Cast
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.tests.forecast_world import Slow, a_slow_mentor
from mentorship_coordination.tests.queue_world import at, open_item, seen
from mentorship_coordination.tests.session_world import NOW
from tests import factories
from tests.database import as_system
from tests.people import browser_of
from users.models import User

LOOK, MOVE = "/director/work/look", "/director/work/move"


@pytest.fixture
def slow(cast: Cast) -> Slow:
    return a_slow_mentor(cast)


def show(client: Client, path: str, **query: Any) -> str:
    with at(NOW):
        answer = client.get(path, query)
    assert answer.status_code == 200, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def send(client: Client, path: str, **form: Any) -> str:
    with at(NOW):
        answer = client.post(path, form, follow=True)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_show_what_will_be_late_and_what_could_move(cast: Cast, slow: Slow) -> None:
    page = show(browser_of(cast.director), "/director/forecast")
    assert "One item will be late by Thursday 5 March; moving 7 to one mentor avoids 1." in page
    assert "<strong>Mina Okafor</strong> Item 7" in page
    assert "Tomas Berg → Quinn Quick, avoids 1" in page
    assert page.count('name="items"') == 7
    assert "Item 7" not in show(browser_of(cast.other_director), "/director/forecast")


def test_move_proposed_work_after_a_look(cast: Cast, slow: Slow) -> None:
    client = browser_of(cast.director)
    wish = {"items": [str(each) for each in slow.items], "mentor": str(slow.quick.pk), "reason": "Too much."}
    looked = send(client, LOOK, **wish)
    assert "Nothing has changed yet." in looked
    assert "7 items of Tomas Berg" in looked
    assert seen(slow.items[0]).mentor_id == cast.mentor.pk
    moved = send(client, MOVE, items=re.findall(r'name="items" value="([^"]+)"', looked), mentor=str(slow.quick.pk))
    assert "7 items moved to Quinn Quick." in moved
    assert {seen(each).mentor_id for each in slow.items} == {slow.quick.pk}


def test_undo_what_was_given_away(cast: Cast, slow: Slow) -> None:
    client = browser_of(cast.director)
    send(client, MOVE, items=[str(each) for each in slow.items], mentor=str(slow.quick.pk), reason="Too much.")
    page = show(client, "/director/work")
    assert "Given away for a while" in page
    assert "Quinn Quick for Tomas Berg, until" in page
    assert "Given away" not in show(browser_of(cast.other_director), "/director/work")
    given = page[page.index("Given away") :]
    wish = dict(re.findall(r'name="(items|mentor)" value="([^"]+)"', given))
    assert "7 items moved to Tomas Berg." in send(client, MOVE, **wish)
    assert {seen(each).mentor_id for each in slow.items} == {cast.mentor.pk}
    assert "Given away" not in show(client, "/director/work")


def test_transfer_a_mentee_of_who_has_too_many(cast: Cast, slow: Slow) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=0)
    client = browser_of(cast.director)
    page = show(client, "/director/forecast")
    assert "Tomas Berg → Quinn Quick, who has room" in page
    address = re.findall(r'action="(/director/pairs/[^"]+/transfer)"', page)[0]
    assert "Mina Okafor has a new mentor." in send(client, address, mentor=str(slow.quick.pk))
    assert client.post(address, {"mentor": "x"}).status_code == 400
    assert browser_of(cast.other_director).post(address, {"mentor": str(slow.quick.pk)}).status_code == 404


def test_say_why_work_stays(cast: Cast, slow: Slow) -> None:
    client = browser_of(cast.director)
    wish = {"items": [str(slow.items[0])], "mentor": str(slow.quick.pk)}
    with as_system():
        User.objects.filter(pk=slow.quick.pk).update(languages=["fi"])
    looked = send(client, LOOK, **wish)
    words = "The matching&#x27;s rules keep these two apart: no language in common."
    assert f"stays: {words}" in looked
    assert "Move the work" not in looked
    assert f"Mina Okafor: {words}" in send(client, MOVE, **wish)
    with as_system():
        assert not MenteeMentorAssignment.objects.standing_in().exists()


@pytest.mark.parametrize(
    "form", [{}, {"items": "x", "mentor": "y"}, {"mentor": "00000000-0000-0000-0000-000000000000"}]
)
def test_ask_for_work_and_a_mentor(cast: Cast, form: dict[str, str]) -> None:
    assert "Choose work, and a mentor who is to do it." in send(browser_of(cast.director), LOOK, **form)
    assert browser_of(cast.director).post(MOVE, form).status_code == 400


def test_list_the_work_of_her_cohorts(cast: Cast, slow: Slow) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort, student__name="Wanda Waits")
    open_item(waiting, started_at=NOW)
    open_item(cast.other_enrolment, started_at=NOW, title="Private")
    client = browser_of(cast.director)
    page = show(client, "/director/work")
    assert page.count('name="items"') == 8
    assert "in the pool: no mentor" in page
    assert "Private" not in page
    assert "Quinn Quick: 1 of 20 mentees, 0 open" in page
    assert show(client, "/director/work", status="unassigned").count('name="items"') == 1
    assert show(client, "/director/work", mentor=str(cast.mentor.pk)).count('name="items"') == 7
    assert show(client, "/director/work", status="overdue").count('name="items"') == 0
    with at(NOW):
        assert client.get("/director/work", {"status": "lost"}).status_code == 400


def test_report_on_service_levels(cast: Cast, slow: Slow) -> None:
    client = browser_of(cast.director)
    page = show(client, "/director/report")
    assert "<dt>finished</dt><dd>11</dd>" in page
    assert '<th scope="row">Quinn Quick</th><td class="figure">10</td><td class="figure">100 %</td>' in page
    assert "from=2026-02-03&amp;to=2026-03-02" in page
    assert "1 the student had no active mentor" in page
    empty = show(client, "/director/report", first="2026-03-02", last="2026-03-02")
    assert "<dt>finished</dt><dd>0</dd>" in empty
    assert "<dt>on time</dt><dd>–</dd>" in empty
    assert "the first one first" in show(client, "/director/report", first="2026-03-02", last="2026-03-01")


def test_name_who_is_over_capacity(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(mentor_max_mentees=0)
    page = show(browser_of(cast.director), "/director")
    assert '<strong>Tomas Berg</strong> <span class="tag strong">over capacity</span>' in page
    assert "Olga Other" not in page


@pytest.mark.parametrize(
    "name", ["director-page", "director-forecast-page", "director-work-page", "director-report-page"]
)
def test_ask_the_same_number_of_queries_for_one_and_for_twenty(cast: Cast, slow: Slow, name: str) -> None:
    def queries() -> int:
        client = browser_of(cast.director)
        with at(NOW), CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len(captured)

    one = queries()
    for _ in range(19):
        open_item(cast.enrolment, started_at=NOW)
    assert queries() == one


@pytest.mark.parametrize("path", ["/director/forecast", "/director/work", "/director/report"])
def test_are_for_directors(cast: Cast, path: str) -> None:
    assert browser_of(cast.mentor).get(path).status_code == 403
    assert Client().get(path).status_code == 302
