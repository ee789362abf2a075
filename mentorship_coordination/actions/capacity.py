"""Tells when a mentor has more than she can carry, and what could move. Source: product.md §6."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.actions import action
from core.enums import Audience, StreamEventName
from core.stream.publish import emit
from core.wakeup import wake
from mentorship_coordination.actions.notices import Notice, tell_all
from mentorship_coordination.actions.notifications import DELIVER
from mentorship_coordination.enums import CapacityKind, NotificationKind
from mentorship_coordination.forecast.moves import WorkMove
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.capacity import CapacityEpisode
from mentorship_coordination.selectors.capacity import Overload, list_overloads
from mentorship_coordination.selectors.forecast import Outlooks, find_moves, read_outlooks
from mentorship_coordination.selectors.responsible import map_responsible
from mentorship_coordination.selectors.transfers import list_transfers

#: Moves named in one notice.
MOST_PROPOSED = 5
CONSEQUENCES = {
    CapacityKind.MENTEES: "New matches are stopped until there is room.",
    CapacityKind.SESSIONS: "New bookings of this week are stopped.",
    CapacityKind.REVIEWS: "At the pace of the last four weeks they will not be finished when they are due.",
}


@dataclass(frozen=True, slots=True)
class _News:
    """Episodes that begin with this run, and those that end."""

    begun: list[tuple[UUID, Overload]]
    ended: list[CapacityEpisode]


@action
def check_mentor_capacity(*, at: datetime) -> int:
    """Open an episode for each limit that a mentor is over, end those that are over; how many began or ended.

    Mentor and whoever answers for her cohorts are told once per episode, with what could move elsewhere. The number of
    queries does not depend on how many mentors there are. An episode of work ends when nothing will be late any more.
    Run as the system.
    """
    outlooks = read_outlooks(at)
    overloads = list_overloads(at, outlooks)
    news = _follow(overloads, at)
    if news.begun:
        proposals = _proposals(news, outlooks)
        tell_all(list(_notices(news.begun, proposals)), about="capacity", at=at)
        wake(DELIVER)
    _tell_streams(news)
    return len(news.begun) + len(news.ended)


def _follow(overloads: Sequence[Overload], at: datetime) -> _News:
    open_ones = {
        (each.mentor_id, each.kind): each
        for each in CapacityEpisode.objects.select_for_update().filter(ended_at__isnull=True).order_by("id")
    }
    now_over = {(each.mentor_id, each.kind): each for each in overloads if each.is_over}
    rests = {(each.mentor_id, each.kind) for each in overloads}
    ended = [episode for key, episode in open_ones.items() if key not in rests]
    CapacityEpisode.objects.filter(pk__in=[each.pk for each in ended]).update(ended_at=at)
    made = [
        CapacityEpisode(mentor_id=each.mentor_id, kind=each.kind, figure=each.figure, limit=each.limit, began_at=at)
        for key, each in now_over.items()
        if key not in open_ones
    ]
    CapacityEpisode.objects.bulk_create(made, ignore_conflicts=True)
    written = set(CapacityEpisode.objects.filter(pk__in=[each.pk for each in made]).values_list("pk", flat=True))
    begun = [(each.pk, now_over[each.mentor_id, CapacityKind(each.kind)]) for each in made if each.pk in written]
    return _News(begun, ended)


def _proposals(news: _News, outlooks: Outlooks) -> dict[tuple[UUID, str], str]:
    """What could move, in words, by mentor and limit; nothing where nobody could take anything."""
    words: dict[tuple[UUID, str], str] = {}
    crowded = {each.mentor_id for _, each in news.begun if each.kind == CapacityKind.MENTEES}
    transfers = list_transfers(outlooks, crowded) if crowded else []
    for mentor_id, count in Counter(each.from_id for each in transfers).items():
        words[mentor_id, CapacityKind.MENTEES] = f"Of her mentees {count} could go to other mentors."
    busy = {each.mentor_id for _, each in news.begun if each.kind == CapacityKind.REVIEWS}
    endangered = {work.enrolment_id for each in busy for work in outlooks.late_of(each) if work.enrolment_id}
    moves: dict[UUID, list[WorkMove]] = defaultdict(list)
    for move in find_moves(outlooks, endangered, most=MOST_PROPOSED * len(busy), most_of_each=MOST_PROPOSED):
        moves[move.from_id].append(move)
    for mentor_id, found in moves.items():
        names = ", ".join(sorted({outlooks.of[move.to_id].name for move in found}))
        avoided = sum(move.avoids for move in found)
        words[mentor_id, CapacityKind.REVIEWS] = f"Moving work to {names} would avoid {avoided}."
    return words


def _notices(begun: Iterable[tuple[UUID, Overload]], proposals: Mapping[tuple[UUID, str], str]) -> Iterable[Notice]:
    begun = list(begun)
    responsible = _responsible_for(each.mentor_id for _, each in begun)
    for episode_id, each in begun:
        fact = f"{each.words}. {CONSEQUENCES[each.kind]}"
        key = f"capacity:{episode_id}"
        yield Notice(
            each.mentor_id, Audience.MENTOR, NotificationKind.CAPACITY, "You are over your capacity", fact, key,
            by_mail=True,
        )  # fmt: skip
        proposal = proposals.get((each.mentor_id, each.kind), "")
        for person in sorted(responsible[each.mentor_id] - {each.mentor_id}):
            yield Notice(
                person, Audience.DIRECTOR, NotificationKind.CAPACITY, f"{each.name} is over capacity",
                f"{fact} {proposal}".strip(), key, by_mail=True, url=reverse("director-forecast-page"),
            )  # fmt: skip


def _responsible_for(mentor_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    cohorts: dict[UUID, set[UUID]] = defaultdict(set)
    for mentor_id, cohort_id in (
        MenteeMentorAssignment.objects.live()
        .filter(mentor__in=list(mentor_ids))
        .values_list("mentor_id", "cohort_id")
        .order_by()
        .distinct()
    ):
        cohorts[cohort_id].add(mentor_id)
    responsible: dict[UUID, set[UUID]] = defaultdict(set)
    for cohort_id, people in map_responsible(cohorts).items():
        for mentor_id in cohorts[cohort_id]:
            responsible[mentor_id].update(people)
    return responsible


def _tell_streams(news: _News) -> None:
    """Each mentor's stream once, and that of whoever answers for her."""
    mentors = {each.mentor_id for _, each in news.begun} | {each.mentor_id for each in news.ended}
    for mentor_id, people in _responsible_for(mentors).items():
        for person in people:
            emit(
                recipient_id=person,
                audience=Audience.DIRECTOR,
                event=StreamEventName.CAPACITY,
                data={"mentor": str(mentor_id)},
            )
    for mentor_id in mentors:
        emit(recipient_id=mentor_id, audience=Audience.MENTOR, event=StreamEventName.CAPACITY, data={})
