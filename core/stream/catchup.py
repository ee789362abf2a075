"""Fetches what is missing, for everybody who waits, by one batched query at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from core.stream.channel import Channel
from core.stream.client import Client
from core.stream.records import Answer, Ask, StoreUnavailable, StreamStore

log = logging.getLogger(__name__)

BATCH = 1000
LONGEST_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Question:
    """For whom we ask, and what the channel had heard of when we did."""

    subject: Client | Channel
    ask: Ask
    known: int = 0


class CatchUp:
    def __init__(
        self,
        store: StreamStore,
        *,
        page: int,
        gather: float,
        pause: float,
        apply: Callable[[Question, Answer], None],
    ) -> None:
        """`page` rows each; `gather` seconds to collect a batch, `pause` seconds after a database fault."""
        self._store = store
        self._page = page
        self._gather = gather
        self._pause = pause
        self._apply = apply
        self._waiting: dict[Client | Channel, None] = {}
        self._wake = asyncio.Event()

    def want(self, subject: Client | Channel) -> None:
        self._waiting[subject] = None
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(self._gather)
            batch = list(self._waiting)[:BATCH]
            for subject in batch:
                del self._waiting[subject]
            if not self._waiting:
                self._wake.clear()
            await self._ask_until_answered(batch)

    async def _ask_until_answered(self, batch: list[Client | Channel]) -> None:
        pause = self._pause
        while questions := [question for question in map(question_of, batch) if question is not None]:
            try:
                await self.ask(questions)
                return
            except StoreUnavailable as error:
                log.warning("the stream waits for the database: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def ask(self, questions: list[Question]) -> None:
        """One round trip. Raises `StoreUnavailable`."""
        answers = await self._store.events_after([question.ask for question in questions], self._page)
        for question, answer in zip(questions, answers, strict=True):
            self._apply(question, answer)


def question_of(subject: Client | Channel) -> Question | None:
    """None when nobody waits for the answer any more."""
    if isinstance(subject, Client):
        ask = Ask(subject.secret, subject.key[0], subject.cursor)
        return None if subject.closed else Question(subject, ask)
    witness = next((client for client in subject.clients if not client.closed), None)
    if witness is None or subject.last is None:
        subject.asked = False
        return None
    return channel_question(subject, witness.secret)


def channel_question(channel: Channel, secret: bytes) -> Question:
    """What comes after what the channel has, asked in the name of one of its clients."""
    return Question(channel, Ask(secret, channel.key[0], channel.last or 0), channel.known)
