"""The pages: sign-in, sign-out, forgotten and chosen passwords, the profile."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.fixtures import Settings

from conftest import Cast
from core import clock
from tests.database import as_system, as_worker
from tests.factories import PASSWORD
from users.actions.invitations import make_invitation_link
from users.availability import DAYS
from users.enums import TokenPurpose
from users.models import AccessToken, User
from users.tasks import send_one_time_tokens

NEW = "seven quiet llamas"


def signed_in(person: User, password: str = PASSWORD) -> Client:
    client = Client()
    answer = client.post("/sign-in", {"email": person.email, "password": password, "next": "/profile"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/profile")
    return client


def profile_values(client: Client, **changed: Any) -> dict[str, Any]:
    """What a browser would send back from the profile's form, with some fields changed."""
    form = client.get("/profile").context["profile_form"]
    values = {name: form[name].value() for name in form.fields}
    for name in [each for each in values if each.endswith("_availability")]:
        values |= hours(name, **values.pop(name))
    return values | changed


def hours(name: str, **days: Any) -> dict[str, list[str]]:
    """Hours as the editor of the week sends them: every day's spans, and an empty one."""
    sent: dict[str, list[str]] = {}
    for day in DAYS:
        spans = [*days.get(day, []), ("", "")]
        sent[f"{name}-{day}-from"] = [begins for begins, _ in spans]
        sent[f"{name}-{day}-to"] = ["00:00" if ends == "24:00" else ends for _, ends in spans]
    return sent


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_signing_in_leads_to_the_page_that_was_wanted(cast: Cast) -> None:
    wanted = Client().get("/profile")
    page = Client().get(wanted.headers["Location"])

    assert wanted.headers["Location"] == "/sign-in?next=/profile"
    assert '<input type="hidden" name="next" value="/profile">' in text(page)
    assert "Tomas Berg" in text(signed_in(cast.mentor).get("/profile"))


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "\x01//evil"]
)
def test_signing_in_never_leads_to_another_host(cast: Cast, elsewhere: str) -> None:
    answer = Client().post("/sign-in", {"email": cast.mentor.email, "password": PASSWORD, "next": elsewhere})

    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("home"))


def test_a_wrong_password_shows_why_and_keeps_the_address(cast: Cast) -> None:
    answer = Client().post("/sign-in", {"email": cast.mentor.email, "password": "wrong", "next": "/profile"})

    assert answer.status_code == 400
    assert "E-mail and password do not match." in text(answer)
    assert cast.mentor.email in text(answer)
    assert 'value="/profile"' in text(answer)
    assert "wrong" not in text(answer)


def test_a_closed_account_answers_429(cast: Cast) -> None:
    given = {"email": cast.mentor.email, "password": "wrong"}

    answers = [Client().post("/sign-in", given) for _ in range(settings.LOGIN_FAILURES_ALLOWED + 1)]

    assert [answer.status_code for answer in answers] == [400] * settings.LOGIN_FAILURES_ALLOWED + [429]
    assert 890 <= int(answers[-1].headers["Retry-After"]) <= 900
    assert "Too many attempts" in text(answers[-1])


def test_forms_need_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/sign-in", {"email": cast.mentor.email, "password": PASSWORD}).status_code == 403
    assert "sessionid" not in client.cookies


def test_signing_out_needs_a_post(cast: Cast) -> None:
    client = signed_in(cast.mentor)

    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    assert client.get("/profile").status_code == 302


def test_a_forgotten_password_is_replaced_by_the_mailed_link(cast: Cast) -> None:
    client = Client()
    asked = client.post("/forgot-password", {"email": cast.mentor.email}, follow=True)
    with as_worker():
        send_one_time_tokens()
    link = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))
    assert link is not None

    page = client.get(link[1])
    weak = client.post(link[1], {"password": "short"})
    done = client.post(link[1], {"password": NEW}, follow=True)
    again = client.post(link[1], {"password": "another quiet llama"})

    assert "If we know this address, a link is on its way to it." in text(asked)
    assert "A new password for Tomas Berg" in text(page)
    assert weak.status_code == 400
    assert "too short" in text(weak)
    assert "Your password is set. Sign in with it." in text(done)
    assert again.status_code == 410
    assert signed_in(cast.mentor, NEW)


