"""Giving open work to another mentor …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core.enums import Audience
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.absences import follow_absences
from mentorship_coordination.actions.assignments import end_assignment, pause_assignment, transfer_assignment
from mentorship_coordination.actions.queue import claim_work_item
from mentorship_coordination.enums import AssignmentState, WorkType
from mentorship_coordination.models.assignments import MenteeMentorAssignment, MentorAbsence
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.selectors.work_moves import list_lent_work
from mentorship_coordination.tests.forecast_world import Slow, a_slow_mentor
from mentorship_coordination.tests.handover_world import as_job, broken_invariants
from mentorship_coordination.tests.queue_world import at, heard, mentor_acting, open_item, seen
from mentorship_coordination.tests.session_world import NOW, at_once
from missions.tests.world import review, submit
from tests import factories
from tests.database import as_system, as_worker
from users.models import User

Api = Callable[[User | None], APIClient]
MOVES = "/api/v1/director/workqueue/moves"
PREVIEW = f"{MOVES}/preview"
QUEUE = "/api/v1/director/workqueue"
DAY = timedelta(days=1)


@pytest.fixture
def slow(cast: Cast) -> Slow:
    return a_slow_mentor(cast)


def ask(api: Api, person: User, url: str, **body: Any) -> Any:
    with at(NOW):
        return api(person).post(url, {"reason": "Too much.", **body})


def wish(slow: Slow, **changes: Any) -> dict[str, Any]:
    return {"items": [str(slow.items[0])], "mentor": str(slow.quick.pk), **changes}


def stand_ins() -> list[MenteeMentorAssignment]:
    with as_system():
        return list(MenteeMentorAssignment.objects.standing_in().order_by("created_at"))


def test_is_looked_at_first_and_changes_nothing_then(cast: Cast, slow: Slow, api: Api) -> None:
    told = ask(api, cast.director, PREVIEW, **wish(slow)).json()
    [student] = told["students"]
    assert (told["mentor_name"], told["moving"], told["missing"]) == ("Quinn Quick", 1, [])
    assert (student["mentee_name"], student["from_mentor_name"], student["refusal"]) == (
        "Mina Okafor",
        "Tomas Berg",
        None,
    )
    assert sorted(student["items"]) == sorted(str(each) for each in slow.items)
    assert [seen(each).mentor_id for each in slow.items] == [cast.mentor.pk] * 7
    assert stand_ins() == []


def test_names_the_student_rightly_where_her_person_is_hidden(
    cast: Cast, slow: Slow, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the outer join leaves an item whose person the policies hide; a director sees the enrolment in any case."""
    monkeypatch.setattr(MentorWorkQueue, "mentee", None)
    [student] = ask(api, cast.director, PREVIEW, **wish(slow)).json()["students"]
    assert (student["mentee"], student["mentee_name"]) == (str(cast.student.pk), "A former student")


def test_takes_all_of_the_students_work_along_with_its_clocks(cast: Cast, slow: Slow, api: Api) -> None:
    with mentor_acting(cast.mentor):
        claim_work_item(item_id=slow.items[0], by=cast.mentor, at=NOW)
    before = [seen(each).due_at for each in slow.items]
    assert ask(api, cast.director, MOVES, **wish(slow)).status_code == 200
    items = [seen(each) for each in slow.items]
    assert [each.mentor_id for each in items] == [slow.quick.pk] * 7
    assert [each.due_at for each in items] == before
    assert {each.claimed_by_id for each in items} == {None}
    [pair] = stand_ins()
    assert (pair.mentor_id, pair.relieves, pair.stands_in_until) == (slow.quick.pk, True, NOW + 7 * DAY)
    with as_system():
        assert pair.entries.get().reason == "Too much."
    assert broken_invariants() == []


def test_leaves_notes_with_whoever_held_the_session(cast: Cast, slow: Slow, api: Api) -> None:
    with as_system():
        item = MentorWorkQueue.objects.get(pk=slow.items[0])
        MentorWorkQueue.objects.filter(pk=item.pk).update(type=WorkType.SESSION_NOTES)
    told = ask(api, cast.director, MOVES, **wish(slow)).json()
    assert (told["students"], told["missing"]) == ([], [str(item.pk)])
    assert stand_ins() == []


