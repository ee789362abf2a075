"""How light the pages are, and how soon a key shows."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from playwright.sync_api import expect

from conftest import Cast
from tests.browser.conftest import Visitor
from tests.browser.test_every_page import pages_of, submission_id
from tests.browser.test_queue_page import open_reviews
from users.models import User

__all__ = ["submission_id"]

Visit = Callable[[User | None], Visitor]
MOST_BYTES: Final = 100_000
MOST_MILLISECONDS: Final = 100
#: Everything that the page needed but for images: what came over the wire, or would have without the browser's cache.
LOADED: Final = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(each => !/\\.(svg|png|ico)$/.test(new URL(each.name).pathname))
  .map(each => [each.name, each.encodedBodySize])"""
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


def test_every_page_is_light_and_asks_nobody_else(visit: Visit, cast: Cast, submission_id: Any) -> None:
    heavy, foreign = [], []
    for person, path in pages_of(cast, submission_id):
        visitor = visit(person)
        page = visitor.open(path)
        page.wait_for_load_state()
        loaded = page.evaluate(LOADED)
        assert len(loaded) >= 3, f"{path} has neither style nor script"
        weight = sum(size for name, size in loaded)
        if weight > MOST_BYTES:
            heavy.append((path, weight))
        foreign += [name for name, _ in loaded if not name.startswith(visitor.site)]
        page.close()
    assert (heavy, foreign) == ([], [])


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
