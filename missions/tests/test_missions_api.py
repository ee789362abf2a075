"""GET missions and missions/{id} …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from missions.tests.world import TUESDAY, review, submit
from tests import factories
from tests.database import as_system
from users.models import Enrolment, User

Api = Callable[[User | None], APIClient]
LIST = "/api/v1/missions"


def test_lists_the_tracks_missions_with_the_own_state(cast: Cast, api: Api) -> None:
    with as_system():
        second = factories.MissionFactory(track=cast.cohort.track, number=cast.mission.number + 1, weight=3)
        factories.MissionFactory(track=cast.cohort.track, is_published=False)
        factories.MissionFactory()
    submission = submit(cast.student, second)
    review(cast.mentor, submission, score=91)

    answer = api(cast.student).get(LIST)

    assert answer.status_code == 200
    assert answer.json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(cast.mission.pk),
                "number": cast.mission.number,
                "title": cast.mission.title,
                "weight": 1,
                "expected_after_days": 14,
                "competencies": [],
                "submission": None,
            },
            {
                "id": str(second.pk),
                "number": second.number,
                "title": second.title,
                "weight": 3,
                "expected_after_days": 14,
                "competencies": [],
                "submission": {
                    "id": str(submission.pk),
                    "state": "approved",
                    "version": 1,
                    "cycle": 1,
                    "score": 91,
                    "submitted_at": "2026-01-19T16:30:00Z",
                    "decided_at": "2026-01-20T09:05:00Z",
                },
            },
        ],
    }


def test_reads_one_with_brief_and_rubric(cast: Cast, api: Api) -> None:
    answer = api(cast.student).get(f"{LIST}/{cast.mission.pk}")

    assert answer.status_code == 200
    assert answer.json()["brief"] == "Find out what happened on the host."
    assert answer.json()["rubric"] == []
    assert answer.json()["submission"] is None


def test_are_not_told_apart_from_what_is_not_there(cast: Cast, api: Api) -> None:
    assert api(cast.stranger).get(f"{LIST}/{cast.mission.pk}").status_code == 404
    assert api(cast.student).get(f"{LIST}/no-uuid").status_code == 404


def test_show_a_stranger_only_her_own_track(cast: Cast, api: Api) -> None:
    submit(cast.student, cast.mission)

    assert api(cast.stranger).get(LIST).json()["results"] == []


def test_are_read_but_not_handed_in_while_the_enrolment_rests(cast: Cast, api: Api) -> None:
    with as_system():
        Enrolment.objects.filter(pk=cast.enrolment.pk).update(state="paused")

    student = api(cast.student)
    assert [each["id"] for each in student.get(LIST).json()["results"]] == [str(cast.mission.pk)]
    assert student.get(f"{LIST}/{cast.mission.pk}").status_code == 200
    refused = student.post(f"{LIST}/{cast.mission.pk}/submissions", {"text": "Done."}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_active_enrolment")


def test_are_for_students_who_are_signed_in(cast: Cast, api: Api) -> None:
    for path in (LIST, f"{LIST}/{cast.mission.pk}"):
        assert api(None).get(path).status_code == 401
        assert api(cast.mentor).get(path).status_code == 403


def test_refuse_unknown_filters(cast: Cast, api: Api) -> None:
    answer = api(cast.student).get(LIST, {"colour": "red"})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["colour"]


def test_are_not_sent_again_when_nothing_changed(cast: Cast, api: Api) -> None:
    client = api(cast.student)
    tag = client.get(LIST)["ETag"]

    assert client.get(LIST, headers={"If-None-Match": tag}).status_code == 304
    submit(cast.student, cast.mission, at=TUESDAY)
    assert client.get(LIST, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_take_the_same_queries_for_one_and_for_twenty(
    cast: Cast, api: Api, django_assert_num_queries: Any, count: int
) -> None:
    with as_system():
        more = factories.MissionFactory.create_batch(count - 1, track=cast.cohort.track)
    for mission in [cast.mission, *more]:
        submit(cast.student, mission)
    client = api(cast.student)

    with django_assert_num_queries(QUERIES):
        results = client.get(LIST).json()["results"]

    assert [row["submission"]["state"] for row in results] == ["submitted"] * count


#: Who asks, BEGIN, her enrolment, the missions, the submissions, COMMIT.
QUERIES = 6
