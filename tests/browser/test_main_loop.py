"""The loop the product is for, in two browsers, with the real server and the real worker."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from conftest import Cast
from tests.browser.conftest import Visitor
from tests.database import as_system
from tests.people import browser_of
from users.models import User
from users.secrets import digest_of, new_secret

Visit = Callable[[User | None], Visitor]
PATIENCE = 15_000


def token_of(person: User) -> dict[str, str]:
    secret = new_secret()
    with as_system():
        person.access_tokens.create(name="loop", digest=digest_of(secret), created_at=person.created_at)
    return {"Authorization": f"Bearer {secret}"}


def hand_in(site: str, cast: Cast, text: str) -> None:
    address = f"{site}/api/v1/missions/{cast.mission.pk}/submissions"
    answer = requests.post(address, json={"text": text}, headers=token_of(cast.student), timeout=10)
    assert answer.status_code == 201, answer.text


def judge(page: Page, score: str, decision: str, feedback: str) -> None:
    page.get_by_label(decision).check()
    page.get_by_label("Score").fill(score)
    page.get_by_label("Feedback").fill(feedback)
    page.get_by_role("button", name="Send the review").click()


@pytest.mark.usefixtures("background")
def test_a_submission_reaches_the_open_queue_and_its_review_the_open_dashboard(
    visit: Visit, site: str, cast: Cast
) -> None:
    mentor = visit(cast.mentor).open("/mentor/queue")
    student = visit(cast.student).open("/student")
    expect(mentor.locator("#line")).to_have_text("live")
    expect(student.locator("#line")).to_have_text("live")
    expect(mentor.get_by_text("All clear.")).to_be_visible()

    hand_in(site, cast, "The host was entered at 03:12 through the mail gateway.")

    row = mentor.locator("#rows .row")
    expect(row).to_have_count(1, timeout=PATIENCE)
    expect(row).to_contain_text("Mina Okafor")
    expect(row.locator("time.due")).to_have_text("in 48 h")
    expect(mentor.locator("#counters")).to_contain_text(re.compile(r"1\s*$"))

    row.get_by_role("link").click()
    expect(mentor.get_by_text("entered at 03:12")).to_be_visible()
    judge(mentor, "87", "Approve", "Clear timeline. Name the account next time.")
    expect(mentor.get_by_text("Approved: Mission")).to_be_visible()
    expect(mentor.get_by_text("All clear.")).to_be_visible()

    mission = student.get_by_role("region", name="Missions")
    expect(mission.locator(".mark")).to_have_text("approved · 87", timeout=PATIENCE)
    expect(student.get_by_text("Name the account next time.")).to_be_visible()
    figures = student.locator("dl.figures")
    expect(figures).to_contain_text("1 of 1", timeout=PATIENCE)
    expect(figures).to_contain_text("87")
    expect(student.locator("#computed")).to_contain_text("Figures of")


def test_the_student_hands_in_with_the_form_and_sees_every_version(visit: Visit, cast: Cast) -> None:
    page = visit(cast.student).open(f"/student/missions/{cast.mission.pk}")
    page.get_by_label("Your answer").fill("First try.\n\nWith <b>marks</b> & ampersands.")
    page.get_by_label("Links").fill("https://example.org/report")
    page.get_by_label("Files").set_input_files({"name": "log.txt", "mimeType": "text/plain", "buffer": b"03:12 in"})
    page.get_by_role("button", name="Hand in").click()

    expect(page.get_by_text("Version 1 is handed in.")).to_be_visible()
    version = page.get_by_role("article", name="Version 1")
    expect(version).to_contain_text("With <b>marks</b> & ampersands.")
    expect(version.get_by_role("link", name="https://example.org/report")).to_be_visible()
    with page.expect_download() as download:
        version.get_by_role("link", name="log.txt").click()
    assert download.value.path().read_bytes() == b"03:12 in"


def test_a_newer_version_is_said_and_the_words_are_kept(visit: Visit, site: str, cast: Cast) -> None:
    hand_in(site, cast, "The first version.")
    visitor = visit(cast.mentor)
    page = visitor.open("/mentor")
    page.get_by_role("link", name="Mina Okafor").click()
    expect(page.locator("#line")).to_have_text("live")
    page.get_by_label("Feedback").fill("Where is the timeline?")

    hand_in(site, cast, "The second version.")
    expect(page.get_by_text("Version 2 has come in since you opened this page.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Feedback")).to_have_value("Where is the timeline?")

    judge(page, "40", "Ask for changes", "Where is the timeline?")
    expect(page.get_by_role("alert")).to_contain_text("Version 2 came in while you read version 1.")
    expect(page.get_by_label("Feedback")).to_have_value("Where is the timeline?")
    # The browser notes the refusal's status in its console; nothing else may stand there.
    assert [text for text in visitor.troubles if "409" not in text] == []
    visitor.troubles.clear()

    page.get_by_role("button", name="Send the review").click()
    expect(page.get_by_text("Changes requested: Mission")).to_be_visible()


def test_news_that_comes_while_the_page_is_still_reading_is_not_lost(visit: Visit, site: str, cast: Cast) -> None:
    hand_in(site, cast, "The first version.")
    page = visit(cast.mentor).open("/mentor")
    page.get_by_role("link", name="Mina Okafor").click()
    expect(page.locator("#line")).to_have_text("live")
    held: list[str] = []

    def answer_late(route: Route) -> None:
        response = route.fetch()
        if not held:
            held.append(route.request.url)
            hand_in(site, cast, "The second version.")
            time.sleep(1)
        route.fulfill(response=response)

    page.route("**/mentor/review/*?read=*", answer_late)
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("Version 2 has come in since you opened this page.")).to_be_visible(timeout=PATIENCE)
    assert held


def test_signing_in_with_the_form_leads_to_the_wanted_page(visit: Visit, cast: Cast) -> None:
    page = visit(None).open("/mentor/queue")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/mentor/queue$"))
    page.get_by_label("E-mail").fill(cast.mentor.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/mentor/queue$"))
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/sign-in$"))


def test_queue_and_review_are_read_and_sent_without_javascript(site: str, cast: Cast) -> None:
    hand_in(site, cast, "Read me without scripts.")
    cookies = {name: morsel.value for name, morsel in browser_of(cast.mentor).cookies.items()}
    client = requests.Session()
    client.cookies.update(cookies)
    queue = client.get(f"{site}/mentor/queue?type=mission_review", timeout=10).text
    assert "Mina Okafor" in queue
    path = re.search(r'href="(/mentor/review/[0-9a-f-]+)"', queue)
    assert path is not None
    review = client.get(site + path[1], timeout=10).text
    assert "Read me without scripts." in review
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', review)
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "decision": "approved", "score": "90", "version": "1"}
    sent = client.post(site + path[1], data=fields, timeout=10)
    assert sent.status_code == 200
    assert "Approved: Mission" in sent.text
    assert "All clear." in sent.text
