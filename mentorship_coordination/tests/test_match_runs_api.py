"""Runs of the matching over HTTP …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import Cast
from mentorship_coordination.models.matching import MatchProposal
from mentorship_coordination.tests.match_world import drafted, job_runs, mentor_of, waits
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
URL = "/api/v1/director/match-runs"
WHAT_IFS = "/api/v1/director/match-what-ifs"


def asked(client: APIClient, **values: Any) -> dict[str, Any]:
    answer = client.post(URL, values, format="json")
    assert answer.status_code == 202, answer.content
    body: dict[str, Any] = answer.json()
    assert answer["Location"].endswith(f"{URL}/{body['id']}")
    return body


def test_are_asked_for_read_adjusted_and_published(cast: Cast, api: Api) -> None:
    wanda, client = waits(cast), api(cast.director)
    body = asked(client, cohort=str(cast.cohort.pk), policy={"evenness": 10})
    assert (body["state"], body["certificate"], body["requested_by"]) == ("requested", None, "Dana Reyes")
    job_runs()
    one = f"{URL}/{body['id']}"
    draft = client.get(one).json()
    assert (draft["state"], draft["summary"]["matched"]) == ("draft", 1)
    assert draft["proof"] == "Proved: no other assignment of these students is better."
    assert draft["options"]["policy"]["evenness"] == 10
    [proposal] = client.get(f"{one}/proposals").json()["results"]
    assert (proposal["mentee_name"], proposal["score"]) == ("Wanda Waits", sum(proposal["parts"].values()))
    assert proposal["why"].startswith("Best of 2 choices.")
    other = cast.mentor if proposal["mentor"] == str(cast.other_mentor.pk) else cast.other_mentor
    wish = {"mentor": str(other.pk), "mentee": str(wanda.student_id)}
    assert client.post(f"{one}/adjustments", {"pinned": [wish]}, format="json").status_code == 202
    assert client.post(f"{one}/publish").json()["code"] == "run_under_way"
    job_runs()
    [proposal] = client.get(f"{one}/proposals").json()["results"]
    assert (proposal["mentor"], proposal["why"].split(".")[0]) == (str(other.pk), "Wanted by the director")
    assert client.post(f"{one}/publish").status_code == 202
    job_runs()
    done = client.get(one).json()
    assert (done["state"], done["summary"]["published"], done["summary"]["lost"]) == ("published", 1, 0)
    again = client.post(f"{one}/publish")
    assert (again.status_code, again.json()["code"]) == (409, "run_closed")


def test_tell_of_the_unmatched_what_would_have_to_change(cast: Cast, api: Api) -> None:
    waits(cast, "Nia Pugh", languages=["cy"])
    run = drafted(cast)
    [proposal] = api(cast.director).get(f"{URL}/{run.pk}/proposals").json()["results"]
    assert (proposal["mentor"], proposal["blocked"]) == (None, {"no_language_in_common": 2})
    assert proposal["explanation"]["change"]["kind"] == "language"
    assert proposal["why"].startswith("2 mentors: 2 no language in common. A language in common would do: 2 mentors")


def test_tell_of_each_mentor_why_she_has_places_left(cast: Cast, api: Api) -> None:
    waits(cast)
    run = drafted(cast)
    rows = api(cast.director).get(f"{URL}/{run.pk}/mentors").json()["results"]
    assert sorted(row["mentor_name"] for row in rows) == sorted([cast.mentor.name, cast.other_mentor.name])
    assert sum(row["taken"] for row in rows) == 1
    assert all("places left." in row["why"] for row in rows)


def test_are_listed_by_state_kind_and_cohort(cast: Cast, api: Api) -> None:
    run, client = drafted(cast), api(cast.director)
    for filters, found in (
        ({"state": "draft"}, 1), ({"state": "failed"}, 0), ({"kind": "match"}, 1), ({"kind": "rematch"}, 0),
        ({"cohort": str(cast.cohort.pk)}, 1), ({"cohort": str(uuid4())}, 0),
    ):  # fmt: skip
        assert [each["id"] for each in client.get(URL, filters).json()["results"]] == [str(run.pk)] * found
    for wrong in ({"state": "new"}, {"mentor": "x"}):
        assert client.get(URL, wrong).status_code == 400


def test_proposals_are_filtered(cast: Cast, api: Api) -> None:
    waits(cast)
    waits(cast, "Nia Pugh", languages=["cy"])
    run, client = drafted(cast), api(cast.director)
    one = f"{URL}/{run.pk}/proposals"
    for filters, names in (
        ({"state": "unmatched"}, ["Nia Pugh"]),
        ({"min_score": "1"}, ["Wanda Waits"]),
        ({"max_score": "1"}, []),
        ({"mentor": str(uuid4())}, []),
    ):
        assert [each["mentee_name"] for each in client.get(one, filters).json()["results"]] == names
    assert client.get(one, {"state": "lucky"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "what_if"}, "kind"),
        ({"policy": {"evenness": -1}}, "policy"),
        ({"policy": {"floor": "high"}}, "policy"),
        ({"cohort": "spring"}, "cohort"),
    ],
)
def test_refuse_what_makes_no_sense(cast: Cast, api: Api, body: dict[str, Any], field: str) -> None:
    answer = api(cast.director).post(URL, body, format="json")
    assert answer.status_code == 400
    assert any(each["field"].startswith(field) for each in answer.json()["errors"])


def test_are_one_at_a_time_and_of_her_own_cohorts(cast: Cast, api: Api) -> None:
    client = api(cast.director)
    asked(client, cohort=str(cast.cohort.pk))
    again = client.post(URL, {"cohort": str(cast.cohort.pk)}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "draft_exists")
    with as_system():
        foreign = factories.CohortFactory()
    assert client.post(URL, {"cohort": str(foreign.pk)}, format="json").status_code == 404


def test_answer_a_repeated_key_as_before(cast: Cast, api: Api) -> None:
    client = api(cast.director)
    first, second = (client.post(URL, {}, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, second.json()) == (202, first.json())


def test_adjustments_name_people_of_the_run(cast: Cast, api: Api) -> None:
    wanda = waits(cast)
    run, client = drafted(cast), api(cast.director)
    one = f"{URL}/{run.pk}/adjustments"
    good = {"mentor": str(cast.mentor.pk), "mentee": str(wanda.student_id)}
    for name in ("pinned", "unwanted"):
        for wrong in (good | {"mentee": str(cast.student.pk)}, good | {"mentor": str(uuid4())}):
            answer = client.post(one, {name: [wrong]}, format="json")
            assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [name])
    assert client.post(one, {"pinned": [good]}, format="json").status_code == 202
    job_runs()
    with as_system():
        MatchProposal.objects.filter(run=run).delete()
    assert client.post(one, {"pinned": [good], "unwanted": []}, format="json").status_code == 202


def test_adjustments_of_a_rematch_may_name_whoever_stays(cast: Cast, api: Api) -> None:
    run, client = drafted(cast, kind="rematch"), api(cast.director)
    wish = {"mentor": str(cast.other_mentor.pk), "mentee": str(cast.student.pk)}
    assert client.post(f"{URL}/{run.pk}/adjustments", {"pinned": [wish]}, format="json").status_code == 202
    wish["mentee"] = str(waits(cast).student_id)
    job_runs()
    assert client.post(f"{URL}/{run.pk}/adjustments", {"pinned": [wish]}, format="json").status_code == 400


def test_what_ifs_over_one_cohort_let_nobody_join_another(cast: Cast, api: Api) -> None:
    with as_system():
        second = factories.CohortDirectorFactory(user=cast.director).cohort
    body: dict[str, Any] = {"changes": {"joining": {str(second.pk): 2}}}
    client = api(cast.director)
    assert client.post(WHAT_IFS, body, format="json").status_code == 202
    assert client.post(WHAT_IFS, body | {"cohort": str(cast.cohort.pk)}, format="json").status_code == 400


def test_have_a_tag_that_changes_with_them(cast: Cast, api: Api) -> None:
    run, client = drafted(cast), api(cast.director)
    one = f"{URL}/{run.pk}"
    tag = client.get(one)["ETag"]
    assert client.get(one, headers={"If-None-Match": tag}).status_code == 304
    client.post(f"{one}/discard")
    assert client.get(one, headers={"If-None-Match": tag}).json()["state"] == "discarded"


def test_are_nothing_to_others(cast: Cast, api: Api) -> None:
    waits(cast)
    run = drafted(cast)
    with as_system():
        stranger = factories.CohortDirectorFactory().user
    one = f"{URL}/{run.pk}"
    for who, status in ((None, 401), (cast.student, 403), (cast.mentor, 403), (stranger, 404)):
        client = api(who)
        for path in ("", "/proposals", "/mentors"):
            assert client.get(f"{one}{path}").status_code == status
        for path, body in (
            ("publish", {}), ("discard", {}), ("adjustments", {}), ("compare", {"other": str(run.pk)})
        ):  # fmt: skip
            assert client.post(f"{one}/{path}", body, format="json").status_code == status
    with as_system():
        run.refresh_from_db()
    assert run.state == "draft"


def test_are_compared(cast: Cast, api: Api) -> None:
    waits(cast)
    client = api(cast.director)
    first = drafted(cast)
    client.post(f"{URL}/{first.pk}/discard")
    with as_system():
        User.objects.filter(is_mentor=True).update(languages=["cy"])
    second = drafted(cast)
    compared = client.post(f"{URL}/{second.pk}/compare", {"other": str(first.pk)}, format="json").json()
    assert compared["counts"]["newly_unmatched"] == 1
    [change] = compared["changed"]
    assert (change["mentee"], change["after"]) == ("Wanda Waits", None)
    assert client.get(f"{URL}/{second.pk}").json()["state"] == "compared"


def test_what_ifs_are_typed_to_the_last_field(cast: Cast, api: Api) -> None:
    waits(cast)
    client = api(cast.director)
    mentor: dict[str, Any] = {
        "languages": ["en"],
        "specialties": ["forensics"],
        "timezone": "Europe/Berlin",
        "availability": {"mon": [["09:00", "17:00"]]},
        "places": 5,
    }
    good: dict[str, Any] = {
        "without_mentors": [str(cast.mentor.pk)],
        "places": {str(cast.other_mentor.pk): 0},
        "joining": {str(cast.cohort.pk): 2},
        "new_mentors": [mentor],
        "weights": {"skills": 100},
        "policy": {"evenness": 5},
    }
    answer = client.post(WHAT_IFS, {"changes": good}, format="json")
    assert answer.status_code == 202, answer.content
    job_runs()
    run = client.get(f"{URL}/{answer.json()['id']}").json()
    assert run["state"] == "compared"
    assert run["summary"]["difference"]["after"]["waiting"] == 3
    for wrong in (
        {"without_mentors": [str(uuid4())]},
        {"without_mentors": [str(cast.student.pk)]},
        {"places": {"Tomas": 3}},
        {"places": {str(cast.mentor.pk): -1}},
        {"joining": {str(uuid4()): 3}},
        {"joining": {str(cast.cohort.pk): 0}},
        {"new_mentors": [mentor | {"timezone": "Europe/Nowhere"}]},
        {"new_mentors": [mentor | {"availability": {"mon": [["17:00", "09:00"]]}}]},
        {"new_mentors": [mentor] * 51},
        {"weights": {"luck": 3}},
        {"policy": {"evenness": -3}},
        {},
    ):
        assert client.post(WHAT_IFS, {"changes": wrong}, format="json").status_code == 400, wrong


def test_weights_are_read_with_their_meaning(cast: Cast, api: Api) -> None:
    assert api(cast.student).get("/api/v1/director/match-weights").status_code == 403
    answer = api(cast.director).get("/api/v1/director/match-weights")
    assert answer.status_code == 200
    for each in answer.json()["results"]:
        assert set(each["meanings"]) == {"skills", "shared_hours", "same_cohort", "experience", "waiting"}


@pytest.mark.parametrize("path", ["", "/proposals", "/mentors"])
def test_take_the_same_number_of_queries_for_one_row_and_for_twenty(cast: Cast, api: Api, path: str) -> None:
    counts = []
    client = api(cast.director)
    for more in (1, 19):
        for nth in range(more):
            waits(cast, f"Wanda {nth}")
            mentor_of(f"Mentor {nth}")
        run = drafted(cast)
        address = f"{URL}/{run.pk}{path}" if path else URL
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
            counts.append(len(queries))
        client.post(f"{URL}/{run.pk}/discard")
    assert counts[0] == counts[1]