def test_asking_for_an_unknown_address_shows_the_same(db: None) -> None:
    answer = Client().post("/forgot-password", {"email": "nobody@academy.example"}, follow=True)

    assert "If we know this address, a link is on its way to it." in text(answer)


def test_an_invitation_welcomes_by_name(cast: Cast) -> None:
    with as_system():
        link = make_invitation_link(person_id=cast.student.pk, at=clock.now())

    page = Client().get(link.removeprefix("http://testserver"))

    assert "Welcome, Mina Okafor" in text(page)
    assert cast.student.email in text(page)
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


@pytest.mark.parametrize("purpose", list(TokenPurpose))
def test_a_dead_link_says_what_to_do(db: None, purpose: TokenPurpose) -> None:
    answer = Client().get(f"/set-password/{purpose.value}/unknown")

    assert answer.status_code == 410
    assert reverse("forgot-password") in text(answer)


def test_a_link_of_another_kind_is_404(db: None) -> None:
    assert Client().get("/set-password/anything/unknown").status_code == 404
    with pytest.raises((NoReverseMatch, ValueError)):
        reverse("set-password", kwargs={"purpose": "anything", "token": "x"})


def test_the_profile_shows_what_concerns_the_roles(cast: Cast) -> None:
    mentor = text(signed_in(cast.mentor).get("/profile"))
    student = text(signed_in(cast.student).get("/profile"))
    director = text(signed_in(cast.director).get("/profile"))

    assert mentor.count('name="mentor_availability-fri-from" value="09:00"') == 1
    assert "Sessions a week" in mentor
    assert "Skills you want to learn" not in mentor
    assert "Skills you want to learn" in student
    assert "Sessions a week" not in student
    assert "Sessions a week" not in director
    assert "Skills you want to learn" not in director


def test_the_profile_is_saved(cast: Cast) -> None:
    client = signed_in(cast.mentor)
    changed = profile_values(
        client,
        name="Tomas Å. Berg",
        timezone="Europe/Oslo",
        languages="en, nb",
        **hours("mentor_availability", fri=[("22:00", "02:00"), ("09:00", "12:00")], sun=[("20:00", "00:00")]),
        mentor_specialties="forensics log-analysis",
        mentor_capacity_weekly="4",
        standing_meeting_url="",
    )

    answer = client.post("/profile", changed, follow=True)

    with as_system():
        person = User.objects.get(pk=cast.mentor.pk)
    assert "Saved." in text(answer)
    assert (person.name, person.timezone, person.languages) == ("Tomas Å. Berg", "Europe/Oslo", ["en", "nb"])
    assert person.mentor_availability == {
        "fri": [["09:00", "12:00"], ["22:00", "24:00"]],
        "sat": [["00:00", "02:00"]],
        "sun": [["20:00", "24:00"]],
    }
    assert person.mentor_specialties == ["forensics", "log-analysis"]
    assert (person.mentor_capacity_weekly, person.revision) == (4, 2)
    assert 'name="mentor_availability-sun-to" value="00:00"' in text(answer)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("languages", "english", "is not an ISO 639-1 code"),
        ("mentor_specialties", "log_analysis", "is not a skill"),
        ("timezone", "Europe/Osloo", "Select a valid choice"),
        ("standing_meeting_url", "http://x.example", "begins with https://"),
    ],
)
def test_a_fault_is_shown_and_what_was_typed_stays(cast: Cast, field: str, value: str, reason: str) -> None:
    client = signed_in(cast.mentor)

    answer = client.post("/profile", profile_values(client, standing_meeting_url="") | {field: value})

    assert answer.status_code == 400
    assert reason in text(answer)
    assert field in answer.context["profile_form"].errors
    if field != "timezone":
        assert f'value="{value}"' in text(answer)
    with as_system():
        assert User.objects.get(pk=cast.mentor.pk).revision == 1


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([("09:00", "")], "Give both times of a span, or none."),
        ([("25:00", "26:00")], "is not a time from 00:00 to 24:00"),
    ],
)
def test_hours_that_cannot_be_read_stay_as_they_were_typed(
    cast: Cast, spans: list[tuple[str, str]], reason: str
) -> None:
    client = signed_in(cast.mentor)
    answer = client.post("/profile", profile_values(client, **hours("mentor_availability", wed=spans)))
    assert answer.status_code == 400
    assert reason in text(answer)
    assert f'name="mentor_availability-wed-from" value="{spans[0][0]}"' in text(answer)


