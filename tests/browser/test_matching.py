"""A director matches in the browser: asks, reads a reason, keeps a pair, publishes; the page follows by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from conftest import Cast
from mentorship_coordination.tests.match_world import mentor_of, waits
from tests.browser.conftest import Visitor
from users.models import User

Visit = Callable[[User | None], Visitor]
PATIENCE = 15_000


@pytest.mark.usefixtures("background")
def test_a_director_matches_without_reloading(visit: Visit, cast: Cast) -> None:
    waits(cast, "Wanda Waits")
    waits(cast, "Nia Pugh", languages=["cy"])
    mentor_of("Plain Jane", mentor_specialties=[])
    page = visit(cast.director).open("/director/matching")
    page.get_by_label("Over", exact=True).select_option(label=cast.cohort.name)
    page.get_by_role("button", name="Solve").click()
    state = page.locator("#state")
    expect(state).to_have_text("Draft", timeout=PATIENCE)
    expect(page.get_by_text("Proved: no other assignment")).to_be_visible()
    expect(page.get_by_text("A language in common would do")).to_be_visible()

    page.get_by_role("link", name="Wanda Waits").click()
    page.get_by_label("Mentor", exact=True).select_option(label="Plain Jane: 0 of 20 places filled")
    page.get_by_role("button", name="Give and solve anew").click()
    expect(page.get_by_text("Wanted by the director.")).to_be_visible(timeout=PATIENCE)

    page.get_by_role("button", name="Start these pairs").click()
    expect(state).to_have_text("Published", timeout=PATIENCE)
    expect(page.get_by_text("1 pair begun, 0 lost meanwhile.")).to_be_visible()
