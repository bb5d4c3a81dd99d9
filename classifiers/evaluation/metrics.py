"""The numbers by which a classifier is judged, in plain numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.contract import Span

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def roc_auc(scores: Floats, positive: Bools) -> float:
    """Return the chance that a positive outscores a negative, ties counted half; nan without both kinds."""
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mid_ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = float(mid_ranks[inverse][positive].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def recall_at_false_alarms(scores: Floats, positive: Bools, rate: float) -> float:
    """Return the share of positives above the threshold that at most `rate` of the negatives reach."""
    negatives = np.sort(scores[~positive])[::-1]
    allowed = int(np.floor(rate * len(negatives)))
    if not len(negatives) or not positive.any():
        return float("nan")
    threshold = negatives[allowed] if allowed < len(negatives) else -np.inf
    return float((scores[positive] > threshold).mean())


def quadratic_kappa(a: NDArray[np.int64], b: NDArray[np.int64], classes: int = 3) -> float:
    """Return Cohen's kappa with quadratic weights; 1.0 where both are one and the same constant."""
    observed = np.zeros((classes, classes))
    np.add.at(observed, (a, b), 1.0)
    weight = np.subtract.outer(np.arange(classes), np.arange(classes)) ** 2.0
    expected = np.outer(observed.sum(1), observed.sum(0)) / max(observed.sum(), 1.0)
    disagreement = float((weight * expected).sum())
    return 1.0 - float((weight * observed).sum()) / disagreement if disagreement else 1.0


def calibration_error(probability: Floats, outcome: Floats, bins: int = 10) -> float:
    """Return the expected calibration error over equally filled bins (Naeini et al. 2015, equal mass).

    `outcome` may be a share in [0, 1] where several people voted.
    """
    order = np.argsort(probability, kind="stable")
    gaps = [
        len(part) * abs(float(probability[part].mean()) - float(outcome[part].mean()))
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return float(sum(gaps) / len(probability)) if len(probability) else float("nan")


def f1(true_positive: float, false_positive: float, false_negative: float) -> float:
    """Return the harmonic mean of precision and recall; 0.0 where nothing was found."""
    total = 2 * true_positive + false_positive + false_negative
    return 2 * true_positive / total if total else 0.0


def macro_f1(predicted: Bools, actual: Bools) -> tuple[float, list[float]]:
    """Return the mean F1 over columns and the F1 of each; arrays are (rows, labels)."""
    each = [
        f1(float((p & a).sum()), float((p & ~a).sum()), float((~p & a).sum()))
        for p, a in zip(predicted.T, actual.T, strict=True)
    ]
    return float(np.mean(each)) if each else float("nan"), each


def best_cuts(scores: Floats, actual: NDArray[np.int64]) -> tuple[float, float]:
    """Return the two thresholds on `scores` that give the highest quadratic kappa with classes 0, 1, 2."""
    grid = np.unique(np.quantile(scores, np.linspace(0.02, 0.995, 60)))
    best, cuts = -2.0, (float(grid[0]), float(grid[-1]))
    for i, low in enumerate(grid):
        for high in grid[i:]:
            kappa = quadratic_kappa(grade(scores, (float(low), float(high))), actual)
            if kappa > best:
                best, cuts = kappa, (float(low), float(high))
    return cuts


def grade(scores: Floats, cuts: tuple[float, float]) -> NDArray[np.int64]:
    """Turn scores into 0 none, 1 borderline, 2 clear; cuts are inclusive."""
    return (scores >= cuts[0]).astype(np.int64) + (scores >= cuts[1])


def covered(spans: Sequence[Span], length: int) -> Bools:
    """Mark the characters of a text of `length` that any of `spans` covers; shape (length,)."""
    mask = np.zeros(length, dtype=np.bool_)
    for span in spans:
        mask[span.start : span.end] = True
    return mask
