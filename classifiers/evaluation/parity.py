"""Ask whether both sides are judged alike, and whether a reason makes the difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from classifiers.contract import Sensitivity
from classifiers.evaluation.judged import Judged


def parity(judged: Judged, threshold: float) -> dict[str, Any]:
    """Return what becomes of pairs; None where there is no such pair.

    The mean gap of side-swap pairs, how often their flag flips at `threshold`, and how often minimal pairs
    are ranked right.
    """
    gaps, flips, ranked = [], [], []
    for first, second in _pairs(judged):
        rows = judged.rows[first], judged.rows[second]
        scores = judged.assessments[first].score, judged.assessments[second].score
        if rows[0].flag != rows[1].flag:
            low, high = sorted((0, 1), key=lambda i: rows[i].flag)
            ranked.append(scores[high] > scores[low])
        elif rows[0].kind == "side-swap":
            gaps.append(abs(scores[0] - scores[1]))
            flips.append((scores[0] >= threshold) != (scores[1] >= threshold))
    return {
        "side_swap_pairs": len(gaps),
        "mean_gap": _mean(gaps),
        "flips": _mean(flips),
        "minimal_pairs": len(ranked),
        "ranked_right": _mean(ranked),
    }


def swapped_gap(original: Judged, swapped: Judged, threshold: float) -> dict[str, Any]:
    """Compare rows with themselves after the sides they name changed places; others are skipped."""
    changed = [
        (a.score, b.score)
        for row, other, a, b in zip(
            original.rows, swapped.rows, original.assessments, swapped.assessments, strict=True
        )
        if row.text != other.text
    ]
    return {
        "rows": len(changed),
        "mean_gap": _mean([abs(a - b) for a, b in changed]),
        "flips": _mean([(a >= threshold) != (b >= threshold) for a, b in changed]),
    }


def by_side(judged: Judged, thresholds: dict[Sensitivity, float]) -> dict[str, Any]:
    """Return for each side how many plain rows reach each threshold, as shares."""
    plain: dict[str, list[float]] = defaultdict(list)
    for row, assessment in zip(judged.rows, judged.assessments, strict=True):
        if row.flag == 0 and row.side:
            plain[row.side.lower()].append(assessment.score)
    return {
        side: {
            "rows": len(scores),
            **{s.value: _mean([x >= t for x in scores]) for s, t in thresholds.items()},
        }
        for side, scores in sorted(plain.items())
        if len(scores) >= 10
    }


def _pairs(judged: Judged) -> list[tuple[int, int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(judged.rows):
        if row.pair_id:
            places[row.pair_id].append(i)
    return [(p[0], p[1]) for p in places.values() if len(p) == 2]


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None
