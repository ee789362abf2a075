"""What changed between two versions of a text, line by line and word by word. Plain values for the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz.distance import LCSseq

Kind = Literal["same", "added", "removed", "gap"]
WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")
CONTEXT: Final = 2
#: Words are told apart only in lines that have this share of their words in common.
ALIKE: Final = 0.35
MOST_WORDS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Of a `gap`, the one piece says how much was left out."""

    kind: Kind
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    lines: list[Line]
    added: int
    removed: int


def differences_between(before: str, after: str) -> Differences:
    """The lines that differ with two lines around them; `added` and `removed` count lines.

    The longest common subsequence decides, by the bit-parallel algorithm of Hyyrö (2004): 25,000 one-letter lines on
    each side take a tenth of a second.
    """
    lines = list(_lines(before.splitlines(), after.splitlines()))
    counts = {kind: sum(line.kind == kind for line in lines) for kind in ("added", "removed")}
    return Differences(list(_without_the_middle(lines)), counts["added"], counts["removed"])


def _lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    gone: list[str] = []
    come: list[str] = []
    for step in LCSseq.opcodes(before, after):
        if step.tag == "equal":
            yield from _changed(gone, come)
            gone, come = [], []
            for text in before[step.src_start : step.src_end]:
                yield Line("same", (Piece(text),))
        else:
            gone += before[step.src_start : step.src_end]
            come += after[step.dest_start : step.dest_end]
    yield from _changed(gone, come)


def _changed(gone: list[str], come: list[str]) -> Iterator[Line]:
    """Lines of one place that went and came; where they are much alike, the words that differ are marked."""
    old, new = WORD.findall("\n".join(gone)), WORD.findall("\n".join(come))
    is_short = 0 < len(old) <= MOST_WORDS and 0 < len(new) <= MOST_WORDS
    if not is_short or LCSseq.normalized_similarity(old, new) < ALIKE:
        yield from (Line("removed", (Piece(text),)) for text in gone)
        yield from (Line("added", (Piece(text),)) for text in come)
        return
    steps = LCSseq.opcodes(old, new)
    kept = [(step.tag == "equal", old[step.src_start : step.src_end]) for step in steps]
    found = [(step.tag == "equal", new[step.dest_start : step.dest_end]) for step in steps]
    yield from (Line("removed", pieces) for pieces in _pieces_by_line(kept))
    yield from (Line("added", pieces) for pieces in _pieces_by_line(found))


def _pieces_by_line(spans: Sequence[tuple[bool, Sequence[str]]]) -> Iterator[tuple[Piece, ...]]:
    line: list[Piece] = []
    for is_kept, words in spans:
        first, *others = "".join(words).split("\n")
        line += [Piece(first, is_changed=not is_kept)] if first else []
        for text in others:
            yield tuple(line)
            line = [Piece(text, is_changed=not is_kept)] if text else []
    yield tuple(line)


def _without_the_middle(lines: Sequence[Line]) -> Iterator[Line]:
    """Of what stayed, only two lines beside each change."""
    changed = [index for index, line in enumerate(lines) if line.kind != "same"]
    shown = {near for index in changed for near in range(index - CONTEXT, index + CONTEXT + 1)}
    skipped = 0
    for index, line in enumerate(lines):
        if index not in shown:
            skipped += 1
            continue
        if skipped:
            yield _gap(skipped)
            skipped = 0
        yield line
    if skipped and changed:
        yield _gap(skipped)


def _gap(count: int) -> Line:
    return Line("gap", (Piece(f"{count} unchanged line{'' if count == 1 else 's'}"),))
