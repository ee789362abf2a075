"""Numbers are taken inside PostgreSQL: rising, without holes, for whom the caller may tell."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from core.actions import NoActionOpen
from core.clock import now
from core.enums import Audience, StreamEventName
from core.stream import bus
from core.stream.publish import emit
from core.stream.records import Answer, Ask
from core.stream.store import _events_after
from core.tenancy.identity import Identity, Role, acting_as
from core.tests.stream_people import new_mentor, say, sign_in, tell
from tests.database import as_system
from tests.factories import EnrolmentFactory
from users.models import Enrolment
from users.secrets import digest_of

pytestmark = pytest.mark.usefixtures("db")


def answer_of(cookie: str, after: int, audience: Audience = Audience.MENTOR) -> Answer:
    [answer] = _events_after([Ask(digest_of(cookie), audience, after)], 1000)
    return answer


def prune(*, keep: int, older_than: timedelta) -> int:
    with as_system(), connection.cursor() as cursor:
        cursor.execute("SELECT app.prune_stream_events(%s, %s)", [now() - older_than, keep])
        (removed,) = cursor.fetchone()
    return int(removed)


def test_writers_at_the_same_time_leave_no_hole() -> None:
    mentors = [new_mentor() for _ in range(4)]

    def write(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(25):
                tell(*chance.sample(mentors, 3), count=2, word=f"w{seed}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    heads = [answer_of(sign_in(mentor), 0) for mentor in mentors]
    assert sum(len(head.rows) for head in heads) == 6 * 25 * 3 * 2
    assert all([number for number, _ in head.rows] == list(range(1, (head.last or 0) + 1)) for head in heads)


def test_puts_on_the_bus_what_was_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[bus.NumberedEvent]] = []
    monkeypatch.setattr(bus, "send", sent.append)
    mentor = new_mentor()
    tell(mentor, count=2)
    assert [[(event.number, event.data) for event in events] for events in sent] == [[(1, '{"n":0}'), (2, '{"n":1}')]]


def test_says_the_same_thing_once_in_one_action() -> None:
    mentor = new_mentor()
    tell(mentor, mentor, mentor)
    assert answer_of(sign_in(mentor), 0).last == 1


def test_takes_no_number_when_the_action_fails() -> None:
    mentor = new_mentor()
    tell(mentor)
    with as_system():
        say(mentor)
        transaction.set_rollback(True)
    assert answer_of(sign_in(mentor), 0).last == 1


def test_refuses_to_tell_a_stranger() -> None:
    mentor, stranger = new_mentor(), new_mentor()
    with acting_as(Identity(Role.MENTOR, mentor)):
        say(mentor)
        with pytest.raises(ProgrammingError) as refused:
            say(mentor, stranger)
    assert getattr(refused.value.__cause__, "pgcode", None) == "42501"
    assert [answer_of(sign_in(person), 0).last for person in (mentor, stranger)] == [1, 0]


def test_answers_no_dead_secret_and_no_other_audience() -> None:
    cookie = sign_in(new_mentor())
    assert answer_of(cookie, 0).last == 0
    assert answer_of(cookie, 0, Audience.STUDENT).last is None
    assert answer_of("another", 0).last is None


def test_opens_a_students_stream_after_she_has_left_too() -> None:
    """Her pages are hers to read on."""
    with as_system():
        paused: Enrolment = EnrolmentFactory.create(state="paused")
        gone: Enrolment = EnrolmentFactory.create(state="withdrawn", ended_at=now())
    people = (paused.student_id, gone.student_id, new_mentor())
    assert [answer_of(sign_in(each), 0, Audience.STUDENT).last for each in people] == [0, 0, None]


def test_prunes_old_events_but_keeps_the_newest() -> None:
    mentor = new_mentor()
    cookie = sign_in(mentor)
    tell(mentor, count=10)
    assert prune(keep=3, older_than=timedelta(hours=1)) == 0
    prune(keep=3, older_than=timedelta(seconds=-5))
    assert answer_of(cookie, 6) == Answer(10, 7, ())
    assert [number for number, _ in answer_of(cookie, 7).rows] == [8, 9, 10]


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (StreamEventName.SNAPSHOT, {}),
        (StreamEventName.CAPACITY, {"text": "x" * 9000}),
        (StreamEventName.CAPACITY, {"share": float("nan")}),
    ],
)
def test_refuses_what_no_stream_can_carry(event: StreamEventName, data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        emit(recipient_id=new_mentor(), audience=Audience.MENTOR, event=event, data=data)


def test_needs_an_action() -> None:
    with pytest.raises(NoActionOpen):
        emit(recipient_id=new_mentor(), audience=Audience.MENTOR, event=StreamEventName.CAPACITY, data={})
