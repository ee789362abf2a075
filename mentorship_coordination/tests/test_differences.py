"""What changed between two versions …"""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from mentorship_coordination.web.differences import Differences, differences_between

texts = st.text(alphabet="ab \n", max_size=60)


def drawn(found: Differences) -> list[str]:
    """`+` and `-` before lines, the words that differ in brackets."""
    signs = {"same": " ", "added": "+", "removed": "-", "gap": "…"}
    return [
        signs[line.kind] + "".join(f"[{piece.text}]" if piece.is_changed else piece.text for piece in line.pieces)
        for line in found.lines
    ]


def test_says_nothing_of_the_same_text() -> None:
    assert differences_between("One.\nTwo.", "One.\nTwo.") == Differences([], 0, 0)


def test_marks_the_words_of_lines_that_are_much_alike() -> None:
    found = differences_between("The host was entered at 03:12.", "The host was entered at 04:12 by mail.")
    assert drawn(found) == ["-The host was entered at [03]:12.", "+The host was entered at [04]:12[ by mail]."]


def test_shows_other_lines_whole() -> None:
    assert drawn(differences_between("Alpha beta.", "Nothing of it stays here")) == [
        "-Alpha beta.",
        "+Nothing of it stays here",
    ]


def test_leaves_out_what_is_far_from_a_change() -> None:
    before = [f"line {number} {'x' * number}" for number in range(12)]
    after = [*before[:6], "something new", *before[6:]]
    assert drawn(differences_between("\n".join(before), "\n".join(after))) == [
        "…4 unchanged lines",
        *(f" {line}" for line in before[4:6]),
        "+something new",
        *(f" {line}" for line in before[6:8]),
        "…4 unchanged lines",
    ]


@given(texts, texts)
def test_keeps_both_texts_whole(before: str, after: str) -> None:
    found = differences_between(before, after).lines
    old = ["".join(piece.text for piece in line.pieces) for line in found if line.kind in ("same", "removed")]
    new = ["".join(piece.text for piece in line.pieces) for line in found if line.kind in ("same", "added")]
    if all(line.kind != "gap" for line in found) and found:
        assert (old, new) == (before.splitlines(), after.splitlines())
    if not found:
        assert before.splitlines() == after.splitlines()


@given(texts, texts)
def test_counts_the_lines_that_came_and_went(before: str, after: str) -> None:
    found = differences_between(before, after)
    assert len(before.splitlines()) - found.removed == len(after.splitlines()) - found.added


def test_bears_the_longest_texts() -> None:
    began = time.perf_counter()
    differences_between("a\n" * 25_000, "\n".join("ba" * 12_500))
    differences_between("ab " * 16_000, "ba " * 16_000)
    assert time.perf_counter() - began < 5
