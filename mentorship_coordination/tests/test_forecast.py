"""The forecast …"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from mentorship_coordination.forecast.moves import Relief
from mentorship_coordination.forecast.pace import (
    PRIOR_ITEMS,
    HoursLine,
    Pace,
    Worked,
    keeps_her_hours,
    paces,
    worked_of,
)
from mentorship_coordination.forecast.prediction import OpenWork, Outlook, late_among
from mentorship_coordination.forecast.words import forecast_in_words

HOUR = 3_600_000_000
WEEK = 168 * HOUR
ANN, BOB, CYD = (UUID(int=number) for number in (1, 2, 3))


def work(due: float, *, rank: int = 1, of: int = 1, number: int = 1) -> OpenWork:
    """An item of enrolment `of`, due after so many hours."""
    return OpenWork(rank, round(due * HOUR), 0, UUID(int=1000 * of + number), UUID(int=of))


def outlook(
    mentor: UUID = ANN,
    *,
    hours: tuple[tuple[int, int], ...] = ((0, 168),),
    each: float | None = 1,
    handling: float = 0,
    places: int = 9,
) -> Outlook:
    line = HoursLine([(begin * HOUR, finish * HOUR) for begin, finish in hours])
    pace = None if each is None else Pace(round(handling * HOUR), round(each * HOUR))
    return Outlook(mentor, "Ann", line, pace, places)


def late(view: Outlook, *works: OpenWork) -> list[OpenWork]:
    return late_among(view, works, 0, WEEK)


def test_works_off_one_item_after_the_other_in_the_order_of_work() -> None:
    first, second, urgent = work(1, number=1), work(1.5, number=2), work(9, rank=0, number=3)
    assert late(outlook(), second, first) == [second]
    assert late(outlook(), second, first, urgent) == [first, second]


def test_finishing_at_the_very_instant_is_in_time() -> None:
    assert late(outlook(), work(1)) == []
    assert late(outlook(hours=((0, 1),)), work(1)) == []


def test_uses_the_mentors_hours_and_carries_half_done_work_over() -> None:
    """Two hours an item in spans of three: 8 to 11 and 14 to 17. The second is done at 15:00, the third at 17:00."""
    view = outlook(hours=((8, 11), (14, 17)), each=2)
    works = [work(10, number=1), work(14.9, number=2), work(17, number=3), work(160, number=4)]
    assert late(view, *works) == [works[1], works[3]]


def test_lets_an_item_wait_as_long_as_items_do_with_her() -> None:
    view = outlook(handling=10)
    assert late(view, work(9), work(10)) == [work(9)]
    assert late(view, replace(work(9), waited=HOUR)) == []


def test_leaves_out_what_is_late_already_and_what_is_due_after_the_week() -> None:
    view = outlook(hours=())
    assert late(view, work(-1), work(168), work(167)) == [work(167)]


def test_foretells_nothing_without_a_pace() -> None:
    assert late(outlook(each=None), work(0.1)) == []


def test_counts_open_time_only() -> None:
    line = HoursLine([(8 * HOUR, 11 * HOUR), (14 * HOUR, 17 * HOUR)])
    assert [line.until(hour * HOUR) // HOUR for hour in (0, 8, 9, 11, 12, 14, 16, 17, 99)] == [
        0,
        0,
        1,
        3,
        3,
        3,
        5,
        6,
        6,
    ]
    assert (line.between(10 * HOUR, 15 * HOUR), line.total) == (2 * HOUR, 6 * HOUR)
    assert HoursLine([]).until(5) == 0


def test_takes_the_pace_from_the_busiest_quarter_of_the_days() -> None:
    """Five days of eight hours, each from midnight: the two busiest have seven items in sixteen hours."""
    line = HoursLine([((24 * day + 9) * HOUR, (24 * day + 17) * HOUR) for day in range(5)])
    counts = [1, 4, 2, 3, 1]
    days = {day: ((24 * day * HOUR, 24 * (day + 1) * HOUR), count) for day, count in enumerate(counts)}
    days[6] = ((144 * HOUR, 168 * HOUR), 50)
    seen = worked_of(line, done=[(9 * HOUR, 10 * HOUR), (16 * HOUR, 35 * HOUR)], days=days)
    assert seen == Worked((HOUR, 3 * HOUR), 7, 16 * HOUR)


def test_leans_on_the_pace_of_all_where_little_was_seen() -> None:
    seen = {ANN: Worked((9 * HOUR,) * 20, 20, 16 * HOUR), BOB: Worked((HOUR,), 1, 5 * HOUR)}
    found = paces(seen)
    assert found[ANN] == Pace(9 * HOUR, (16 + PRIOR_ITEMS) * HOUR // (20 + PRIOR_ITEMS))
    assert found[BOB] == Pace(9 * HOUR, round((5 + PRIOR_ITEMS) * HOUR / (1 + PRIOR_ITEMS)))
    assert paces({ANN: Worked((), 0, 0)}) == {ANN: None}


def test_sees_who_works_outside_her_hours() -> None:
    line = HoursLine([(9 * HOUR, 17 * HOUR)])
    inside, outside = [10 * HOUR] * 3, [20 * HOUR]
    assert keeps_her_hours(line, inside * 2 + outside * 2)
    assert not keeps_her_hours(line, inside * 2 + outside * 3)
    assert keeps_her_hours(line, outside * 4)


def relief(
    outlooks: dict[UUID, Outlook], works: dict[UUID, list[OpenWork]], forbidden: tuple[tuple[int, UUID], ...] = ()
) -> Relief:
    enrolments = {each.enrolment_id for group in works.values() for each in group if each.enrolment_id}
    return Relief(
        outlooks,
        works,
        at=0,
        until=WEEK,
        enrolments=enrolments,
        may_take=lambda enrolment, mentor: (enrolment.int, mentor) not in forbidden,
    )


def test_proposes_the_move_that_leaves_the_least_late() -> None:
    works = {ANN: [work(1, of=1), work(1, of=2)], BOB: [], CYD: [work(1, of=3)]}
    search = relief({each: outlook(each) for each in (ANN, BOB, CYD)}, works)
    assert search.late == 1
    [move] = search.moves(most=9)
    assert (move.from_id, move.to_id, move.avoids, len(move.items)) == (ANN, BOB, 1, 1)
    assert search.late == 0


def test_moves_all_of_a_students_work_together() -> None:
    together = [work(0.5, of=1, number=1), work(0.6, of=1, number=2)]
    search = relief({ANN: outlook(ANN, each=9), BOB: outlook(BOB, each=0.2)}, {ANN: together, BOB: []})
    [move] = search.moves(most=9)
    assert (move.items, move.avoids) == (tuple(together), 2)


def test_proposes_nothing_that_makes_it_no_better() -> None:
    """Bob's own item would be late instead."""
    works = {ANN: [work(1, of=1), work(1, of=2)], BOB: [work(1.5, of=3)]}
    search = relief({ANN: outlook(ANN), BOB: outlook(BOB)}, works)
    assert search.moves(most=9) == []
    assert search.late == 1


