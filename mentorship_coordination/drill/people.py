"""Who works in the drill, and how: mentors, students and directors as scripts of steps, with time to think between."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from core import clock
from core.actions import action
from core.enums import Audience
from mentorship_coordination.drill.client import Actor, Site
from mentorship_coordination.enums import FlagCategory
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from users.models import AccessToken, CohortDirector, User
from users.secrets import digest_of, new_secret

#: Of ten reviews.
DECISIONS: Final = ("approved",) * 7 + ("changes_requested",) * 2 + ("rejected",)
SEVERITIES: Final = ("low", "medium", "medium", "high", "critical")
CATEGORIES: Final = tuple(FlagCategory.values)
#: How often a mentor's round has a session booked, a flag raised; a student's a goal set.
BOOKS, FLAGS, SETS_A_GOAL = 0.5, 0.25, 0.3
MOST_REVIEWS: Final = 3


@dataclass(frozen=True)
class Cast:
    mentors: list[Actor]
    students: list[Actor]
    directors: list[Actor]

    @property
    def everybody(self) -> list[Actor]:
        return [*self.mentors, *self.students, *self.directors]


@action
def invite(students: int, seed: int) -> Cast:
    """Every mentor with mentees, every director and so many of the mentored students, each with a token."""
    pairs = MenteeMentorAssignment.objects.primary().active()
    mentees = sorted(pairs.values_list("mentee", flat=True))
    chosen = random.Random(seed).sample(mentees, min(students, len(mentees)))
    people = User.objects.filter(is_active=True)
    directing = people.filter(pk__in=CohortDirector.objects.values("user"))
    return Cast(
        mentors=_with_tokens(people.filter(pk__in=pairs.values("mentor")), Audience.MENTOR),
        students=_with_tokens(people.filter(pk__in=chosen), Audience.STUDENT),
        directors=_with_tokens(directing, Audience.DIRECTOR),
    )


def _with_tokens(people: QuerySet[User], audience: Audience) -> list[Actor]:
    actors = [Actor(pk, new_secret(), audience) for pk in people.order_by("pk").values_list("pk", flat=True)]
    at = clock.now()
    AccessToken.objects.bulk_create(
        [AccessToken(user_id=each.id, name="drill", digest=digest_of(each.token), created_at=at) for each in actors],
        batch_size=1000,
    )
    return actors


class Scripts:
    """`think` is the mean of the seconds between two steps of a person."""

    def __init__(self, site: Site, think: float, seed: int) -> None:
        self.site, self.think, self.random = site, think, random.Random(seed)

    def of(self, actor: Actor) -> Iterator[float]:
        script = {Audience.MENTOR: self._mentor, Audience.STUDENT: self._student, Audience.DIRECTOR: self._director}
        return script[actor.audience](actor)

    def pause(self) -> float:
        """Mostly short, sometimes long, on average `think`."""
        return self.random.expovariate(1 / self.think)

    def _mentor(self, me: Actor) -> Iterator[float]:
        while True:
            self.site.get(me, "mentor/dashboard", "mentor dashboard")
            yield self.pause()
            queue = self.site.get(me, "mentor/workqueue", "mentor queue") or {"results": []}
            yield self.pause()
            for item in _first(queue["results"], "mission_review"):
                yield from self._review(me, item)
            for item in _first(queue["results"], "goal_feedback")[:1]:
                mark = self.site.ledger.mark()
                path = f"mentor/goals/{item['reference_id']}/feedback"
                self.site.post(me, path, "answer a goal", {"text": mark}, mark=mark)
                yield self.pause()
            mentee = self._someone(me)
            if mentee and self.random.random() < BOOKS:
                yield from self._book(me, mentee)
            if mentee and self.random.random() < FLAGS:
                yield from self._flag(me, mentee)

    def _review(self, me: Actor, item: dict[str, Any]) -> Iterator[float]:
        claimed = self.site.post(me, f"mentor/workqueue/{item['id']}/claim", "claim", {})
        found = claimed and self.site.get(me, f"mentor/missions/{item['reference_id']}", "read a submission")
        yield self.pause()
        if found:
            mark, decision = self.site.ledger.mark(), self.random.choice(DECISIONS)
            verdict = {
                "score": self.random.randint(30, 100),
                "decision": decision,
                "feedback": mark,
                "submission_version": found["version"],
            }
            self.site.post(me, f"mentor/missions/{item['reference_id']}/review", "review", verdict, mark=mark)
            yield self.pause()

    def _someone(self, me: Actor) -> str:
        mentees = self.site.get(me, "mentor/mentees", "mentees") or {"results": []}
        ids = [each["mentee_id"] for each in mentees["results"]]
        return str(self.random.choice(ids)) if ids else ""

    def _book(self, me: Actor, mentee: str) -> Iterator[float]:
        self.site.get(me, f"mentor/mentees/{mentee}/cockpit", "cockpit")
        yield self.pause()
        offered = self.site.get(me, f"mentor/slots?mentee={mentee}", "slots") or {"slots": []}
        yield self.pause()
        if offered["slots"]:
            mark = self.site.ledger.mark()
            start = self.random.choice(offered["slots"][:20])["start_time"]
            wish = {"mentee_id": mentee, "title": mark, "start_time": start}
            self.site.post(me, "mentor/sessions", "book", wish, mark=mark)
            yield self.pause()

    def _flag(self, me: Actor, mentee: str) -> Iterator[float]:
        mark = self.site.ledger.mark()
        worry = {
            "mentee_id": mentee,
            "reason": mark,
            "severity": self.random.choice(SEVERITIES),
            "category": self.random.choice(CATEGORIES),
        }
        self.site.post(me, "mentor/flags", "flag", worry, mark=mark)
        yield self.pause()

    def _student(self, me: Actor) -> Iterator[float]:
        while True:
            self.site.get(me, "student/dashboard", "student dashboard")
            yield self.pause()
            habits = self.site.get(me, "coaching/habits", "habits") or {"results": []}
            for habit in [each for each in habits["results"] if not each["is_logged_now"]][:2]:
                mark = self.site.ledger.mark()
                done = {"state": "done", "note": mark}
                self.site.post(me, f"coaching/habits/{habit['id']}/logs", "log a habit", done, mark=mark)
                yield self.pause()
            missions = self.site.get(me, "missions", "missions") or {"results": []}
            yield self.pause()
            for mission in _to_hand_in(missions["results"])[:1]:
                mark = self.site.ledger.mark()
                self.site.post(me, f"missions/{mission}/submissions", "submit", {"text": mark}, mark=mark)
                yield self.pause()
            if self.random.random() < SETS_A_GOAL:
                mark = self.site.ledger.mark()
                wish = {"title": mark, "due_date": str(self._some_day())}
                self.site.post(me, "coaching/goals", "set a goal", wish, mark=mark)
                yield self.pause()

    def _some_day(self) -> date:
        return (clock.now() + timedelta(days=self.random.randint(2, 40))).date()

    def _director(self, me: Actor) -> Iterator[float]:
        while True:
            self.site.get(me, "director/overview", "director overview")
            yield 2 * self.pause()
            self.site.get(me, "director/flags", "director flags")
            yield 2 * self.pause()


def _first(items: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [item for item in items if item["type"] == kind][:MOST_REVIEWS]


def _to_hand_in(missions: Sequence[dict[str, Any]]) -> list[str]:
    """Not begun or sent back, or waiting: a new version of it is the same work."""
    waits = {"draft", "submitted", "changes_requested"}
    return [each["id"] for each in missions if each["submission"] is None or each["submission"]["state"] in waits]
