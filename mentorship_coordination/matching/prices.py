"""What the mentors' places are worth, guessed from a sample of the students: the start of the search, never a proof.

Students spread over the mentors by a soft choice that hardens round by round; a mentor whom too many choose gets
dearer, in proportion to the logarithm of the excess (Sinkhorn's scaling). Source: architecture.md §9.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mentorship_coordination.matching.market import UNITS, Ints, Market

Values = npt.NDArray[np.float32]

ROUNDS: Final = 25
#: Softness of the choice, in parts of the highest score, from the first round to the last.
SOFT, HARD = 0.10, 0.008
MOST_SAMPLED_PAIRS: Final = 5_000_000
LEAST_SAMPLED: Final = 1000
BLOCK: Final = 256


def guess_prices(market: Market, seed: int = 0) -> Ints:
    """(K,) in units, from 0. The same for the same market."""
    scale = np.float32(max(1, market.most_points))
    sample = _sample(market, seed)
    values = _values(market, sample, scale)
    share = len(sample) / max(1, market.students)
    places = np.maximum(market.places, 1).astype(np.float32) * np.float32(share)
    prices = np.zeros(market.mentors, np.float32)
    mean = np.zeros(market.mentors, np.float64)
    last_rounds = ROUNDS - ROUNDS * 3 // 4
    for turn in range(ROUNDS):
        softness = np.float32(SOFT * (HARD / SOFT) ** (turn / (ROUNDS - 1)))
        wanted = _wanted(values, prices, softness)
        excess = np.log(np.maximum(wanted, 1e-3) / places)
        prices = np.maximum(prices + 0.7 * softness * np.clip(excess, -4, 4), 0).astype(np.float32)
        if turn >= ROUNDS - last_rounds:
            mean += prices
    return np.rint(mean / last_rounds * scale * UNITS).astype(np.int64)


def _values(market: Market, sample: Ints, scale: np.float32) -> Values:
    """(sample, K) in parts of the highest score; far below nothing where forbidden."""
    pairs = market.pairs
    values = np.full((len(sample), market.mentors), -4, np.float32)
    for row, student in enumerate(sample.tolist()):
        begin, end = pairs.first[student], pairs.first[student + 1]
        values[row, pairs.mentor[begin:end]] = pairs.points[begin:end] / scale
    return values


def _sample(market: Market, seed: int) -> Ints:
    by_memory = min(2 * market.mentors, MOST_SAMPLED_PAIRS // max(1, market.mentors))
    count = min(market.students, max(LEAST_SAMPLED, by_memory))
    return np.sort(np.random.default_rng(seed).choice(market.students, count, replace=False))


def _wanted(values: Values, prices: Values, softness: np.float32) -> Values:
    """How many students choose each mentor, counted in fractions."""
    wanted = np.zeros(values.shape[1], np.float32)
    scratch = np.empty((BLOCK, values.shape[1]), np.float32)
    for start in range(0, len(values), BLOCK):
        rows = values[start : start + BLOCK]
        weight = scratch[: len(rows)]
        np.subtract(rows, prices, out=weight)
        # To stay alone is worth as much as the best pair takes away: -1 on this scale.
        most = np.maximum(weight.max(axis=1), np.float32(-1))
        weight -= most[:, None]
        weight /= softness
        np.exp(weight, out=weight)
        total = weight.sum(axis=1) + np.exp((-1 - most) / softness)
        wanted += (1 / total) @ weight
    return wanted
