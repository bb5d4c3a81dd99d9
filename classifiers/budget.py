"""Find the threshold that keeps false alarms within a budget, with a finite-sample guarantee."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
"""How sure the bound on the false-alarm rate is, one-sided."""

_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Budgeted:
    """A threshold, how many of the calibration rows reach it, and the upper bound on its rate (a share)."""

    threshold: float
    flagged: int
    rows: int
    bound: float
    is_kept: bool


def upper_bound(flagged: int, rows: int, confidence: float = CONFIDENCE) -> float:
    """Return the exact one-sided upper confidence bound of a rate, a share in [0, 1].

    Clopper and Pearson (1934), Biometrika 26: the largest rate at which `flagged` or fewer of `rows` would
    still be seen with probability 1 - confidence.
    """
    if flagged >= rows:
        return 1.0
    low, high = flagged / rows, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(flagged, rows, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(successes: int, rows: int, rate: float) -> float:
    """Return the binomial probability of at most `successes`."""
    if rate <= 0.0:
        return 1.0
    if rate >= 1.0:
        return float(successes >= rows)
    log_odds, log_miss = math.log(rate), math.log1p(-rate)
    return math.fsum(
        math.exp(
            math.lgamma(rows + 1)
            - math.lgamma(k + 1)
            - math.lgamma(rows - k + 1)
            + k * log_odds
            + (rows - k) * log_miss
        )
        for k in range(successes + 1)
    )


def threshold_for(scores: Floats, budget: float, confidence: float = CONFIDENCE) -> Budgeted:
    """Return the lowest threshold whose bounded false-alarm rate on ordinary `scores` is within `budget` (a
    share).

    The threshold lies just above the highest score that must not be flagged. Where the rows are too few to
    promise the budget at all, `is_kept` is False and the threshold lies above every row seen. Searching the
    order statistics makes this the fixed-sequence testing of Angelopoulos et al. (2021), "Learn then Test",
    from strict to lax.
    """
    ordered = np.sort(scores)[::-1]
    rows, allowed = len(ordered), -1
    while allowed + 1 < rows and upper_bound(allowed + 1, rows, confidence) <= budget:
        allowed += 1
    flagged = max(allowed, 0)
    threshold = _just_above(float(ordered[flagged])) if flagged < rows else 0.0
    reached = int((scores >= threshold).sum())
    return Budgeted(threshold, reached, rows, upper_bound(reached, rows, confidence), is_kept=allowed >= 0)


def _just_above(score: float) -> float:
    return min(1.0, float(np.nextafter(score, 2.0)))
