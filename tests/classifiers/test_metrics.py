"""The measures themselves are right."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.contract import Assessment, Sensitivity, Span, TechniqueScore
from classifiers.evaluation import metrics
from classifiers.evaluation.judged import Judged
from classifiers.evaluation.measures import evidence_f1, false_alarms, measure
from classifiers.evaluation.parity import by_side, parity
from classifiers.evaluation.report import markdown, table
from classifiers.labelled import LabelledPassage
from classifiers.taxonomy import Technique

_THRESHOLDS = {Sensitivity.LOW: 0.9, Sensitivity.BALANCED: 0.7, Sensitivity.HIGH: 0.5}


def _row(row_id: str, vote: int, *, pair: str = "", kind: str = "", side: str = "") -> LabelledPassage:
    text = "so you want war then"
    flagged = frozenset({Technique.STRAW_MAN}) if vote else frozenset()
    spans = (Span(0, 11),) if vote else ()
    return LabelledPassage(row_id, text, "", (vote,), flagged, spans, "g", "s", row_id, pair, kind, "", side)


def _said(score: float, span: Span | None = None) -> Assessment:
    named = (TechniqueScore(Technique.STRAW_MAN, 0.8, span),) if span else ()
    return Assessment(score, "m", named)


def test_auc_counts_ties_half() -> None:
    scores = np.array([0.1, 0.5, 0.5, 0.9])
    assert metrics.roc_auc(scores, np.array([False, False, True, True])) == pytest.approx(0.875)
    assert np.isnan(metrics.roc_auc(scores, np.zeros(4, dtype=bool)))


def test_recall_at_a_false_alarm_rate_counts_above_the_last_allowed() -> None:
    scores = np.array([0.95, 0.9, *np.linspace(0, 0.8, 101)])
    positive = np.array([True, False, *([False] * 100), True])
    assert metrics.recall_at_false_alarms(scores, positive, 0.0) == 0.5
    assert metrics.recall_at_false_alarms(scores, positive, 0.01) == 1.0


def test_kappa_of_equals_is_one_and_of_opposites_negative() -> None:
    a = np.array([0, 1, 2, 2])
    assert metrics.quadratic_kappa(a, a) == 1.0
    assert metrics.quadratic_kappa(a, 2 - a) < 0


def test_perfect_probabilities_have_no_calibration_error() -> None:
    probability = np.repeat([0.2, 0.8], 50)
    outcome = np.concatenate([np.repeat([1.0, 0.0], [10, 40]), np.repeat([1.0, 0.0], [40, 10])])
    assert metrics.calibration_error(probability, outcome, bins=2) == pytest.approx(0.0)


def test_the_best_cuts_separate_the_grades() -> None:
    scores = np.linspace(0, 1, 90)
    actual = np.repeat([0, 1, 2], 30)
    assert metrics.quadratic_kappa(metrics.grade(scores, metrics.best_cuts(scores, actual)), actual) > 0.95


def test_evidence_is_measured_by_letters() -> None:
    rows = (_row("a", 2), _row("b", 2), _row("c", 0))
    said = (_said(0.9, Span(0, 11)), _said(0.9), _said(0.9, Span(0, 5)))
    assert evidence_f1(Judged(rows, said)) == pytest.approx(2 / 3)


def test_pairs_are_compared() -> None:
    rows = (
        _row("a", 2, pair="m", kind="minimal-pair"),
        _row("b", 0, pair="m", kind="minimal-pair"),
        _row("c", 2, pair="s", kind="side-swap"),
        _row("d", 2, pair="s", kind="side-swap"),
    )
    found = parity(Judged(rows, (_said(0.9), _said(0.1), _said(0.8), _said(0.6))), 0.7)
    assert (found["ranked_right"], found["mean_gap"], found["flips"]) == (1.0, pytest.approx(0.2), 1.0)


def test_no_pairs_no_numbers() -> None:
    assert parity(Judged((_row("a", 0),), (_said(0.1),)), 0.5)["mean_gap"] is None


def test_plain_rows_are_counted_by_side() -> None:
    rows = tuple(_row(str(i), 0, side="Left") for i in range(12))
    said = tuple(_said(0.6 if i < 3 else 0.1) for i in range(12))
    assert by_side(Judged(rows, said), _THRESHOLDS)["left"] == {
        "rows": 12,
        "low": 0.0,
        "balanced": 0.0,
        "high": 0.25,
    }


def test_false_alarms_are_counted_per_thousand() -> None:
    found = false_alarms([_said(0.95), _said(0.6), _said(0.1), _said(0.1)], _THRESHOLDS)
    assert (found["low"], found["balanced"], found["high"]) == (250.0, 250.0, 500.0)


def test_a_report_has_every_corner() -> None:
    rows = tuple(_row(str(i), 2 * (i % 2), side="left") for i in range(60))
    said = tuple(_said(0.9, Span(0, 11)) if i % 2 else _said(0.1) for i in range(60))
    found = measure(Judged(rows, said), (0.3, 0.6), _THRESHOLDS)
    assert (found["auc_clear"], found["kappa"], found["evidence_token_f1"]) == (1.0, 1.0, 1.0)
    assert found["corners"]["side"]["left"]["rows"] == 60
    assert "## By side" in markdown(found, "title")


def test_a_table_shows_a_dash_for_nothing() -> None:
    assert table(("a", "b"), [(1, None)]).splitlines()[-1] == "| 1 | – |"
