"""Reasons that a matching gives are true: each is held against the pool solved again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from mentorship_coordination.matching.advice import made_up_mentor, where_one_more_helps
from mentorship_coordination.matching.engine import Matching, PinBroken, match
from mentorship_coordination.matching.people import Pairing, Pool
from mentorship_coordination.matching.policy import Policy
from mentorship_coordination.matching.reasons import (
    advice_in_words,
    filling_in_words,
    left_out_in_words,
    pair_in_words,
    parts_in_words,
    proof_in_words,
)
from mentorship_coordination.matching.scoring import Scorer
from mentorship_coordination.matching.summary import SMALLEST_GROUP, summary_of
from mentorship_coordination.matching.tables import tables_of
from mentorship_coordination.matching.weights import Weights
from mentorship_coordination.matching.what_if import Changes, changed_pool, difference
from mentorship_coordination.tests.matching_world import COHORT, NINE_TO_FIVE, mentor, pool_of, random_pool, student

SEEDS = range(12)


def total(matching: Matching) -> int:
    return sum(each.score or 0 for each in matching.pairings)


def matched(matching: Matching) -> int:
    return sum(each.mentor_id is not None for each in matching.pairings)


@pytest.mark.parametrize("seed", SEEDS)
def test_ranks_are_those_of_the_scores(seed: int) -> None:
    pool = random_pool(seed, scarce=bool(seed % 2))
    scores = Scorer(tables_of(pool, Weights())).scores().astype(int)
    scores[:, [not each.places for each in pool.candidates]] = -1
    ids = [each.id for each in pool.candidates]
    for row, pairing in enumerate(match(pool).pairings):
        if pairing.mentor_id is None:
            continue
        own, reason = scores[row, ids.index(pairing.mentor_id)], pairing.explanation
        assert pairing.score == own == sum(pairing.parts.values())
        assert reason["rank"] == 1 + (scores[row] > own).sum()
        assert reason["choices"] == (scores[row] >= 0).sum()
        assert ("best" in reason) == (reason["rank"] > 1)
        if "best" in reason:
            assert reason["best"]["gain"] == scores[row].max() - own
            assert scores[row, ids.index(UUID(reason["best"]["mentor"]))] == scores[row].max()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_best_would_cost_the_others_is_never_exaggerated(seed: int) -> None:
    pool = random_pool(seed, students=12, mentors=4, scarce=True)
    found = match(pool)
    for pairing in found.pairings:
        best = pairing.explanation.get("best")
        if best is None:
            continue
        forced = match(replace(pool, pinned=frozenset({(UUID(best["mentor"]), pairing.waiting.mentee_id)})))
        if best["others_lose"] is None:
            assert matched(forced) < matched(found)
        elif matched(forced) == matched(found):
            lost = total(found) - total(forced) + best["gain"]
            assert lost >= best["others_lose"]


@pytest.mark.parametrize("seed", SEEDS)
def test_counts_per_rule_are_of_all_mentors_and_all_students(seed: int) -> None:
    pool = random_pool(seed, scarce=True)
    found = match(pool)
    for pairing in found.pairings:
        if pairing.mentor_id is None:
            assert sum(pairing.blocked.values()) == len(pool.candidates)
    for filling in found.fillings:
        assert filling.taken <= filling.candidate.places
        assert filling.taken == sum(each.mentor_id == filling.candidate.id for each in found.pairings)
        assert filling.taken + filling.elsewhere + sum(filling.blocked.values()) == len(pool.waiting)


def changed_by(pool: Pool, pairing: Pairing) -> Pool:
    """The pool after the one change that the reasons name."""
    change = pairing.explanation["change"]
    mentors = {each.id: each for each in pool.candidates}
    waiting, forbidden = pairing.waiting, pool.forbidden
    her = mentors.get(UUID(change["mentor"])) if "mentor" in change else None
    match change["kind"]:
        case "tell_hours":
            waiting = replace(waiting, availability=NINE_TO_FIVE)
        case "one_more_place":
            assert her is not None
            her = replace(her, places=her.places + 1)
        case "more_shared_hours":
            assert her is not None
            # Whoever has the same hours has them all in common.
            waiting = replace(waiting, availability=her.availability, timezone=her.timezone)
        case "language":
            assert her is not None
            her = replace(her, languages=her.languages | waiting.languages)
        case "exclusion":
            assert her is not None
            forbidden = forbidden - {(her.id, waiting.mentee_id)}
    return replace(
        pool,
        waiting=tuple(waiting if each.enrolment_id == waiting.enrolment_id else each for each in pool.waiting),
        candidates=tuple(her if her and each.id == her.id else each for each in pool.candidates),
        forbidden=forbidden,
    )


FULL = mentor(1, places=0)
SUNDAY = json.dumps({"sun": [["09:00", "11:00"]]})
LEFT_OUT: dict[str, tuple[Any, list[Any], Any]] = {
    "tell_hours": (student(1, availability="{}"), [mentor(1)], frozenset()),
    "one_more_place": (student(1), [FULL, mentor(2, languages=frozenset({"cy"}))], frozenset()),
    "more_shared_hours": (student(1, availability=SUNDAY), [mentor(1), mentor(2, availability=SUNDAY)], frozenset()),
    "language": (student(1, languages=frozenset({"cy"})), [FULL, mentor(2)], frozenset()),
    "exclusion": (student(1), [mentor(1)], frozenset({(UUID(int=1), UUID(int=60_001))})),
    "another_mentor": (student(1, languages=frozenset({"cy"}), availability=SUNDAY), [FULL, mentor(2)], frozenset()),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_names_the_least_that_would_have_to_change(kind: str) -> None:
    waiting, mentors, forbidden = LEFT_OUT[kind]
    pool = pool_of([waiting], mentors, forbidden=forbidden)
    [pairing] = match(pool).pairings
    assert pairing.explanation["change"]["kind"] == kind
    assert left_out_in_words(pairing.blocked, pairing.explanation).endswith((".", "matched."))
    if kind != "another_mentor":
        [after] = match(changed_by(pool, pairing)).pairings
        assert after.mentor_id is not None


def test_the_change_it_names_frees_a_place_for_one_student_more() -> None:
    gains = []
    for seed in range(20):
        pool = random_pool(seed, students=16, mentors=5, scarce=True)
        found = match(pool)
        gains += [
            matched(match(changed_by(pool, each))) - matched(found)
            for each in found.pairings
            if each.mentor_id is None and each.explanation["change"]["kind"] not in ("another_mentor", "tell_hours")
        ]
    assert len(gains) > 20
    assert set(gains) == {1}


@pytest.mark.parametrize("seed", range(8))
def test_one_more_mentor_brings_what_is_claimed(seed: int) -> None:
    pool = random_pool(seed, students=30, mentors=4, scarce=True)
    found, solved = match(pool), match(pool).solved
    advice = where_one_more_helps(pool, solved.assignment, solved.prices, Weights(), Policy())
    assert [each.extra for each in advice] == sorted((each.extra for each in advice), reverse=True)
    for each in advice:
        alike = next(w for w in pool.waiting if w.track_id == each.track_id)
        one_more = made_up_mentor(
            alike, language=each.language, timezone=each.timezone, availability=each.availability, places=each.places
        )
        more = match(replace(pool, candidates=(*pool.candidates, one_more)))
        assert matched(more) - matched(found) == each.extra > 0


@pytest.mark.parametrize("seed", range(6))
def test_policies_trade_score_for_what_they_say(seed: int) -> None:
    pool = random_pool(seed, students=40, mentors=6)
    plain = match(pool)
    even, lifted = match(pool, policy=Policy(evenness=2000)), match(pool, policy=Policy(floor=600, shortfall=10))
    for each in (even, lifted):
        assert (each.solved.is_proved, matched(each)) == (True, matched(plain))
        assert total(each) <= total(plain)
    assert _spread(even) <= _spread(plain)
    assert _under(lifted, 600) <= _under(plain, 600)


def _spread(matching: Matching) -> float:
    full = [
        (each.candidate.load + each.taken) / (each.candidate.load + each.candidate.places)
        for each in matching.fillings
        if each.candidate.places
    ]
    return float(np.std(full))


def _under(matching: Matching, floor: int) -> int:
    return sum(max(0, floor - each.score) for each in matching.pairings if each.score is not None)


@pytest.mark.parametrize(
    ("people", "rule"),
    [
        ({"languages": frozenset({"cy"})}, "no_language_in_common"),
        ({"availability": "{}"}, "too_few_shared_hours"),
        ({"places": 0}, "full"),
    ],
)
def test_a_wanted_pair_keeps_to_the_rules(people: dict[str, Any], rule: str) -> None:
    pool = pool_of([student(1)], [mentor(1, **people), mentor(2)], pinned=frozenset({(UUID(int=1), UUID(int=60_001))}))
    with pytest.raises(PinBroken) as broken:
        match(pool)
    assert broken.value.rule == rule


def test_a_student_wanted_by_two_is_refused() -> None:
    both = frozenset({(UUID(int=1), UUID(int=60_001)), (UUID(int=2), UUID(int=60_001))})
    with pytest.raises(PinBroken, match="pinned_twice"):
        match(pool_of([student(1)], [mentor(1), mentor(2)], pinned=both))


def test_what_if_says_for_whom_something_changes() -> None:
    pool = pool_of([student(1), student(2)], [mentor(1, places=1), mentor(2, places=1)])
    changes = Changes(
        without_mentors=frozenset({UUID(int=2)}),
        places={UUID(int=1): 2},
        joining={COHORT: 3},
        new_mentors=(mentor(7, places=1),),
    )
    changed = changed_pool(pool, changes, {COHORT: [student(9)]})
    assert [each.places for each in changed.candidates] == [2, 1]
    assert len({each.enrolment_id for each in changed.waiting}) == 5
    assert changed_pool(pool, changes, {COHORT: [student(9)]}) == changed
    told = difference(match(pool), match(changed))
    assert (told["before"]["matched"], told["after"]["matched"], told["after"]["waiting"]) == (2, 3, 5)
    assert sum(told["counts"].values()) == 5
    assert told["counts"]["joining"] == 3


def test_figures_of_small_groups_are_hidden() -> None:
    few = [student(nth, timezone="Asia/Tokyo") for nth in range(SMALLEST_GROUP - 1)]
    many = [student(100 + nth) for nth in range(SMALLEST_GROUP)]
    summary = summary_of(match(pool_of(few + many, [mentor(1, places=9)])), {})
    zones = summary["groups"]["timezone"]
    assert set(zones["shown"]) == {"UTC"}
    assert zones["hidden"] == SMALLEST_GROUP - 1
    assert zones["shown"]["UTC"]["waiting"] == SMALLEST_GROUP


def test_sentences() -> None:
    best = {"mentor": "…", "name": "Alma Berg", "gain": 35, "others_lose": 80}
    assert pair_in_words({"rank": 2, "choices": 9, "best": best}) == (
        "2nd best of 9 choices. Alma Berg would bring 35 points more, and cost the others at least 80 points."
    )
    assert pair_in_words({"rank": 2, "choices": 9, "best": best | {"others_lose": None, "gain": 1}}) == (
        "2nd best of 9 choices. Alma Berg would bring 1 point more, and leave somebody without a mentor."
    )
    assert pair_in_words({"rank": 1, "choices": 1}) == "The only mentor whom the rules allow."
    assert pair_in_words({"rank": 11, "choices": 12}) == "11th best of 12 choices."
    assert pair_in_words({"rank": 21, "choices": 30}) == "21st best of 30 choices."
    assert pair_in_words({"rank": 112, "choices": 130}) == "112th best of 130 choices."
    assert parts_in_words({"skills": 320, "same_cohort": 0, "waiting": 4}) == "skills 320, waiting time 4"
    assert filling_in_words(0, 0, {}, 9) == "She had no free place."
    assert filling_in_words(2, 2, {}, 9) == "All her free places are filled."
    assert filling_in_words(3, 2, {"excluded": 1, "no_language_in_common": 7}, 4) == (
        "1 place left. Students: 7 without a language in common, 1 kept apart from her. "
        "4 more would be allowed and fit others as well or better."
    )
    assert proof_in_words({"is_proved": False, "bound": 4096, "objective": 1024}) == (
        "Not proved: time ran out, and the best may be better by 3 points."
    )
    assert advice_in_words({"extra": 1, "track": "Forensics", "language": "cy", "timezone": "UTC"}) == (
        "One more mentor for Forensics who speaks Welsh, with hours in UTC: 1 more student matched."
    )
