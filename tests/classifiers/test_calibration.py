"""Probabilities mean what they say, and budgets are kept with a guarantee."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.budget import threshold_for, upper_bound
from classifiers.calibration import (
    Calibration,
    fit_band,
    fit_blend,
    flag_logit,
    load_calibration,
    save_calibration,
    sigmoid,
)
from classifiers.contract import FALSE_ALARM_BUDGET, Sensitivity, WeightsError
from classifiers.taxonomy import Technique


def _sample(rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 2, rows)
    return logit, (rng.random(rows) < 1 / (1 + np.exp(-(0.5 * logit - 1)))).astype(float)


def test_a_blend_finds_the_truth_it_was_drawn_from() -> None:
    logit, outcome = _sample()
    blend = fit_blend(logit, np.zeros_like(logit), np.zeros_like(logit), outcome)
    assert blend.logit == pytest.approx(0.5, abs=0.05)
    assert blend.bias == pytest.approx(-1.0, abs=0.1)


def test_no_seed_excuses_and_no_counter_seed_accuses() -> None:
    logit, outcome = _sample()
    rng = np.random.default_rng(1)
    blend = fit_blend(
        logit, -outcome + rng.normal(0, 1, len(logit)), outcome + rng.normal(0, 1, len(logit)), outcome
    )
    assert blend.seed == 0.0
    assert blend.counter_seed == 0.0


def test_the_flag_logit_rises_with_either_part() -> None:
    low = flag_logit(np.array([0.0]), np.array([-2.0]))
    assert flag_logit(np.array([1.0]), np.array([-2.0])) > low
    assert flag_logit(np.array([0.0]), np.array([-1.0])) > low


def test_the_band_holds_the_curve() -> None:
    logit, outcome = _sample()
    calibration = Calibration(band=fit_band(logit, outcome))
    interval = calibration.interval(0.0)
    assert interval is not None
    assert interval[0] < sigmoid(-1.0) < interval[1]
    assert Calibration().interval(0.0) is None


def test_a_technique_at_its_cut_scores_one_half() -> None:
    assert Calibration().technique_score(Technique.DOUBT, 0.0) == 0.5


@given(st.floats(-700, 700))
def test_the_logistic_function_never_overflows(x: float) -> None:
    assert 0.0 <= sigmoid(x) <= 1.0


def test_a_calibration_survives_the_disk(tmp_path: Path) -> None:
    calibration = Calibration(band=((-1.0, 0.1, 0.2), (1.0, 0.3, 0.4)))
    save_calibration(calibration, tmp_path / "c.json", measured={"rows": 3})
    assert load_calibration(tmp_path / "c.json") == calibration


def test_a_broken_calibration_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"blend": {}}')
    with pytest.raises(WeightsError, match=r"c\.json is not a calibration"):
        load_calibration(tmp_path / "c.json")


@pytest.mark.parametrize(("flagged", "rows", "bound"), [(0, 100, 0.0295), (5, 100, 0.1023), (10, 10, 1.0)])
def test_the_bound_is_the_exact_one(flagged: int, rows: int, bound: float) -> None:
    assert upper_bound(flagged, rows) == pytest.approx(bound, abs=2e-4)


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_a_threshold_keeps_its_budget(sensitivity: Sensitivity) -> None:
    scores = np.random.default_rng(2).random(2500)
    budget = FALSE_ALARM_BUDGET[sensitivity] / 1000
    found = threshold_for(scores, budget)
    assert found.is_kept
    assert found.bound <= budget
    assert (scores >= found.threshold).sum() == found.flagged
    assert upper_bound(found.flagged + 1, found.rows) > budget


def test_too_few_rows_promise_nothing() -> None:
    found = threshold_for(np.array([0.1, 0.2, 0.3]), 0.002)
    assert not found.is_kept
    assert found.threshold > 0.3


def test_equal_scores_are_flagged_together_or_not_at_all() -> None:
    found = threshold_for(np.full(3000, 0.5), 0.015)
    assert found.flagged == 0
