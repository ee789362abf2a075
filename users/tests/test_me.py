"""GET and PATCH users/me."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from core.errors import InvalidInput
from core.tenancy.identity import Identity, Role, acting_as
from tests.database import as_system
from users.actions.profile import ProfileChangedMeanwhile, change_own_profile
from users.events import MentorCapacityChanged
from users.models import User

Api = Callable[[User | None], APIClient]
ME = "/api/v1/users/me"


def patch(client: APIClient, given: Any) -> Any:
    return client.patch(ME, given, HTTP_IF_MATCH=client.get(ME).headers["ETag"])


def stored(person: User) -> User:
    with as_system():
        return User.objects.get(pk=person.pk)


def test_shows_the_own_profile(cast: Cast, api: Api) -> None:
    body = api(cast.mentor).get(ME).json()

    assert body["id"] == str(cast.mentor.pk)
    assert body["email"] == cast.mentor.email
    assert body["roles"] == ["mentor"]
    assert body["mentor_specialties"] == ["forensics"]
    assert body["mentor_availability"]["mon"] == [["09:00", "17:00"]]
    assert body["revision"] == 1
    assert body["created_at"].endswith("Z")
    assert not {"password", "auth_version", "is_staff"} & set(body)


@pytest.mark.parametrize(
    ("who", "roles"),
    [("student", ["student"]), ("director", ["director"]), ("admin", ["admin"]), ("mentor", ["mentor"])],
)
def test_names_the_roles(cast: Cast, api: Api, who: str, roles: list[str]) -> None:
    assert api(getattr(cast, who)).get(ME).json()["roles"] == roles


def test_reads_without_a_query_beyond_the_sign_in(
    cast: Cast, api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = api(cast.mentor)

    # The token, BEGIN, COMMIT.
    with django_assert_num_queries(3):
        client.get(ME)


def test_changes_what_is_given_in_its_canonical_form(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    given = {
        "name": "  Tomas   Å. Berg ",
        "timezone": "Asia/Kathmandu",
        "languages": ["EN", "ne", "en"],
        "mentor_specialties": ["Log-Analysis", "forensics"],
        "mentor_availability": {"tue": [["13:00", "15:00"], ["09:00", "13:00"]], "mon": []},
        "mentor_capacity_weekly": 0,
        "standing_meeting_url": "https://meet.example/tomas",
        "preferences": {"single_keys": False},
    }

    answer = patch(client, given)

    assert answer.status_code == 200
    body = answer.json()
    assert body["name"] == "Tomas Å. Berg"
    assert body["timezone"] == "Asia/Kathmandu"
    assert body["languages"] == ["en", "ne"]
    assert body["mentor_specialties"] == ["log-analysis", "forensics"]
    assert body["mentor_availability"] == {"tue": [["09:00", "15:00"]]}
    assert body["mentor_capacity_weekly"] == 0
    assert body["preferences"] == {"single_keys": False}
    assert body["wanted_skills"] == []
    assert (body["revision"], body["roles"]) == (2, ["mentor"])
    assert answer.headers["ETag"] == client.get(ME).headers["ETag"]
    assert client.get(ME).json() == body


def test_ignores_what_is_not_the_persons_to_change(cast: Cast, api: Api) -> None:
    stolen = {
        "id": str(cast.admin.pk),
        "email": "boss@academy.example",
        "is_mentor": True,
        "is_staff": True,
        "is_active": False,
        "roles": ["admin"],
        "mentor_max_mentees": 999,
        "auth_version": 9,
        "revision": 70,
        "created_at": "2020-01-01T00:00:00Z",
    }
    before = stored(cast.student)

    answer = patch(api(cast.student), {**stolen, "name": "Mina"})

    after = stored(cast.student)
    assert answer.status_code == 200
    assert (after.name, after.revision) == ("Mina", 2)
    for field in ("email", "is_mentor", "is_staff", "is_active", "mentor_max_mentees", "auth_version", "created_at"):
        assert getattr(after, field) == getattr(before, field), field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 151),
        ("name", None),
        ("name", ["x"]),
        ("timezone", "Europe/Osloo"),
        ("timezone", "+02:00"),
        ("languages", ["english"]),
        ("languages", ["qq"]),
        ("languages", "en"),
        ("languages", ["en", "de", "fr", "es", "it", "pt", "nl", "sv", "nb", "da", "fi", "pl", "cs"]),
        ("mentor_specialties", ["log analysis"]),
        ("wanted_skills", ["-x"]),
        ("wanted_skills", [5.5, {}]),
        ("student_availability", {"mon": [["17:00", "09:00"]]}),
        ("mentor_availability", {"someday": [["09:00", "17:00"]]}),
        ("mentor_availability", {"mon": [["09:00", "25:00"]]}),
        ("mentor_availability", "Mon-Fri 09:00-17:00"),
        ("mentor_capacity_weekly", -1),
        ("mentor_capacity_weekly", 101),
        ("mentor_capacity_weekly", "many"),
        ("standing_meeting_url", "http://meet.example/x"),
        ("standing_meeting_url", "javascript:alert(1)"),
        ("preferences", []),
        ("preferences", {"x": "y" * 5000}),
    ],
)
def test_refuses_a_bad_value_and_names_the_field(cast: Cast, api: Api, field: str, value: Any) -> None:
    answer = patch(api(cast.mentor), {field: value, "name": "Changed"} if field != "name" else {field: value})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].split(".")[0].split("[")[0] == field
    assert stored(cast.mentor).revision == 1


def test_needs_the_tag_that_was_read(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    tag = client.get(ME).headers["ETag"]

    without = client.patch(ME, {"name": "One"})
    good = client.patch(ME, {"name": "Two"}, HTTP_IF_MATCH=tag)
    stale = client.patch(ME, {"name": "Three"}, HTTP_IF_MATCH=tag)

    assert (without.status_code, good.status_code, stale.status_code) == (428, 200, 412)
    assert stored(cast.mentor).name == "Two"


def test_answers_304_for_what_the_caller_has(cast: Cast, api: Api) -> None:
    client = api(cast.mentor)
    tag = client.get(ME).headers["ETag"]

    answer = client.get(ME, HTTP_IF_NONE_MATCH=tag)

    assert (answer.status_code, answer.content) == (304, b"")


def test_signed_out_is_401(db: None) -> None:
    assert APIClient().get(ME).status_code == 401
    assert APIClient().patch(ME, {"name": "x"}).status_code == 401


def test_two_changes_at_once_keep_one(cast: Cast) -> None:
    cast.mentor.roles = frozenset({Role.MENTOR})
    with acting_as(Identity(Role.PERSON, cast.mentor.pk)):
        change_own_profile(by=cast.mentor, revision=1, changes={"name": "First"}, at=clock.now())
        with pytest.raises(ProfileChangedMeanwhile):
            change_own_profile(by=cast.mentor, revision=1, changes={"name": "Second"}, at=clock.now())

    assert stored(cast.mentor).name == "First"


def test_an_action_takes_no_other_field(cast: Cast) -> None:
    with acting_as(Identity(Role.PERSON, cast.mentor.pk)), pytest.raises(InvalidInput) as refusal:
        change_own_profile(by=cast.mentor, revision=1, changes={"is_staff": True}, at=clock.now())

    assert list(refusal.value.fields) == ["is_staff"]


def test_says_that_a_mentor_offers_other_hours(cast: Cast, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr("users.actions.profile.say", said.append)

    patch(api(cast.mentor), {"mentor_capacity_weekly": 3})
    patch(api(cast.mentor), {"mentor_capacity_weekly": 3, "name": "Same"})
    patch(api(cast.student), {"mentor_capacity_weekly": 3})

    (event,) = said
    assert isinstance(event, MentorCapacityChanged)
    assert (event.mentor_id, event.before, event.after) == (cast.mentor.pk, 10, 3)
