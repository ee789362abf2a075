"""One question tells which streams were written to, to whoever can make something of the answer."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from core.enums import Audience
from core.stream.records import BELL_BYTES
from core.stream.store import _news
from core.tests.stream_people import access_token, new_mentor, say, sign_in, sign_out, tell
from tests.database import as_system
from users.secrets import digest_of

pytestmark = pytest.mark.usefixtures("db")


def bell_of(secret: str) -> bytes:
    return digest_of(secret)[:BELL_BYTES]


def test_names_the_streams_that_were_written_to_since() -> None:
    told, silent = new_mentor(), new_mentor()
    cookie, token = sign_in(told), access_token(told)
    sign_in(silent)
    tell(told)
    beginning = _news(None)
    assert beginning.streams == ()
    tell(told, count=2)
    news = _news(beginning.until)
    assert sorted(news.streams) == sorted((bell_of(each), Audience.MENTOR, 3) for each in (cookie, token))


def test_tells_late_what_commits_late() -> None:
    early, late = new_mentor(), new_mentor()
    bells = {bell_of(sign_in(each)): each for each in (early, late)}
    written, may_commit = threading.Event(), threading.Event()

    def dawdle() -> None:
        try:
            with as_system():
                say(late)
                written.set()
                may_commit.wait(10)
        finally:
            connections.close_all()

    beginning = _news(None).until
    thread = threading.Thread(target=dawdle)
    thread.start()
    assert written.wait(10)
    tell(early)
    first = _news(beginning)
    assert [bells[bell] for bell, _, _ in first.streams] == [early]
    may_commit.set()
    thread.join()
    assert late in {bells[bell] for bell, _, _ in _news(first.until).streams}


def test_a_bell_opens_nothing() -> None:
    mentor = new_mentor()
    cookie = sign_in(mentor)
    since = _news(None).until
    tell(mentor)
    [(bell, _, _)] = _news(since).streams
    with connection.cursor() as cursor:
        for guess in (bell, bell.ljust(32, b"\0")):
            cursor.execute("SELECT count(*) FROM app.stream_open(%s::bytea[])", [[guess]])
            assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM app.stream_open(%s::bytea[])", [[digest_of(cookie)]])
        assert cursor.fetchone() == (1,)
    sign_out(cookie)
    tell(mentor)
    assert _news(since).streams == ()
