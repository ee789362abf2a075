"""Downloading a file that was handed in …"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from conftest import Cast
from missions.models import SubmissionFile
from missions.tests.world import files_on, pdf, submit
from tests.database import as_system
from users.models import User

Api = Callable[[User | None], APIClient]
PATHS = {"student": "missions/files", "mentor": "mentor/files", "director": "director/files"}


def handed_in(cast: Cast, upload: SimpleUploadedFile) -> SubmissionFile:
    submit(cast.student, cast.mission, files=[upload])
    with as_system():
        return SubmissionFile.objects.get()


@pytest.mark.parametrize("role", PATHS)
def test_gives_its_bytes_to_whoever_may_see_the_submission(cast: Cast, api: Api, role: str) -> None:
    file = handed_in(cast, pdf())

    answer = api(getattr(cast, role)).get(f"/api/v1/{PATHS[role]}/{file.pk}")

    assert answer.status_code == 200
    assert b"".join(answer) == b"%PDF-1.7 timeline"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == "17"
    assert answer["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_never_opens_as_a_page(cast: Cast, api: Api) -> None:
    file = handed_in(cast, SimpleUploadedFile("a.html", b"<script>", "text/html"))
    with as_system():
        SubmissionFile.objects.update(content_type="text/html", name='x";\r\nevil: 1.html')

    answer = api(cast.student).get(f"/api/v1/missions/files/{file.pk}")

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "\n" not in answer["Content-Disposition"]
    assert "evil" not in answer.headers


def test_keeps_a_name_in_any_script(cast: Cast, api: Api) -> None:
    file = handed_in(cast, pdf("отчёт.pdf"))

    answer = api(cast.student).get(f"/api/v1/missions/files/{file.pk}")

    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%BE%D1%82")


def test_is_not_there_for_strangers(cast: Cast, api: Api) -> None:
    file = handed_in(cast, pdf())

    for person, path in (
        (cast.stranger, PATHS["student"]),
        (cast.other_mentor, PATHS["mentor"]),
        (cast.other_director, PATHS["director"]),
    ):
        assert api(person).get(f"/api/v1/{path}/{file.pk}").status_code == 404


def test_needs_the_role(cast: Cast, api: Api) -> None:
    file = handed_in(cast, pdf())

    for path in PATHS.values():
        assert api(None).get(f"/api/v1/{path}/{file.pk}").status_code == 401
    assert api(cast.student).get(f"/api/v1/{PATHS['mentor']}/{file.pk}").status_code == 403
    assert api(cast.student).get(f"/api/v1/{PATHS['director']}/{file.pk}").status_code == 403
    assert api(cast.mentor).get(f"/api/v1/{PATHS['student']}/{file.pk}").status_code == 403


def test_that_the_storage_has_lost_answers_404(cast: Cast, api: Api, media: Path) -> None:
    file = handed_in(cast, pdf())
    files_on(media)[0].unlink()

    assert api(cast.student).get(f"/api/v1/missions/files/{file.pk}").status_code == 404
