"""Sets of instants as ordered, disjoint, half-open bounds in microseconds since 1970 (product.md §3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Bounds = tuple[int, int]


def joined(bounds: Iterable[Bounds]) -> list[Bounds]:
    """`bounds` in order, overlapping and touching ones made one, empty ones left out."""
    found: list[Bounds] = []
    for begin, finish in sorted(bounds):
        if begin >= finish:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], finish))
        else:
            found.append((begin, finish))
    return found


def common(first: Sequence[Bounds], second: Sequence[Bounds]) -> list[Bounds]:
    """What lies in both. Each is ordered and disjoint."""
    found: list[Bounds] = []
    i = j = 0
    while i < len(first) and j < len(second):
        begin, finish = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if begin < finish:
            found.append((begin, finish))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return found


def without(bounds: Sequence[Bounds], removed: Sequence[Bounds]) -> list[Bounds]:
    """What lies in `bounds` and not in `removed`. Each is ordered and disjoint."""
    found: list[Bounds] = []
    first = 0
    for begin, finish in bounds:
        position = begin
        while first < len(removed) and removed[first][1] <= begin:
            first += 1
        for cut_begin, cut_finish in removed[first:]:
            if cut_begin >= finish:
                break
            if position < cut_begin:
                found.append((position, cut_begin))
            position = max(position, cut_finish)
        if position < finish:
            found.append((position, finish))
    return found
