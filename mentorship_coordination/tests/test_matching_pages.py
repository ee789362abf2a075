"""The director's pages of the matching …"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core import clock
from mentorship_coordination.actions.match_runs import request_match_run
from mentorship_coordination.enums import MatchRunState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.tests.match_world import asked, drafted, given_by, job_runs, mentor_of, run_of, waits
from tests import factories
from tests.database import as_system, as_worker
from tests.people import browser_of
from users.models import User

LIST = "/director/matching"


def show(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def send(client: Client, path: str, **form: Any) -> str:
    answer = client.post(path, form, follow=True)
    assert answer.status_code == 200, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def refused(client: Client, path: str, status: int, **form: Any) -> str:
    answer = client.post(path, form)
    assert answer.status_code == status, answer.content
    return re.sub(r"\s+", " ", answer.content.decode())


def only_run() -> MatchRun:
    with as_system():
        return MatchRun.objects.get()


def test_ask_look_adjust_and_publish(cast: Cast) -> None:
    wanda, client = waits(cast), browser_of(cast.director)
    assert "No matching has run yet." in show(client, LIST)
    page = send(client, LIST, scope=str(cast.cohort.pk), kind="match", evenness="20")
    assert "Asked for" in page
    assert "Look again" in page
    run = only_run()
    one = f"{LIST}/{run.pk}"
    job_runs()
    page = show(client, one)
    assert "Proved: no other assignment of these students is better." in page
    assert "Wanda Waits</a></strong> → " in page
    assert "Best of 2 choices." in page
    assert run_of(run.pk).options["policy"]["evenness"] == 20
    first = given_by(run.pk)["Wanda Waits"]
    other = cast.mentor if first == cast.other_mentor.name else cast.other_mentor
    page = send(client, f"{one}/wish", wish="keep", mentor=str(other.pk), mentee=str(wanda.student_id))
    assert "The draft is solved anew." in page
    job_runs()
    page = show(client, one)
    assert f"with {other.name}" in page
    assert "Wanted by the director." in page
    send(client, f"{one}/wish", wish="forget", mentor=str(other.pk), mentee=str(wanda.student_id))
    job_runs()
    send(client, f"{one}/wish", wish="refuse", mentor=str(other.pk), mentee=str(wanda.student_id))
    job_runs()
    assert f"not with {other.name}" in show(client, one)
    assert "Pairs are being started" in send(client, f"{one}/publish")
    job_runs()
    assert "1 pair begun, 0 lost meanwhile." in show(client, one)
    with as_system():
        assert MenteeMentorAssignment.objects.get(mentee=wanda.student_id).mentor.name == first
    assert "Start these pairs" not in show(client, one)
    assert "no draft any more" in send(client, f"{one}/publish")


def test_tell_why_somebody_waits_and_what_would_do(cast: Cast) -> None:
    waits(cast, "Nia Pugh", languages=["cy"])
    run = drafted(cast)
    page = show(browser_of(cast.director), f"{LIST}/{run.pk}")
    assert "<p>Mentors, counted for each student under the first rule: 2 no language in common.</p>" in page
    assert "2 mentors: 2 no language in common. A language in common would do: 2 mentors have hours and a place" in page
    assert "who speaks Welsh, with hours in UTC: 1 more student matched." in page


def test_tell_of_mentors_and_of_one_student(cast: Cast) -> None:
    wanda = waits(cast)
    run, client = drafted(cast), browser_of(cast.director)
    page = show(client, f"{LIST}/{run.pk}/mentors")
    assert page.count("places left.") == 2
    page = show(client, f"{LIST}/{run.pk}/students/{wanda.student_id}")
    assert "Best of 2 choices." in page
    assert page.count("<option ") == 2
    assert client.get(f"{LIST}/{run.pk}/students/{cast.student.pk}").status_code == 302


def test_filter_and_page_the_students(cast: Cast) -> None:
    for nth in range(51):
        waits(cast, f"Wanda {nth:02}", languages=["en"] if nth else ["cy"])
    mentor_of("Wide", mentor_max_mentees=60)
    run, client = drafted(cast), browser_of(cast.director)
    one = f"{LIST}/{run.pk}"
    assert "Page 1 of 2" in show(client, one)
    assert "Wanda 00" in show(client, one, state="unmatched")
    assert "Wanda 01" not in show(client, one, state="unmatched")
    assert "Nobody here." in show(client, one, under="1")
    for wrong in ({"state": "lucky"}, {"under": "-1"}, {"mentor": "Tomas"}):
        assert client.get(one, wrong).status_code == 400


def test_show_a_failure_and_an_open_run_of_the_scope(cast: Cast) -> None:
    client, run_id = browser_of(cast.director), asked(cast)
    page = refused(client, LIST, 409, scope=str(cast.cohort.pk), kind="match")
    assert "There is a run for this scope already" in page
    assert f'<a href="{LIST}/{run_id}">Go to that run</a>' in page
    with as_system():
        MatchRun.objects.filter(pk=run_id).update(state=MatchRunState.FAILED, failure="The solver gave no answer.")
    assert "The solver gave no answer." in show(client, f"{LIST}/{run_id}")


@pytest.mark.parametrize("state", MatchRunState.values)
def test_show_a_run_in_each_state(cast: Cast, state: str) -> None:
    run, client = drafted(cast), browser_of(cast.director)
    with as_system():
        MatchRun.objects.filter(pk=run.pk).update(state=state, progress={"step": "solving", "round": 2, "gap": 12.3})
    page = show(client, f"{LIST}/{run.pk}")
    assert ("Start these pairs" in page) == (state in ("draft", "compared"))
    assert ("Put aside</button>" in page) == (state in ("requested", "running", "draft", "compared"))
    assert ("at most 12 points from the best" in page) == (state == "running")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"scope": "", "kind": "what_if"}, "Select a valid choice"),
        ({"scope": "spring", "kind": "match"}, "Select a valid choice"),
        ({"scope": "", "kind": "match", "evenness": "-1"}, "greater than or equal to 0"),
    ],
)
def test_say_what_is_wrong_with_a_wish(cast: Cast, form: dict[str, str], said: str) -> None:
    assert said in refused(browser_of(cast.director), LIST, 400, **form)
    with as_system():
        assert not MatchRun.objects.exists()


def test_answer_what_would_be(cast: Cast) -> None:
    waits(cast)
    run, client = drafted(cast), browser_of(cast.director)
    one = f"{LIST}/{run.pk}/what-if"
    show(client, one)
    assert "Say what would be otherwise." in refused(client, one, 400)
    assert "say how many mentees" in refused(client, one, 400, other_limit_of=str(cast.mentor.pk))
    assert "say how many join" in refused(client, one, 400, join=str(cast.cohort.pk))
    page = send(
        client, one, other_limit_of=str(cast.mentor.pk), other_limit="0", leaves=str(cast.other_mentor.pk), skills="100"
    )
    assert "Asked for" in page
    job_runs()
    with as_system():
        asked_for = MatchRun.objects.get(kind="what_if")
    assert asked_for.options["changes"] == {
        "weights": {"skills": 100},
        "without_mentors": [str(cast.other_mentor.pk)],
        "places": {str(cast.mentor.pk): 0},
    }
    page = show(client, f"{LIST}/{asked_for.pk}")
    assert "1 without a mentor now." in page
    assert "1 of 1 matched as it is, 0 of 1 as it would be" in page
    assert "Start these pairs" not in page


def test_hold_two_runs_against_each_other(cast: Cast) -> None:
    waits(cast)
    client, first = browser_of(cast.director), drafted(cast)
    send(client, f"{LIST}/{first.pk}/discard")
    with as_system():
        User.objects.filter(is_mentor=True).update(languages=["cy"])
    second = drafted(cast)
    one = f"{LIST}/{second.pk}/comparison"
    show(client, one, other=str(first.pk))
    assert run_of(second.pk).state == MatchRunState.DRAFT
    page = send(client, one, other=str(first.pk))
    assert "1 without a mentor now" in page
    assert "→ nobody" in page
    assert run_of(second.pk).state == MatchRunState.COMPARED
    for wrong in ("x", ""):
        assert client.post(one, {"other": wrong}).status_code == 400
    assert client.get(one, {"other": "x"}).status_code == 400
    send(client, f"{LIST}/{second.pk}/discard")
    assert "1 without a mentor now" in send(client, one, other=str(first.pk))


def test_show_the_unmatched_first_and_then_the_lowest_scores(cast: Cast) -> None:
    waits(cast, "Nia Pugh", languages=["cy"])
    for nth in range(3):
        waits(cast, f"Wanda {nth}")
    run = drafted(cast)
    page = show(browser_of(cast.director), f"{LIST}/{run.pk}")
    with as_system():
        scores = {each.mentee.name: each.score or 0 for each in run.proposals.select_related("mentee")}
    shown = re.findall(r"<strong><a [^>]+>([^<]+)</a></strong>", page)
    assert shown[0] == "Nia Pugh"
    assert [scores[name] for name in shown[1:]] == sorted(scores[name] for name in shown[1:])


def test_tell_what_blocks_the_others_beside_who_told_no_hours(cast: Cast) -> None:
    waits(cast, "Nia Pugh", languages=["cy"])
    waits(cast, "Olu Silent", student_availability={})
    run = drafted(cast)
    page = show(browser_of(cast.director), f"{LIST}/{run.pk}")
    assert "1 student has told no hours. Mentors, counted for each student under the first rule: 2 no language" in page


def test_over_everybody_is_the_admins_to_decide_about(cast: Cast) -> None:
    wanda = waits(cast)
    with as_worker():
        run_id = request_match_run(cohort_id=None, by=cast.admin, at=clock.now(), is_over_everybody=True).pk
    job_runs()
    page = show(browser_of(cast.director), f"{LIST}/{run_id}")
    assert "Wanda Waits</a></strong> → " in page
    assert "An admin asked for it over all cohorts" in page
    for button in ("Start these pairs", "Put aside</button>", "Keep</button>", "Not this"):
        assert button not in page
    assert "Give and solve anew" not in show(browser_of(cast.director), f"{LIST}/{run_id}/students/{wanda.student_id}")


def test_of_a_director_who_is_an_admin_too_is_over_her_own_cohorts(cast: Cast) -> None:
    waits(cast)
    with as_system():
        factories.EnrolmentFactory(student__name="Foreign Cohort")
        User.objects.filter(pk=cast.director.pk).update(is_staff=True)
    send(browser_of(cast.director), LIST, scope="", kind="match")
    job_runs()
    assert set(given_by(only_run().pk)) == {"Wanda Waits"}


def test_keep_each_wish_when_another_is_made_and_the_filters_of_the_page(cast: Cast) -> None:
    wanda, olga = waits(cast), waits(cast, "Olga Waits")
    run, client = drafted(cast), browser_of(cast.director)
    one = f"{LIST}/{run.pk}"
    for each, mentor in ((wanda, cast.mentor), (olga, cast.other_mentor)):
        form = {"wish": "keep", "mentor": str(mentor.pk), "mentee": str(each.student_id)}
        answer = client.post(f"{one}/wish?state=proposed&page=1", form)
        assert answer["Location"] == f"{one}?state=proposed&page=1"
        job_runs()
    assert given_by(run.pk) == {"Wanda Waits": cast.mentor.name, "Olga Waits": cast.other_mentor.name}


def test_refuse_wishes_for_people_whom_the_run_does_not_know(cast: Cast) -> None:
    wanda = waits(cast)
    run, client = drafted(cast), browser_of(cast.director)
    one = f"{LIST}/{run.pk}/wish"
    mentor, mentee = str(cast.mentor.pk), str(wanda.student_id)
    assert "The run has no student" in send(client, one, wish="keep", mentor=mentor, mentee=str(cast.student.pk))
    assert "There is no mentor" in send(client, one, wish="refuse", mentor=mentee, mentee=mentee)
    assert run_of(run.pk).state == MatchRunState.DRAFT
    assert not run_of(run.pk).options.get("pinned")


def test_say_that_a_wanted_mentor_takes_nobody(cast: Cast) -> None:
    wanda = waits(cast)
    leaving = mentor_of("Leah Leaves", leaving_at=clock.now())
    run, client = drafted(cast), browser_of(cast.director)
    send(client, f"{LIST}/{run.pk}/wish", wish="keep", mentor=str(leaving.pk), mentee=str(wanda.student_id))
    job_runs()
    page = show(client, f"{LIST}/{run.pk}")
    assert "Wanda Waits cannot be given to Leah Leaves: not taking mentees." in page
    assert "Start these pairs" in page


def test_show_the_students_of_one_cohort_or_mentor(cast: Cast) -> None:
    waits(cast)
    with as_system():
        second = factories.CohortDirectorFactory(user=cast.director).cohort
        factories.EnrolmentFactory(cohort=second, student__name="Second Cohort")
    run, client = drafted(cast, cohort_id=None), browser_of(cast.director)
    one = f"{LIST}/{run.pk}"
    page = show(client, one, cohort=str(second.pk))
    assert "Second Cohort</a>" in page
    assert "Wanda Waits</a>" not in page
    with as_system():
        mentor_id, mentor = run.proposals.values_list("mentor_id", "mentor__name").get(mentee__name="Wanda Waits")
    page = show(client, one, mentor=str(mentor_id), state="proposed")
    assert f"Those given to {mentor}" in page
    assert "Wanda Waits</a>" in page
    assert f'href="{one}?state=proposed">Show all</a>' in page


def test_over_one_cohort_lets_students_join_that_one_alone(cast: Cast) -> None:
    waits(cast)
    with as_system():
        second = factories.CohortDirectorFactory(user=cast.director).cohort
    run, client = drafted(cast), browser_of(cast.director)
    one = f"{LIST}/{run.pk}/what-if"
    assert str(second.pk) not in show(client, one)
    assert "Select a valid choice" in refused(client, one, 400, join=str(second.pk), joining="2")


def test_go_back_to_older_runs(cast: Cast) -> None:
    client = browser_of(cast.director)
    with as_system():
        for _ in range(51):
            MatchRun.objects.create(cohort=cast.cohort, state=MatchRunState.DISCARDED, created_at=clock.now())
    page = show(client, LIST)
    assert page.count(' id="run-') == 50
    assert '<a href="?page=2">Older</a>' in page
    assert show(client, LIST, page="2").count(' id="run-') == 1


def test_are_one_step_from_the_overview(cast: Cast) -> None:
    run, client = drafted(cast), browser_of(cast.director)
    assert f'<a href="{LIST}/{run.pk}">See the open run</a>' in show(client, "/director")
    send(client, f"{LIST}/{run.pk}/discard")
    assert f'<a href="{LIST}">Match</a>' in show(client, "/director")


def addresses(run_id: UUID, mentee_id: UUID) -> list[tuple[str, str]]:
    one = f"{LIST}/{run_id}"
    reads = [one, f"{one}/mentors", f"{one}/students/{mentee_id}", f"{one}/what-if", f"{one}/comparison"]
    writes = [f"{one}/publish", f"{one}/discard", f"{one}/what-if"]
    return [("get", path) for path in reads] + [("post", path) for path in writes]


def test_are_for_the_directors_of_the_cohort(cast: Cast) -> None:
    wanda = waits(cast)
    run = drafted(cast)
    with as_system():
        stranger = factories.CohortDirectorFactory().user
    for method, path in [*addresses(run.pk, wanda.student_id), ("get", LIST)]:
        assert getattr(Client(), method)(path)["Location"].startswith("/sign-in")
        assert getattr(browser_of(cast.mentor), method)(path).status_code == 403
        if path != LIST:
            assert getattr(browser_of(stranger), method)(path).status_code == 404
    assert "Wanda" not in show(browser_of(stranger), LIST)
    wish = {"wish": "keep", "mentor": str(cast.mentor.pk), "mentee": str(wanda.student_id)}
    assert browser_of(stranger).post(f"{LIST}/{run.pk}/wish", wish).status_code == 404
    assert run_of(run.pk).state == MatchRunState.DRAFT
    assert browser_of(cast.director).post(f"{LIST}/{run.pk}/wish", {"wish": "keep"}).status_code == 400


@pytest.mark.parametrize("path", ["", "/{run}", "/{run}/mentors"])
def test_take_the_same_number_of_queries_for_one_row_and_for_twenty(cast: Cast, path: str) -> None:
    counts = []
    client = browser_of(cast.director)
    for more in (1, 19):
        for nth in range(more):
            waits(cast, f"Wanda {nth}")
            mentor_of(f"Mentor {nth}")
        run = drafted(cast)
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST + path.format(run=run.pk)).status_code == 200
            counts.append(len(queries))
        client.post(f"{LIST}/{run.pk}/discard")
    assert counts[0] == counts[1]
    assert counts[1] <= 12
