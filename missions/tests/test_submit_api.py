"""POST missions/{id}/submissions …"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from missions.models import MissionSubmission, SubmissionFile
from missions.tests.world import MONDAY, files_on, pdf, review, submit
from tests import factories
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]


def path_of(cast: Cast) -> str:
    return f"/api/v1/missions/{cast.mission.pk}/submissions"


def count() -> int:
    with as_system():
        return MissionSubmission.objects.count()


def test_hands_in_text_and_links_as_json(cast: Cast, api: Api) -> None:
    with clock.pinned(MONDAY):
        answer = api(cast.student).post(path_of(cast), {"text": " Found it.\n", "links": ["https://git.example/mina"]})

    assert answer.status_code == 201
    with as_system():
        submission = MissionSubmission.objects.get()
    assert answer["Location"] == f"/api/v1/missions/submissions/{submission.pk}"
    body = answer.json()
    version = body["versions"][0]
    assert body == {
        "id": str(submission.pk),
        "mission": {
            "id": str(cast.mission.pk),
            "number": cast.mission.number,
            "title": cast.mission.title,
            "weight": 1,
        },
        "state": "submitted",
        "version": 1,
        "cycle": 1,
        "score": None,
        "submitted_at": "2026-01-19T16:30:00Z",
        "decided_at": None,
        "updated_at": "2026-01-19T16:30:00Z",
        "versions": [
            {
                "id": version["id"],
                "number": 1,
                "cycle": 1,
                "text": "Found it.",
                "links": ["https://git.example/mina"],
                "files": [],
                "created_at": "2026-01-19T16:30:00Z",
            }
        ],
        "reviews": [],
    }


def test_hands_in_files_as_a_form(cast: Cast, api: Api, media: Path) -> None:
    answer = api(cast.student).post(
        path_of(cast),
        {
            "text": "See files.",
            "links": ["https://a.example", "https://b.example"],
            "files": [pdf(), SimpleUploadedFile("../page.html", b"<p>", "text/html")],
        },
        format="multipart",
    )

    assert answer.status_code == 201
    version = answer.json()["versions"][0]
    assert version["links"] == ["https://a.example", "https://b.example"]
    assert [(file["name"], file["content_type"], file["size"]) for file in version["files"]] == [
        ("page.html", "application/octet-stream", 3),
        ("report.pdf", "application/pdf", 17),
    ]
    assert len(files_on(media)) == 2


def test_adds_a_version_when_sent_twice(cast: Cast, api: Api) -> None:
    client = api(cast.student)
    client.post(path_of(cast), {"text": "One."})
    body = client.post(path_of(cast), {"text": "Two."}).json()

    assert (body["version"], body["cycle"]) == (2, 1)
    assert [version["text"] for version in body["versions"]] == ["One.", "Two."]


def test_does_nothing_twice_under_one_key(cast: Cast, api: Api, media: Path) -> None:
    client = api(cast.student)
    answers = [
        client.post(path_of(cast), {"files": [pdf()]}, format="multipart", headers={"Idempotency-Key": "first-try"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (answers[1].json()["version"], len(files_on(media))) == (1, 1)


def test_answers_409_once_it_is_decided(cast: Cast, api: Api) -> None:
    review(cast.mentor, submit(cast.student, cast.mission))

    answer = api(cast.student).post(path_of(cast), {"text": "More."})

    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["current_version"], problem["state"]) == ("already_decided", 1, "approved")


def test_is_for_students_who_are_signed_in(cast: Cast, api: Api) -> None:
    assert api(None).post(path_of(cast), {"text": "x"}).status_code == 401
    assert api(cast.mentor).post(path_of(cast), {"text": "x"}).status_code == 403
    assert api(cast.stranger).post(path_of(cast), {"text": "x"}).status_code == 404
    assert count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "x" * 50_001}, "text"),
        ({"text": ["a"]}, "text"),
        ({"links": ["javascript:alert(1)"]}, "links.0"),
        ({"links": ["ftp://files.example/a"]}, "links"),
        ({"links": "https://git.example"}, "links"),
        ({"links": ["https://git.example"] * 21}, "links"),
        ({"files": ["a.pdf"]}, "files.0"),
    ],
)
def test_names_the_field_that_is_wrong(cast: Cast, api: Api, body: dict[str, Any], field: str) -> None:
    answer = api(cast.student).post(path_of(cast), body)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert count() == 0


def test_refuses_half_a_character(cast: Cast, api: Api) -> None:
    answer = api(cast.student).generic("POST", path_of(cast), '{"text": "a\\ud800b"}', content_type="application/json")

    assert (answer.status_code, count()) == (400, 0)


def test_refuses_an_empty_file(cast: Cast, api: Api, media: Path) -> None:
    answer = api(cast.student).post(path_of(cast), {"files": [pdf(content=b"")]}, format="multipart")

    assert answer.status_code == 400
    assert [error["message"] for error in answer.json()["errors"]] == ["report.pdf is empty."]
    assert (count(), files_on(media)) == (0, [])


@pytest.mark.parametrize("size", [1_000, 1_001])
def test_refuses_a_file_over_the_limit(cast: Cast, api: Api, media: Path, settings: Any, size: int) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000
    answer = api(cast.student).post(path_of(cast), {"files": [pdf(content=b"x" * size)]}, format="multipart")

    if size == 1_000:
        assert (answer.status_code, count(), len(files_on(media))) == (201, 1, 1)
    else:
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert (count(), files_on(media)) == (0, [])


def test_stops_a_large_file_before_anything_else_is_read(cast: Cast, api: Api, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000
    body = {"links": ["javascript:alert(1)"], "files": [pdf(content=b"x" * 1_001)]}

    answer = api(cast.student).post(path_of(cast), body, format="multipart")

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_takes_files_from_a_signed_in_browser(cast: Cast, media: Path) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.post("/api/v1/auth/login", {"email": cast.student.email, "password": factories.PASSWORD})
    token = browser.cookies["csrftoken"].value

    forged = browser.post(path_of(cast), {"files": [pdf()]}, format="multipart")
    meant = browser.post(path_of(cast), {"files": [pdf()]}, format="multipart", headers={"X-CSRFToken": token})

    assert (forged.status_code, meant.status_code) == (403, 201)
    assert len(files_on(media)) == 1


def test_refuses_too_many_files(cast: Cast, api: Api, media: Path) -> None:
    answer = api(cast.student).post(path_of(cast), {"files": [pdf()] * 11}, format="multipart")

    assert answer.status_code == 413
    assert (count(), files_on(media)) == (0, [])


def test_leaves_no_file_of_a_stranger(cast: Cast, api: Api, media: Path) -> None:
    answer = api(cast.stranger).post(path_of(cast), {"files": [pdf()]}, format="multipart")

    assert (answer.status_code, files_on(media)) == (404, [])
    with as_system():
        assert not SubmissionFile.objects.exists()


def test_refuses_other_content_types(cast: Cast, api: Api) -> None:
    answer = api(cast.student).generic("POST", path_of(cast), "<a/>", content_type="application/xml")

    assert answer.status_code == 415