def test_a_profile_that_changed_meanwhile_is_not_overwritten(cast: Cast) -> None:
    client = signed_in(cast.mentor)
    read = profile_values(client)
    client.post("/profile", read | {"name": "First"})

    answer = client.post("/profile", read | {"name": "Second"})

    assert answer.status_code == 400
    assert "The profile has changed since you read it." in text(answer)
    with as_system():
        assert User.objects.get(pk=cast.mentor.pk).name == "First"


def test_nobody_gets_a_role_by_the_form(cast: Cast) -> None:
    client = signed_in(cast.student)

    client.post("/profile", profile_values(client, is_staff="on", is_mentor="on", mentor_capacity_weekly="50"))

    with as_system():
        person = User.objects.get(pk=cast.student.pk)
    assert (person.is_staff, person.is_mentor, person.mentor_capacity_weekly) == (False, False, 10)
    assert person.revision == 2


def test_a_token_is_made_shown_once_and_revoked(cast: Cast) -> None:
    client = signed_in(cast.mentor)
    ends = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")

    made = client.post("/profile/tokens", {"name": "gradebook", "expires_at": ends})
    secret = made.context["new_secret"]
    later = client.get("/profile")
    opened = Client().get("/api/v1/users/me", headers={"Authorization": f"Bearer {secret}"})
    with as_system():
        token = AccessToken.objects.get(user=cast.mentor)
    revoked = client.post(f"/profile/tokens/{token.pk}/revoke", follow=True)
    closed = Client().get("/api/v1/users/me", headers={"Authorization": f"Bearer {secret}"})

    assert f"<code>{secret}</code>" in text(made)
    assert "gradebook" in text(later)
    assert secret not in text(later)
    assert (opened.status_code, closed.status_code) == (200, 401)
    assert "The token is revoked." in text(revoked)
    assert "You have none." in text(revoked)


def test_a_token_of_somebody_else_stays(cast: Cast) -> None:
    signed_in(cast.mentor).post("/profile/tokens", {"name": "gradebook"})
    with as_system():
        token = AccessToken.objects.get(user=cast.mentor)

    answer = signed_in(cast.stranger).post(f"/profile/tokens/{token.pk}/revoke", follow=True)

    assert "There is no such token of yours any more." in text(answer)
    with as_system():
        assert AccessToken.objects.get(pk=token.pk).revoked_at is None


def test_the_password_is_changed_and_this_browser_stays(cast: Cast) -> None:
    here, elsewhere = signed_in(cast.mentor), signed_in(cast.mentor)

    wrong = here.post("/profile/password", {"current_password": "wrong", "new_password": NEW})
    done = here.post("/profile/password", {"current_password": PASSWORD, "new_password": NEW}, follow=True)

    assert wrong.status_code == 400
    assert "The current password is wrong." in text(wrong)
    assert "Your password is changed." in text(done)
    assert done.status_code == 200
    assert elsewhere.get("/profile").status_code == 302


@pytest.mark.parametrize("path", ["/profile", "/profile/password", "/profile/tokens", "/sign-out"])
def test_signed_out_nothing_is_changed(db: None, path: str) -> None:
    answer = Client().post(path, {"name": "x"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("path", ["/sign-in", "/forgot-password", "/set-password/invitation/x"])
def test_pages_for_anybody_hold_no_inline_script_or_style(db: None, path: str) -> None:
    page = text(Client().get(path))

    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)


def test_sign_in_offers_the_demonstration_where_the_servers_are_embedded(settings: Settings) -> None:
    settings.IS_EMBEDDED = True
    page = Client().get("/sign-in", {"next": "/mentor/queue"}).content.decode()
    assert 'href="?email=mentor%40demo.example&amp;next=/mentor/queue">Mentor</a>' in page
    page = Client().get("/sign-in", {"email": "mentor@demo.example"}).content.decode()
    assert 'value="mentor@demo.example"' in page
    settings.IS_EMBEDDED = False
    assert "Demonstration" not in Client().get("/sign-in").content.decode()
