"""What needs a director's decision …"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conftest import Cast
from core import clock
from core.errors import InvalidInput
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.decisions import put_decision_off
from mentorship_coordination.actions.flags import raise_flag
from mentorship_coordination.enums import FlagCategory, MatchRunState, MatchScope, Severity
from mentorship_coordination.models.decisions import DecisionSnooze
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors import overview
from mentorship_coordination.tests.match_world import drafted, waits
from mentorship_coordination.tests.queue_world import open_item
from mentorship_coordination.web.queue import tomorrow_morning
from tests import factories
from tests.database import as_system
from tests.people import browser_of

PAGE, LATER, NOW = "/director", "/director/decisions/later", "/director/decisions/now"


def flagged(cast: Cast, severity: Severity = Severity.HIGH) -> MentorFlag:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        return raise_flag(
            mentee_id=cast.student.pk,
            reason="Two weeks of silence.",
            severity=severity,
            category=FlagCategory.ENGAGEMENT,
            by=cast.mentor,
            at=clock.now(),
        )


def titles(cast: Cast) -> list[str]:
    return [each.title for each in browser_of(cast.director).get(PAGE).context["decisions"]]


def keys(cast: Cast) -> list[str]:
    return [each.key for each in browser_of(cast.director).get(PAGE).context["decisions"]]


def test_is_nothing_in_a_quiet_academy(cast: Cast) -> None:
    assert "Nothing waits for you." in browser_of(cast.director).get(PAGE).content.decode()


def test_is_listed_with_the_most_pressing_first(cast: Cast) -> None:
    waits(cast, "Wanda Waits")
    run = drafted(cast)
    flagged(cast)
    with as_system():
        pooled = factories.EnrolmentFactory(cohort=cast.cohort)
    open_item(pooled, started_at=clock.now())
    page = browser_of(cast.director).get(PAGE)
    assert [each.title for each in page.context["decisions"]] == [
        "A flag about Mina Okafor",
        "1 item without a mentor",
        "A matching waits for its publication",
        "2 students without a mentor",
    ]
    assert f"/director/matching/{run.pk}" in page.content.decode()


def test_is_of_her_own_cohorts_alone(cast: Cast) -> None:
    flagged(cast)
    with as_system():
        factories.EnrolmentFactory(student__name="Elsewhere Ed")
    assert [each.title for each in browser_of(cast.other_director).get(PAGE).context["decisions"]] == []
    assert titles(cast) == ["A flag about Mina Okafor"]


def test_is_put_off_until_tomorrow_morning_and_taken_up_again(cast: Cast) -> None:
    flagged(cast)
    [key] = keys(cast)
    director = browser_of(cast.director)
    assert director.post(LATER, {"key": key}).status_code == 302
    assert keys(cast) == []
    assert "1 put off" in director.get(PAGE).content.decode()
    with as_system():
        assert DecisionSnooze.objects.get().until == tomorrow_morning(cast.director.timezone, clock.now())
    assert director.post(NOW, {"key": key}).status_code == 302
    assert keys(cast) == [key]


def test_comes_back_when_its_time_has_come(cast: Cast) -> None:
    flagged(cast)
    browser_of(cast.director).post(LATER, {"key": keys(cast)[0]})
    with as_system():
        DecisionSnooze.objects.update(until=clock.now() - timedelta(seconds=1))
    assert len(keys(cast)) == 1


def test_comes_back_when_a_flag_worsens(cast: Cast) -> None:
    flagged(cast)
    browser_of(cast.director).post(LATER, {"key": keys(cast)[0]})
    flagged(cast, Severity.CRITICAL)
    assert len(keys(cast)) == 1


def test_is_made_on_the_spot(cast: Cast) -> None:
    flag = flagged(cast)
    director = browser_of(cast.director)
    assert director.post(f"/director/flags/{flag.pk}/move", {"to": "acknowledged"}).status_code == 302
    assert keys(cast) == []
    with as_system():
        assert MentorFlag.objects.get().state == "acknowledged"


@pytest.mark.parametrize(
    "given", [{"key": ""}, {"key": "x" * 121}, {"until": timedelta()}, {"until": timedelta(days=15)}]
)
def test_is_not_put_off_for_ever_or_without_a_name(cast: Cast, given: dict[str, Any]) -> None:
    at = clock.now()
    wish: dict[str, Any] = {"key": "flag:1", "until": timedelta(days=1)} | given
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)), pytest.raises(InvalidInput):
        put_decision_off(key=wish["key"], until=at + wish["until"], by=cast.director, at=at)


def test_forgets_what_was_put_off_long_ago(cast: Cast) -> None:
    with as_system():
        DecisionSnooze.objects.create(
            director=cast.director, key="old", until=clock.now() - timedelta(days=1), created_at=clock.now()
        )
    browser_of(cast.director).post(LATER, {"key": "new"})
    with as_system():
        assert list(DecisionSnooze.objects.values_list("key", flat=True)) == ["new"]


def test_comes_back_when_something_in_a_pool_becomes_late(cast: Cast) -> None:
    with as_system():
        pooled = factories.EnrolmentFactory(cohort=cast.cohort)
        factories.AssignmentFactory(enrolment=pooled)
    item_id = open_item(pooled, started_at=clock.now())
    with as_system():
        MentorWorkQueue.objects.filter(pk=item_id).update(mentor=None)
    [key] = keys(cast)
    browser_of(cast.director).post(LATER, {"key": key})
    assert keys(cast) == []
    with as_system():
        MentorWorkQueue.objects.filter(pk=item_id).update(due_at=clock.now() - timedelta(minutes=1))
    assert keys(cast) == [f"{key}:late"]


def test_is_not_the_directors_where_an_admin_asked_for_everybody(cast: Cast) -> None:
    waits(cast, "Wanda Waits")
    run = drafted(cast)
    wish = "A matching waits for its publication"
    assert wish in titles(cast)
    with as_system():
        MatchRun.objects.filter(pk=run.pk).update(state=MatchRunState.COMPARED)
    assert wish in titles(cast)
    with as_system():
        MatchRun.objects.filter(pk=run.pk).update(cohort=None, options={**run.options, "scope": MatchScope.ALL})
    assert wish not in titles(cast)


def test_is_an_open_flag_though_many_worse_ones_were_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "MOST_ROWS", 1)
    worst = flagged(cast, Severity.CRITICAL)
    assert browser_of(cast.director).post(f"/director/flags/{worst.pk}/move", {"to": "acknowledged"}).status_code == 302
    with as_system():
        other = factories.AssignmentFactory(enrolment__cohort=cast.cohort, enrolment__student__name="Otto Other")
    with acting_as(Identity(Role.MENTOR, other.mentor_id)):
        raise_flag(
            mentee_id=other.mentee_id,
            reason="Lost.",
            severity=Severity.HIGH,
            category=FlagCategory.ENGAGEMENT,
            by=other.mentor,
            at=clock.now(),
        )
    assert titles(cast) == ["A flag about Otto Other"]