@pytest.mark.parametrize(
    "bob", [outlook(BOB, places=0), outlook(BOB, each=None), outlook(BOB, hours=())], ids=["full", "unknown", "absent"]
)
def test_proposes_nobody_who_cannot_take_it(bob: Outlook) -> None:
    assert relief({ANN: outlook(ANN, each=9), BOB: bob}, {ANN: [work(1)], BOB: []}).moves(most=9) == []


def test_counts_a_moved_item_as_new_to_who_takes_it() -> None:
    """Bob turns to an item after three hours: what waited with Ann waits with him as well."""
    waited = replace(work(2), waited=99 * HOUR)
    outlooks = {ANN: outlook(ANN, each=9), BOB: outlook(BOB, each=0.1, handling=3)}
    assert relief(outlooks, {ANN: [waited], BOB: []}).moves(most=9) == []


def test_keeps_the_rules_between_two_people() -> None:
    outlooks = {ANN: outlook(ANN, each=9), BOB: outlook(BOB), CYD: outlook(CYD)}
    search = relief(outlooks, {ANN: [work(1)], BOB: [], CYD: []}, forbidden=((1, BOB),))
    assert [move.to_id for move in search.moves(most=9)] == [CYD]


def test_takes_a_place_for_each_student() -> None:
    works = {ANN: [work(1, of=number) for number in (1, 2, 3)], BOB: []}
    search = relief({ANN: outlook(ANN, each=200), BOB: outlook(BOB, each=0.1, places=2)}, works)
    assert len(search.moves(most=9)) == 2
    assert search.late == 1


def test_leaves_the_work_of_others_where_it_is() -> None:
    """An item without ids counts in its mentor's queue and never moves."""
    foreign = OpenWork(0, HOUR, 0, None, None)
    search = relief({ANN: outlook(ANN), BOB: outlook(BOB)}, {ANN: [foreign, work(1, of=1)], BOB: []})
    [move] = search.moves(most=9)
    assert [each.item_id for each in move.items] == [work(1, of=1).item_id]


def test_says_it_in_a_sentence() -> None:
    due = [datetime(2026, 3, 6, 23, 30, tzinfo=UTC)] * 11
    told = forecast_in_words(due=due, moved=7, mentors=3, avoided=6, zone="Africa/Nairobi")
    assert told == "11 items will be late by Saturday 7 March; moving 7 to 3 mentors avoids 6."
    alone = forecast_in_words(due=due[:1], moved=0, mentors=0, avoided=0, zone="UTC")
    assert alone == "One item will be late by Friday 6 March; no mentor with room could take any of it."
    assert forecast_in_words(due=[], moved=0, mentors=0, avoided=0, zone="UTC").startswith("Nothing")