def test_tells_both_mentors_and_the_directors_page(cast: Cast, slow: Slow, api: Api) -> None:
    ask(api, cast.director, MOVES, **wish(slow))
    with as_system():
        titles = dict(Notification.objects.filter(kind="assignment").values_list("recipient_id", "title"))
    assert titles == {
        slow.quick.pk: "You have more work: 1 student",
        cast.student.pk: "Quinn Quick looks after your work for a while",
        cast.mentor.pk: "Quinn Quick does the work of 1 student of yours",
    }
    news = {"event": "work_queue", "kind": "reassigned", "count": 7}
    assert news in heard(slow.quick)
    assert news in heard(cast.mentor)
    assert news in heard(cast.director, Audience.DIRECTOR)


def test_lets_the_new_mentor_review_and_not_the_former(cast: Cast, slow: Slow, api: Api) -> None:
    submission = submit(cast.student, cast.mission, at=NOW)
    ask(api, cast.director, MOVES, **wish(slow))
    with at(NOW):
        mine = api(cast.mentor).get(f"/api/v1/mentor/missions/{submission.pk}")
    assert mine.status_code == 404
    review(slow.quick, submission, at=NOW, decision="approved", score=90)


def test_ends_on_its_day_and_the_work_goes_back(cast: Cast, slow: Slow, api: Api) -> None:
    until = NOW + 2 * DAY
    ask(api, cast.director, MOVES, **wish(slow, until=until.isoformat()))
    with as_job():
        assert follow_absences(at=until - timedelta(seconds=1)) == 0
        assert follow_absences(at=until) == 1
        assert follow_absences(at=until) == 0
    assert {seen(each).mentor_id for each in slow.items} == {cast.mentor.pk}
    assert stand_ins()[0].state == AssignmentState.COMPLETED


def test_to_the_students_own_mentor_gives_it_back_at_once(cast: Cast, slow: Slow, api: Api) -> None:
    ask(api, cast.director, MOVES, **wish(slow))
    told = ask(api, cast.director, MOVES, **wish(slow, mentor=str(cast.mentor.pk))).json()
    assert (told["moving"], told["students"][0]["gives_back"]) == (1, True)
    assert {seen(each).mentor_id for each in slow.items} == {cast.mentor.pk}


def test_of_a_mentor_who_is_away_is_not_given_back(cast: Cast, slow: Slow, api: Api) -> None:
    ask(api, cast.director, MOVES, **wish(slow))
    with as_system():
        MentorAbsence.objects.create(mentor=cast.mentor, starts_at=NOW, ends_at=NOW + DAY)
    told = ask(api, cast.director, MOVES, **wish(slow, mentor=str(cast.mentor.pk))).json()
    assert (told["moving"], told["students"][0]["refusal"]) == (0, "mentor_away")
    assert {seen(each).mentor_id for each in slow.items} == {slow.quick.pk}


def test_given_back_is_told_as_that(cast: Cast, slow: Slow, api: Api) -> None:
    ask(api, cast.director, MOVES, **wish(slow))
    with as_system():
        Notification.objects.all().delete()
    ask(api, cast.director, MOVES, **wish(slow, mentor=str(cast.mentor.pk)))
    with as_system():
        titles = dict(Notification.objects.filter(kind="assignment").values_list("recipient_id", "title"))
    assert titles == {
        cast.mentor.pk: "You have the work of 1 student again",
        slow.quick.pk: "Tomas Berg has the work of 1 student again",
    }


def test_of_a_pair_that_rests_does_not_go_to_its_own_mentor(cast: Cast, slow: Slow, api: Api) -> None:
    with as_worker():
        pause_assignment(assignment_id=cast.assignment.pk, by=None, at=NOW)
    told = ask(api, cast.director, MOVES, **wish(slow, mentor=str(cast.mentor.pk))).json()
    assert told["students"][0]["refusal"] == "pair_rests"


