"""Measure judged passages: ranking, grading, techniques, evidence, calibration, and every corner apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from classifiers.contract import Assessment, Sensitivity
from classifiers.evaluation.judged import Judged
from classifiers.evaluation.metrics import (
    calibration_error,
    covered,
    f1,
    grade,
    macro_f1,
    quadratic_kappa,
    recall_at_false_alarms,
    roc_auc,
)
from classifiers.labelled import LabelledPassage
from classifiers.taxonomy import TECHNIQUES

Measures = dict[str, Any]

FREQUENT = 8
"""How many of the most frequent techniques the macro-F1 is taken over."""

_FEW_ROWS = 25
"""A corner with fewer rows is not shown: its numbers would be noise."""

_FALSE_ALARMS = 0.01
_LENGTHS = ((0, 80, "up to 80 letters"), (80, 240, "81 to 240"), (240, 10**9, "over 240"))


def measure(judged: Judged, grades: tuple[float, float], thresholds: Mapping[Sensitivity, float]) -> Measures:
    """Return all measures as plain numbers; `grades` are the scores of borderline and clear."""
    return {
        **ranking(judged),
        "kappa": round(quadratic_kappa(grade(judged.scores, grades), judged.flags), 4),
        "calibration_error": _rounded(calibration_error(judged.scores, _share_flagged(judged))),
        "not_evaluated": sum(not a.is_evaluated for a in judged.assessments),
        "sensitivities": {s.value: _at(judged, thresholds[s]) for s in Sensitivity},
        "techniques": techniques(judged),
        "evidence_token_f1": _rounded(evidence_f1(judged)),
        "corners": corners(judged),
    }


def ranking(judged: Judged) -> Measures:
    """Return how well the scores rank clear above none, and any above none."""
    scores, flags = judged.scores, judged.flags
    decided = flags != 1
    return {
        "rows": len(flags),
        "clear": int((flags == 2).sum()),
        "borderline": int((flags == 1).sum()),
        "auc_clear": _rounded(roc_auc(scores[decided], flags[decided] == 2)),
        "auc_any": _rounded(roc_auc(scores, flags >= 1)),
        "recall_at_1_percent": _rounded(
            recall_at_false_alarms(scores[decided], flags[decided] == 2, _FALSE_ALARMS)
        ),
    }


def _share_flagged(judged: Judged) -> Any:
    return np.array([row.at_least_borderline for row in judged.rows])


def _at(judged: Judged, threshold: float) -> Measures:
    flagged, flags = judged.scores >= threshold, judged.flags
    return {
        "threshold": _rounded(threshold),
        "recall_of_clear": _rounded(_mean(flagged[flags == 2])),
        "flagged_of_none": _rounded(_mean(flagged[flags == 0])),
        "precision_any": _rounded(_mean(flags[flagged] >= 1)),
    }


def techniques(judged: Judged) -> Measures:
    """Return the macro-F1 over the most frequent techniques and the F1 of each, with its positives."""
    actual, named = judged.labelled, judged.named
    order = np.argsort(-actual.sum(0), kind="stable")
    mean, _ = macro_f1(named[:, order[:FREQUENT]], actual[:, order[:FREQUENT]])
    _, each = macro_f1(named, actual)
    return {
        "macro_f1_frequent": _rounded(mean),
        "each": {
            TECHNIQUES[i].value: {"positives": int(actual[:, i].sum()), "f1": _rounded(each[i])}
            for i in order
            if actual[:, i].any()
        },
    }


def evidence_f1(judged: Judged) -> float:
    """Return the F1 over characters of words between the model's spans and people's, on flagged rows that
    have both.

    Only rows that people flagged and quoted count; a row where the model names nothing counts as all missed.
    """
    found = np.zeros(3)
    for row, assessment in zip(judged.rows, judged.assessments, strict=True):
        if row.spans:
            found += _overlap(row, assessment)
    return f1(*found.tolist())


def _overlap(row: LabelledPassage, assessment: Assessment) -> Any:
    letters = np.array([c.isalnum() for c in row.text])
    said = covered([t.span for t in assessment.techniques if t.span], len(row.text)) & letters
    meant = covered(row.spans, len(row.text)) & letters
    return np.array([(said & meant).sum(), (said & ~meant).sum(), (~said & meant).sum()], dtype=np.float64)


def corners(judged: Judged) -> Measures:
    """Return the ranking by source, topic, side and length, so that a weak corner shows."""
    kinds: dict[str, Callable[[LabelledPassage], str]] = {
        "source": lambda row: row.source,
        "topic": lambda row: row.topic.lower(),
        "side": lambda row: row.side.lower(),
        "length": lambda row: next(name for low, high, name in _LENGTHS if low <= len(row.text) < high),
    }
    return {kind: _corner(judged, key) for kind, key in kinds.items()}


def _corner(judged: Judged, key: Callable[[LabelledPassage], str]) -> Measures:
    counts: dict[str, int] = defaultdict(int)
    for row in judged.rows:
        counts[key(row)] += 1
    names = sorted(name for name, count in counts.items() if name and count >= _FEW_ROWS)
    return {name: ranking(judged.only(lambda row, name=name: key(row) == name)) for name in names}  # type: ignore[misc]


def false_alarms(assessments: list[Assessment], thresholds: Mapping[Sensitivity, float]) -> Measures:
    """Return flags per 1,000 ordinary messages at each sensitivity."""
    scores = np.array([a.score for a in assessments])
    return {
        "rows": len(scores),
        **{s.value: round(1000 * float((scores >= thresholds[s]).mean()), 2) for s in Sensitivity},
    }


def _mean(values: Any) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 4)
