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
from mentorship_coordination.enums import MatchRunState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.tests.match_world import asked, drafted, given_by, job_runs, mentor_of, run_of, waits
from tests import factories
from tests.database import as_system
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
    assert "under the first rule: 2 no language in common." in page
    assert "2 mentors: 2 no language in common. A language in common would do: 2 mentors have hours and a place" in page
    assert "who speaks cy, with hours in UTC: 1 more student matched." in page


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
    assert "There is a run for this scope already" in send(client, LIST, scope=str(cast.cohort.pk), kind="match")
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
    assert said in send(browser_of(cast.director), LIST, **form)
    with as_system():
        assert not MatchRun.objects.exists()


def test_answer_what_would_be(cast: Cast) -> None:
    waits(cast)
    run, client = drafted(cast), browser_of(cast.director)
    one = f"{LIST}/{run.pk}/what-if"
    show(client, one)
    assert "Say what would be otherwise." in send(client, one)
    assert "say how many mentees" in send(client, one, other_limit_of=str(cast.mentor.pk))
    assert "say how many join" in send(client, one, join=str(cast.cohort.pk))
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
    page = show(client, f"{LIST}/{second.pk}/comparison", other=str(first.pk))
    assert "1 without a mentor now" in page
    assert "→ nobody" in page
    assert run_of(second.pk).state == MatchRunState.COMPARED
    assert client.get(f"{LIST}/{second.pk}/comparison", {"other": "x"}).status_code == 400


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
