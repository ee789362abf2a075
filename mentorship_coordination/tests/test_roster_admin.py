"""A roster uploaded in the admin is told first, imported as a whole, and closed to everybody but admins."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conftest import Cast
from core.admin_site import add_page
from mentorship_coordination.admin.roster import MAX_BYTES, import_page
from tests import factories
from tests.database import as_system
from tests.people import browser_of
from users.enums import TokenPurpose
from users.models import Cohort, Enrolment, OneTimeToken, User

PAGE = "/admin/users/user/import-roster/"
HEADER = "role,email,name,timezone,track,cohort,shoe_size\n"
MENTOR = "mentor,grace@example.org,Grace Hopper,America/New_York,,,\n"
STUDENT = "student,ada@example.org,Ada Lovelace,Asia/Kathmandu,roster-track,Spring,\n"
FIGURES = ("People created", "People updated", "People unchanged", "New enrolments")


@pytest.fixture(autouse=True)
def track(db: None) -> None:
    with as_system():
        factories.TrackFactory(slug="roster-track", name="Roster track")


def upload(client: Client, content: str | bytes, *, dry_run: bool, **extra: Any) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    ticked = {"dry_run": "on"} if dry_run else {}
    file = SimpleUploadedFile("roster.csv", raw, content_type="text/csv")
    return client.post(PAGE, {"file": file, **ticked, **extra})


def cells(page: Any) -> list[str]:
    assert page.status_code == 200
    return re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", page.content.decode())


def figures(page: Any) -> tuple[int, ...]:
    found = cells(page)
    return tuple(int(found[found.index(label) + 1]) for label in FIGURES)


def new_people() -> dict[str, bool]:
    with as_system():
        found = User.objects.filter(email__in=["grace@example.org", "ada@example.org"])
        return dict(found.values_list("email", "is_mentor"))


def test_the_list_of_people_leads_to_the_page_with_the_dry_run_chosen(cast: Cast) -> None:
    client = browser_of(cast.admin)
    assert f'href="{PAGE}"' in client.get(reverse("admin:users_user_changelist")).content.decode()
    page = client.get(PAGE).content.decode()
    assert re.search(r'<input type="checkbox" name="dry_run"[^>]* checked', page)
    assert re.search(r'<input type="file" name="file"[^>]* required', page)


def test_a_dry_run_counts_and_changes_nothing(cast: Cast) -> None:
    page = upload(browser_of(cast.admin), HEADER + MENTOR + STUDENT + MENTOR, dry_run=True)

    assert figures(page) == (2, 0, 0, 1)
    found = cells(page)
    assert found[found.index("New cohort") + 1] == "Spring (roster-track, Asia/Kathmandu)"
    assert found[found.index("Repeated lines, counted once") + 1] == "4"
    assert found[found.index("Columns without a meaning here") + 1] == "shoe_size"
    assert "Dry run: nothing was changed" in page.content.decode()
    assert new_people() == {}
    with as_system():
        assert not Cohort.objects.filter(name="Spring").exists()


def test_an_import_creates_enrols_and_invites(cast: Cast) -> None:
    page = upload(browser_of(cast.admin), HEADER + MENTOR + STUDENT, dry_run=False)

    assert figures(page) == (2, 0, 0, 1)
    assert "The roster is imported" in page.content.decode()
    assert new_people() == {"grace@example.org": True, "ada@example.org": False}
    with as_system():
        assert Enrolment.objects.get(student__email="ada@example.org").cohort.name == "Spring"
        invited = OneTimeToken.objects.filter(purpose=TokenPurpose.INVITATION).values_list("user__email", flat=True)
        assert sorted(invited) == ["ada@example.org", "grace@example.org"]


def test_the_second_import_leaves_everybody_unchanged(cast: Cast) -> None:
    client = browser_of(cast.admin)
    upload(client, HEADER + MENTOR + STUDENT, dry_run=False)
    assert figures(upload(client, HEADER + MENTOR + STUDENT, dry_run=False)) == (0, 0, 2, 0)


def test_names_every_bad_row_and_imports_none(cast: Cast) -> None:
    bad = "mentor,no address,<b>Nobody</b>,Mars/Olympus,,,\nstudent,x@example.org,X,UTC,<i>none</i>,Spring,\n"
    page = upload(browser_of(cast.admin), HEADER + MENTOR + bad, dry_run=False)

    found = cells(page)
    rows = [tuple(found[start : start + 2]) for start in range(3, len(found), 3)]
    assert found[:3] == ["Line", "Column", "Reason"]
    assert rows == [("3", "email"), ("3", "timezone"), ("4", "track")]
    assert all(found[5::3])
    assert "Nothing was imported: 3 problems." in page.content.decode()
    assert "<i>none" not in page.content.decode()
    assert new_people() == {}


def test_a_file_that_is_no_text_is_a_problem_of_the_whole_line(cast: Cast) -> None:
    page = upload(browser_of(cast.admin), b"PK\x03\x04\xff\xfe\xfa", dry_run=True)
    assert cells(page)[3:5] == ["1", "whole line"]


def test_refuses_a_file_above_the_limit_and_takes_one_at_it(cast: Cast) -> None:
    client = browser_of(cast.admin)
    full = (HEADER + MENTOR).ljust(MAX_BYTES, "\n")

    refused = upload(client, full + "\n", dry_run=False).content.decode()
    assert "The file is larger than 5.0\xa0MB." in refused
    assert new_people() == {}
    assert figures(upload(client, full, dry_run=False)) == (1, 0, 0, 0)


def test_asks_for_a_file(cast: Cast) -> None:
    page = browser_of(cast.admin).post(PAGE, {"dry_run": "on"}).content.decode()
    assert "This field is required." in page


def test_refuses_everybody_but_admins(cast: Cast) -> None:
    for person in (cast.student, cast.mentor, cast.director):
        assert browser_of(person).get(PAGE, follow=True).status_code == 403
        answer = upload(browser_of(person), HEADER + MENTOR, dry_run=False)
        assert browser_of(person).get(answer["Location"]).status_code == 403
    assert upload(Client(), HEADER + MENTOR, dry_run=False).status_code == 302
    assert new_people() == {}


def test_refuses_a_form_of_another_site(cast: Cast) -> None:
    client = browser_of(cast.admin, enforce_csrf=True)
    assert upload(client, HEADER + MENTOR, dry_run=False).status_code == 403
    assert new_people() == {}

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(PAGE).content.decode())
    assert token is not None
    page = upload(client, HEADER + MENTOR, dry_run=False, csrfmiddlewaretoken=token[1])
    assert figures(page) == (1, 0, 0, 0)


def test_has_nothing_inline_for_the_csp_to_refuse(cast: Cast) -> None:
    page = upload(browser_of(cast.admin), HEADER + MENTOR, dry_run=True).content.decode()
    assert re.findall(r"<style|<script(?![^>]* src=)| style=| on\w+=", page) == []


def test_two_pages_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="import-roster"):
        add_page("elsewhere/", import_page, name="import-roster")
