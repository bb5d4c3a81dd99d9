"""Fit everything that turns a trained network into calibrated assessments, on rows it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.budget import Budgeted, threshold_for
from classifiers.calibration import Blend, Calibration, fit_band, fit_blend
from classifiers.contract import FALSE_ALARM_BUDGET, Sensitivity
from classifiers.engines.framing import FramingEngine, WindowReading
from classifiers.evaluation.metrics import best_cuts, calibration_error, f1
from classifiers.labelled import LabelledPassage
from classifiers.seedbank import SeedBank
from classifiers.taxonomy import TECHNIQUES, Technique
from classifiers.text.reading import read

PER_THOUSAND = 1000
_RARE = 12
"""Positives below which a technique takes the common cut."""

_GRID = np.round(np.arange(-3.0, 2.51, 0.25), 2)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the network said of rows: the window with the highest flag logit of each, and its resemblances."""

    windows: list[WindowReading]
    flag: Floats
    seed: Floats
    counter_seed: Floats
    steer: Floats

    def log_odds(self, blend: Blend) -> Floats:
        """Blend what was seen into log-odds, (rows,)."""
        return blend.logits(self.flag, self.seed, self.counter_seed, self.steer)


def calibrate(
    engine: FramingEngine, rows: Sequence[LabelledPassage], civil: Sequence[LabelledPassage]
) -> tuple[Calibration, dict[str, Any]]:
    """Return a calibration fitted on `rows` (labelled, raw) and `civil` (ordinary talk), and what was
    measured.

    Rows must be held out of training; those that are in the bank are left out of it while they are judged.
    """
    seen = _see(engine, rows, _without(engine.bank, rows))
    outcome = np.array([row.at_least_borderline for row in rows])
    blend = fit_blend(seen.flag, seen.seed, seen.counter_seed, outcome)
    odds = seen.log_odds(blend)
    score = _probability(odds)
    cuts, slope = _technique_cuts(seen.windows, rows)
    ordinary = _see(engine, civil, engine.bank)
    civil_score = _probability(ordinary.log_odds(blend))
    budgets = {s: threshold_for(civil_score, n / PER_THOUSAND) for s, n in FALSE_ALARM_BUDGET.items()}
    calibration = Calibration(
        blend=blend,
        thresholds={s: b.threshold for s, b in budgets.items()},
        band=fit_band(odds, outcome),
        technique_cuts=cuts,
        technique_slope=slope,
        evidence_cut=_evidence_cut(seen.windows, rows),
        grades=best_cuts(score, np.array([row.flag for row in rows], dtype=np.int64)),
    )
    return calibration, {
        "labelled_rows": len(rows),
        "calibration_error_in_sample": calibration_error(score, outcome),
        "budgets": {s.value: _told(b, FALSE_ALARM_BUDGET[s]) for s, b in budgets.items()},
    }


def _told(found: Budgeted, promised: int) -> dict[str, Any]:
    return {
        "promised_per_1000": promised,
        "rows": found.rows,
        "flagged": found.flagged,
        "upper_bound_per_1000": round(found.bound * PER_THOUSAND, 2),
        "is_kept": found.is_kept,
    }


def _without(bank: SeedBank, rows: Sequence[LabelledPassage]) -> SeedBank:
    for row_id in {row.id for row in rows} & {seed.id for seed in bank.seeds}:
        bank = bank.without(row_id)
    return bank


def _see(engine: FramingEngine, rows: Sequence[LabelledPassage], bank: SeedBank) -> _Seen:
    found = engine.read_windows([read(row.passage) for row in rows])
    worst = [max(windows, key=lambda w: w.flag) for windows in found]
    alike = bank.resemblances(np.stack([w.embedding for w in worst]))
    return _Seen(
        worst,
        np.array([w.flag for w in worst]),
        np.array([r.seed for r in alike]),
        np.array([r.counter_seed for r in alike]),
        np.array([r.steer for r in alike]),
    )


def _probability(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)


def _technique_cuts(
    windows: Sequence[WindowReading], rows: Sequence[LabelledPassage]
) -> tuple[dict[Technique, float], float]:
    """Choose each cut by F1, drawn halfway to the common one, which rare techniques take."""
    logits = np.stack([w.techniques for w in windows]).astype(np.float64)
    actual = np.array([[t in row.techniques for t in TECHNIQUES] for row in rows], dtype=np.bool_)
    common = float(max(_GRID, key=lambda cut: _f1_at(logits, actual, cut)))
    cuts: dict[Technique, float] = {}
    for i, technique in enumerate(TECHNIQUES):
        own = float(max(_GRID, key=lambda cut: _f1_at(logits[:, i], actual[:, i], cut)))
        cuts[technique] = common if actual[:, i].sum() < _RARE else (own + common) / 2
    return cuts, 1.0


def _f1_at(logits: Floats, actual: NDArray[np.bool_], cut: float) -> float:
    said = logits >= cut
    return f1(float((said & actual).sum()), float((said & ~actual).sum()), float((~said & actual).sum()))


def _evidence_cut(windows: Sequence[WindowReading], rows: Sequence[LabelledPassage]) -> float:
    """Choose the token logit with the best F1 over the tokens of flagged rows that have spans."""
    logits, inside = [], []
    for window, row in zip(windows, rows, strict=True):
        if not row.spans:
            continue
        reading = read(row.passage)
        for i, (start, end) in enumerate(window.tokens.offsets):
            place = reading.original(window.window.start + start, window.window.start + end)
            if place is not None:
                logits.append(float(window.evidence[i]))
                inside.append(any(place.start < s.end and place.end > s.start for s in row.spans))
    if not logits:
        return 0.0
    return float(max(_GRID, key=lambda cut: _f1_at(np.array(logits), np.array(inside, dtype=np.bool_), cut)))


def threshold_table(calibration: Calibration) -> dict[str, float]:
    """Return the thresholds by the sensitivity's wire name."""
    return {s.value: calibration.thresholds[s] for s in Sensitivity}