def test_ends_when_who_stands_in_becomes_the_mentor(cast: Cast, slow: Slow, api: Api) -> None:
    ask(api, cast.director, MOVES, **wish(slow))
    with as_worker():
        transfer_assignment(
            assignment_id=cast.assignment.pk, mentor_id=slow.quick.pk, reason="For good.", by=None, at=NOW
        )
    with as_system():
        live = MenteeMentorAssignment.objects.live().filter(enrolment=cast.enrolment)
        assert [(pair.mentor_id, pair.is_primary) for pair in live] == [(slow.quick.pk, True)]
    assert {seen(each).mentor_id for each in slow.items} == {slow.quick.pk}


def test_brings_work_out_of_the_pool(cast: Cast, slow: Slow, api: Api) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort)
    item_id = open_item(waiting, started_at=NOW)
    told = ask(api, cast.director, MOVES, **wish(slow, items=[str(item_id)])).json()
    assert told["students"][0]["from_mentor"] is None
    assert seen(item_id).mentor_id == slow.quick.pk


def test_moves_whom_it_can_and_says_why_others_stay(cast: Cast, slow: Slow, api: Api) -> None:
    with as_system():
        User.objects.filter(pk=slow.quick.pk).update(mentor_max_mentees=2)
        second = factories.AssignmentFactory(
            enrolment__cohort=cast.cohort, enrolment__enrolled_at=NOW, mentor=cast.mentor
        )
    other = open_item(second.enrolment, started_at=NOW)
    foreign = open_item(cast.other_enrolment, started_at=NOW)
    told = ask(api, cast.director, MOVES, **wish(slow, items=[str(slow.items[0]), str(other), str(foreign)])).json()
    assert (told["moving"], told["missing"]) == (1, [str(foreign)])
    refused = [(each["refusal"], each["why"]) for each in told["students"] if each["refusal"]]
    assert refused == [("full", "The mentor has no place left.")]
    assert seen(foreign).mentor_id == cast.other_mentor.pk
    assert len(stand_ins()) == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"languages": ["fi"]}, "no_language_in_common"),
        ({"leaving_at": NOW}, "mentor_not_available"),
        ({"mentor_max_mentees": 1}, "full"),
    ],
)
def test_is_refused_by_the_rules_of_the_matching(
    cast: Cast, slow: Slow, api: Api, change: dict[str, Any], refusal: str
) -> None:
    with as_system():
        User.objects.filter(pk=slow.quick.pk).update(**change)
    for url in (PREVIEW, MOVES):
        told = ask(api, cast.director, url, **wish(slow)).json()
        assert (told["moving"], told["students"][0]["refusal"]) == (0, refusal)
    assert stand_ins() == []


def test_is_refused_where_it_is_already_or_somebody_stands_in(cast: Cast, slow: Slow, api: Api) -> None:
    same = ask(api, cast.director, MOVES, **wish(slow, mentor=str(cast.mentor.pk))).json()
    assert same["students"][0]["refusal"] == "same_mentor"
    ask(api, cast.director, MOVES, **wish(slow))
    with as_system():
        third = factories.AssignmentFactory(enrolment__cohort=cast.cohort).mentor
    told = ask(api, cast.director, MOVES, **wish(slow, mentor=str(third.pk))).json()
    assert told["students"][0]["refusal"] == "stand_in_exists"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": []}, "items"),
        ({"items": ["x"]}, "items.0"),
        ({"mentor": "x"}, "mentor"),
        ({"until": "2026-03-05"}, "until"),
        ({"until": "2026-03-01T00:00:00Z"}, "until"),
        ({"until": "2026-04-05T00:00:00Z"}, "until"),
        ({"reason": "x" * 301}, "reason"),
    ],
)
def test_needs_sensible_words(cast: Cast, slow: Slow, api: Api, body: dict[str, Any], field: str) -> None:
    answer = ask(api, cast.director, MOVES, **wish(slow, **body))
    assert answer.status_code == 400
    assert field in {each["field"] for each in answer.json()["errors"]}


