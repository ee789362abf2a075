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
#: What somebody does next, with weights.
OF_MENTORS: Final = {"review": 6, "book": 3, "answer": 2, "flag": 1}
OF_STUDENTS: Final = {"log": 3, "hand_in": 4, "set_a_goal": 1}
MOST_REVIEWS: Final = 2


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
        does = {"review": self._reviews, "book": self._book, "answer": self._answer, "flag": self._flag}
        while True:
            self.site.get(me, "mentor/dashboard", "mentor dashboard")
            yield self.pause()
            yield from does[self._drawn(OF_MENTORS)](me)

    def _drawn(self, weights: dict[str, int]) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _queue(self, me: Actor, kind: str) -> list[dict[str, Any]]:
        queue = self.site.get(me, f"mentor/workqueue?type={kind}", "mentor queue") or {"results": []}
        return list(queue["results"])

    def _reviews(self, me: Actor) -> Iterator[float]:
        waiting = self._queue(me, "mission_review")[:MOST_REVIEWS]
        yield self.pause()
        for item in waiting:
            yield from self._review(me, item)

    def _answer(self, me: Actor) -> Iterator[float]:
        waiting = self._queue(me, "goal_feedback")[:1]
        yield self.pause()
        for item in waiting:
            mark = self.site.ledger.mark()
            path = f"mentor/goals/{item['reference_id']}/feedback"
            self.site.post(me, path, "answer a goal", {"text": mark}, mark=mark)
            yield self.pause()

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
        return str(self.random.choice([each["mentee_id"] for each in mentees["results"]] or [me.id]))

    def _book(self, me: Actor) -> Iterator[float]:
        mentee = self._someone(me)
        yield self.pause()
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

    def _flag(self, me: Actor) -> Iterator[float]:
        mentee = self._someone(me)
        yield self.pause()
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
        does = {"log": self._log, "hand_in": self._hand_in, "set_a_goal": self._set_a_goal}
        while True:
            self.site.get(me, "student/dashboard", "student dashboard")
            yield self.pause()
            yield from does[self._drawn(OF_STUDENTS)](me)

    def _log(self, me: Actor) -> Iterator[float]:
        habits = self.site.get(me, "coaching/habits", "habits") or {"results": []}
        for habit in [each for each in habits["results"] if not each["is_logged_now"]][:2]:
            yield self.pause()
            mark = self.site.ledger.mark()
            done = {"state": "done", "note": mark}
            self.site.post(me, f"coaching/habits/{habit['id']}/logs", "log a habit", done, mark=mark)
        yield self.pause()

    def _hand_in(self, me: Actor) -> Iterator[float]:
        missions = self.site.get(me, "missions", "missions") or {"results": []}
        yield self.pause()
        for mission in _to_hand_in(missions["results"])[:1]:
            mark = self.site.ledger.mark()
            self.site.post(me, f"missions/{mission}/submissions", "submit", {"text": mark}, mark=mark)
            yield self.pause()

    def _set_a_goal(self, me: Actor) -> Iterator[float]:
        mark = self.site.ledger.mark()
        self.site.post(
            me, "coaching/goals", "set a goal", {"title": mark, "due_date": str(self._some_day())}, mark=mark
        )
        yield self.pause()

    def _some_day(self) -> date:
        return (clock.now() + timedelta(days=self.random.randint(2, 40))).date()

    def _director(self, me: Actor) -> Iterator[float]:
        while True:
            self.site.get(me, "director/overview", "director overview")
            yield 2 * self.pause()
            self.site.get(me, "director/flags", "director flags")
            yield 2 * self.pause()


def _to_hand_in(missions: Sequence[dict[str, Any]]) -> list[str]:
    """Not begun or sent back, or waiting: a new version of it is the same work."""
    waits = {"draft", "submitted", "changes_requested"}
    return [each["id"] for each in missions if each["submission"] is None or each["submission"]["state"] in waits]
