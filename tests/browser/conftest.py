"""A real browser at the real server. Every page is watched: a violation of the CSP or an error fails the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.people import browser_of
from tests.servers import collect_static, web_server, worker
from users.models import User

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
HERE = Path(__file__).parent
#: What htmx says of a request that is still on its way when its page is left. One that fails is an `htmx:sendError`, an
#: `htmx:timeout` or an `htmx:responseError`, and those are heard.
LEFT_BEHIND = ("htmx:afterRequest", "htmx:sendAbort")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last: from the first of them on, Playwright keeps a loop running in the main thread."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": chromium, "headless": True, "args": FLAGS}


@pytest.fixture(scope="session")
def site(rebuilt_database: object) -> Iterator[str]:
    """The address of the running product."""
    collect_static()
    with web_server() as address:
        yield address


@pytest.fixture
def background(db: None) -> Iterator[None]:
    """A worker for this test: it is gone before the database is emptied."""
    with worker():
        yield


class Visitor:
    """One person's browser, and what went wrong in it."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.context = context
        self.site = site
        self.troubles: list[str] = []

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.goto(self.site + path)
        return page

    def go(self, path: str) -> Page:
        """As `open`, in the one tab that is open already: with many pages that takes half the time."""
        if not self.context.pages:
            return self.open(path)
        [page] = self.context.pages
        page.goto(self.site + path)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(LEFT_BEHIND):
            self.troubles.append(f"{message.location.get('url')}: {message.text}")


@pytest.fixture
def visit(db: None, browser: Browser, site: str) -> Iterator[Callable[[User | None], Visitor]]:
    """Opens a browser signed in as a person (None: nobody). At the end nothing may have gone wrong in any."""
    visitors: list[Visitor] = []

    def as_person(person: User | None, **options: Any) -> Visitor:
        context = browser.new_context(
            locale="en-GB",
            timezone_id="UTC",
            viewport={"width": 1280, "height": 860},
            service_workers="block",
            **options,
        )
        if person is not None:
            cookie = browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
        visitors.append(Visitor(context, site))
        return visitors[-1]

    yield as_person
    troubles = [trouble for visitor in visitors for trouble in visitor.troubles]
    for visitor in visitors:
        visitor.context.close()
    assert troubles == []