def test_is_for_directors_and_to_mentors(cast: Cast, slow: Slow, api: Api) -> None:
    assert ask(api, cast.mentor, MOVES, **wish(slow)).status_code == 403
    assert ask(api, cast.director, MOVES, **wish(slow, mentor=str(cast.student.pk))).status_code == 404
    stranger = ask(api, cast.other_director, MOVES, **wish(slow)).json()
    assert (stranger["moving"], len(stranger["missing"])) == (0, 1)
    assert {seen(each).mentor_id for each in slow.items} == {cast.mentor.pk}


@pytest.mark.parametrize("_", range(5))
def test_against_the_end_of_the_pair_leaves_no_orphan(cast: Cast, slow: Slow, api: Api, _: int) -> None:
    def ended() -> Any:
        with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
            return end_assignment(
                assignment_id=cast.assignment.pk,
                state=AssignmentState.COMPLETED,
                reason="Over.",
                by=cast.director,
                at=NOW,
            )

    moving: Callable[[], Any] = partial(ask, api, cast.director, MOVES, **wish(slow))
    answer, end = at_once([moving, ended])
    assert not isinstance(answer, Exception)
    assert not isinstance(end, Exception)
    assert answer.status_code == 200
    assert {seen(each).mentor_id for each in slow.items} == {slow.quick.pk}
    assert broken_invariants() == []


def test_by_two_directors_at_once_happens_once(cast: Cast, slow: Slow, api: Api) -> None:
    moving: Callable[[], Any] = partial(ask, api, cast.director, MOVES, **wish(slow))
    told: list[Any] = at_once([moving] * 6)
    answers = [each.json() for each in told]
    assert sorted(each["moving"] for each in answers) == [0, 0, 0, 0, 0, 1]
    assert len(stand_ins()) == 1


def test_begins_at_the_directors_list(cast: Cast, slow: Slow, api: Api) -> None:
    with as_system():
        waiting = factories.EnrolmentFactory(cohort=cast.cohort)
    pooled = open_item(waiting, started_at=NOW)
    open_item(cast.other_enrolment, started_at=NOW)

    def listed(**query: Any) -> list[Any]:
        with at(NOW):
            answer = api(cast.director).get(QUEUE, query)
        assert answer.status_code == 200, answer.content
        rows: list[Any] = answer.json()["results"]
        return rows

    assert {each["id"] for each in listed()} == {str(each) for each in (*slow.items, pooled)}
    assert [(each["id"], each["mentor"], each["mentor_name"]) for each in listed(unassigned="true")] == [
        (str(pooled), None, None)
    ]
    assert {each["mentor_name"] for each in listed(mentor=str(cast.mentor.pk))} == {"Tomas Berg"}
    assert len(listed(status="completed")) == 11
    with at(NOW):
        assert api(cast.director).get(QUEUE, {"unassigned": "maybe"}).status_code == 400
        assert api(cast.mentor).get(QUEUE).status_code == 403


def test_is_lent_only_as_far_as_the_stand_in_has_it(cast: Cast, slow: Slow, api: Api) -> None:
    """A student's own mentor may stand in for another student: what she does of her own is not lent."""
    assert ask(api, cast.director, MOVES, **wish(slow)).status_code == 200
    with as_system():
        left = MentorWorkQueue.objects.filter(pk__in=slow.items[:3])
        assert left.update(mentor=cast.mentor) == 3
        factories.AssignmentFactory(
            enrolment__cohort=cast.cohort,
            mentor=cast.mentor,
            is_primary=False,
            relieves=True,
            stands_in_until=NOW + 7 * DAY,
        )
    with as_system():
        lent = {each.mentee: each.item_ids for each in list_lent_work([cast.cohort.pk])}
    assert sorted(map(len, lent.values())) == [0, 4]
    assert set(lent["Mina Okafor"]) == set(slow.items[3:])
