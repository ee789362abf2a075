"""The line of a page that stays open while its server goes and comes."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from conftest import Cast
from tests.browser.conftest import Visitor
from tests.browser.test_queue_page import open_reviews
from tests.servers import STATIC
from tests.streams.crowd import running_web
from users.models import User

#: What a browser says of a server that is not there.
AWAY = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")


def test_a_page_goes_on_where_it_was_after_its_server_was_restarted(
    visit: Callable[[User | None], Visitor], site: str, cast: Cast
) -> None:
    (first,) = open_reviews(cast, 1)
    visitor = visit(cast.mentor)
    with running_web(**STATIC) as web:
        visitor.site = f"http://127.0.0.1:{web.port}"
        page = visitor.open("/mentor/queue")
        line = page.locator("#line")
        expect(line).to_have_text("live")
        for end in (web.stop, web.kill):
            end()
            expect(line).to_have_text("reconnecting")
            (mission,) = open_reviews(cast, 1)
            web.start()
            expect(line).to_have_text("live", timeout=20_000)
            expect(page.locator("#rows")).to_contain_text(mission.title)
        expect(page.locator("#rows")).to_contain_text(first.title)
    visitor.troubles = [each for each in visitor.troubles if not any(word in each for word in AWAY)]
