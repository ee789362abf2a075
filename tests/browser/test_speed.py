"""How soon a key shows."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from playwright.sync_api import expect

from conftest import Cast
from tests.browser.conftest import Visitor
from tests.browser.test_queue_page import open_reviews
from users.models import User

Visit = Callable[[User | None], Visitor]
MOST_MILLISECONDS: Final = 100
#: From the key to the frame after the one in which it was painted.
WATCH: Final = """() => {
  window.took = null;
  addEventListener('keydown', () => {
    const began = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => { window.took = performance.now() - began; }));
  }, { once: true, capture: true });
}"""
TOOK: Final = """() => new Promise(resolve => {
  const look = () => window.took === null ? requestAnimationFrame(look) : resolve(window.took);
  look();
})"""


def test_a_key_shows_within_a_tenth_of_a_second(visit: Visit, cast: Cast) -> None:
    open_reviews(cast, 20, started=timedelta(hours=10))
    page = visit(cast.mentor).open("/mentor/queue")
    expect(page.locator("#line")).to_have_text("live")
    took = []
    for nth in range(9):
        page.evaluate(WATCH)
        page.keyboard.press("j")
        took.append(page.evaluate(TOOK))
        expect(page.locator("#rows .open").nth(nth)).to_be_focused()
    assert statistics.median(took) < MOST_MILLISECONDS, took
