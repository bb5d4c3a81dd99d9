"""Turn what a network says into a probability that means what it says."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.contract import Sensitivity, WeightsError
from classifiers.taxonomy import TECHNIQUES, Technique

Floats = NDArray[np.float64]

_NEWTON_STEPS = 60
_RIDGE = 1e-2
"""Weight of the quadratic penalty that keeps coefficients finite on separable rows."""

_SURE = 1e-6

STEERING = 16.0
"""Log-odds per unit of cosine beyond the point where a steering seed begins to weigh.

A close paraphrase of one (cosine 0.75) gains 4, which is from 5 % to 75 %.
"""


@dataclass(frozen=True, slots=True)
class Blend:
    """A logistic blend of the network's flag logit with what the seed bank says.

    `seed` and `counter_seed` weigh the cosines to the nearest of either kind; `steer` weighs how closely a
    text follows a steering seed. That weight is a policy, not a fit: a person who adds a seed means it.
    """

    logit: float = 1.0
    seed: float = 0.0
    counter_seed: float = 0.0
    bias: float = 0.0
    steer: float = STEERING

    def logits(self, flag: Floats, seed: Floats, counter_seed: Floats, steer: Floats) -> Floats:
        """Blend arrays of equal shape into log-odds."""
        near = self.seed * seed + self.counter_seed * counter_seed + self.steer * steer
        return self.logit * flag + near + self.bias


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything fitted on held-out rows.

    `band` lists (log-odds, low, high): the 95 % range of the probability there. `technique_cuts` are the
    logits from which a technique is named, `technique_slope` the steepness of its score around that cut
    (0.5 at the cut); `evidence_cut` is the logit from which a token counts as evidence. `grades` are the
    scores from which a text is graded borderline and clear.
    """

    blend: Blend = Blend()
    thresholds: Mapping[Sensitivity, float] = field(
        default_factory=lambda: {Sensitivity.LOW: 0.9, Sensitivity.BALANCED: 0.8, Sensitivity.HIGH: 0.6}
    )
    band: tuple[tuple[float, float, float], ...] = ()
    technique_cuts: Mapping[Technique, float] = field(default_factory=lambda: dict.fromkeys(TECHNIQUES, 0.0))
    technique_slope: float = 1.0
    evidence_cut: float = 0.0
    grades: tuple[float, float] = (0.5, 0.8)

    def interval(self, log_odds: float) -> tuple[float, float] | None:
        """Return the 95 % range of the probability at `log_odds`; None where none was fitted."""
        if not self.band:
            return None
        at, low, high = np.array(self.band).T
        return float(np.interp(log_odds, at, low)), float(np.interp(log_odds, at, high))

    def technique_score(self, technique: Technique, logit: float) -> float:
        """Return how likely a technique is, 0.5 where it is just named."""
        return sigmoid(self.technique_slope * (logit - self.technique_cuts[technique]))


def sigmoid(x: float) -> float:
    """Return the logistic function without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def flag_logit(at_least_borderline: Floats, clear: Floats) -> Floats:
    """Merge two cumulative logits into the log-odds of their mean probability: it rises with either."""
    mean = 0.5 * (_probability(at_least_borderline) + _probability(clear))
    mean = np.clip(mean, _SURE, 1 - _SURE)
    return np.asarray(np.log(mean / (1 - mean)), dtype=np.float64)


def _probability(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float64)


def fit_logistic(features: Floats, target: Floats, weight: Floats | None = None) -> Floats:
    """Fit logistic regression by Newton's method; the last column of `features` (rows, k) should be ones.

    `target` is (rows,) in [0, 1]. Returns the k coefficients.
    """
    coefficients = np.zeros(features.shape[1])
    rows_weight = np.ones(len(target)) if weight is None else weight
    penalty = _RIDGE * np.eye(features.shape[1])
    for _ in range(_NEWTON_STEPS):
        p = _probability(features @ coefficients)
        gradient = features.T @ (rows_weight * (target - p)) - penalty @ coefficients
        curvature = (features * (rows_weight * p * (1 - p))[:, None]).T @ features + penalty
        step = np.linalg.solve(curvature, gradient)
        coefficients = coefficients + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return coefficients


def fit_blend(flag: Floats, seed: Floats, counter_seed: Floats, target: Floats) -> Blend:
    """Fit a `Blend`; a weight of the wrong sign becomes zero: no seed excuses, no counter-seed accuses."""
    columns = [flag, seed, counter_seed]
    used = [0, 1, 2]
    while True:
        features = np.column_stack([*(columns[i] for i in used), np.ones_like(flag)])
        fitted = dict(zip([*used, 3], fit_logistic(features, target).tolist(), strict=True))
        wrong = [i for i in used if (fitted[i] > 0) if i == 2] + [i for i in used if i == 1 and fitted[i] < 0]
        if not wrong:
            return Blend(fitted[0], fitted.get(1, 0.0), fitted.get(2, 0.0), fitted[3])
        used = [i for i in used if i not in wrong]


def fit_band(
    log_odds: Floats, target: Floats, *, draws: int = 200, seed: int = 0
) -> tuple[tuple[float, float, float], ...]:
    """Bootstrap the calibration curve; returns (log-odds, 2.5 %, 97.5 %) on an even grid from -8 to 8."""
    rng = np.random.default_rng(seed)
    grid = np.linspace(-8.0, 8.0, 33)
    curves = []
    for _ in range(draws):
        pick = rng.integers(0, len(target), len(target))
        features = np.column_stack([log_odds[pick], np.ones(len(pick))])
        slope, bias = fit_logistic(features, target[pick])
        curves.append(_probability(slope * grid + bias))
    low, high = np.quantile(np.array(curves), [0.025, 0.975], axis=0)
    return tuple(
        (round(float(g), 3), round(float(a), 5), round(float(b), 5))
        for g, a, b in zip(grid, low, high, strict=True)
    )


def load_calibration(path: Path) -> Calibration:
    """Read a calibration file; raise `WeightsError` naming the file and the field that is wrong."""
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(
            blend=Blend(**raw["blend"]),
            thresholds={Sensitivity(k): float(v) for k, v in raw["thresholds"].items()},
            band=tuple((float(a), float(b), float(c)) for a, b, c in raw["band"]),
            technique_cuts={Technique(k): float(v) for k, v in raw["technique_cuts"].items()},
            technique_slope=float(raw["technique_slope"]),
            evidence_cut=float(raw["evidence_cut"]),
            grades=(float(raw["grades"][0]), float(raw["grades"][1])),
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise WeightsError(f"{path} is not a calibration ({error}): restore it or run `calibrate`") from None


def save_calibration(calibration: Calibration, path: Path, *, measured: Mapping[str, Any]) -> None:
    """Write a calibration as JSON, with what was measured when it was fitted under the key "measured"."""
    raw = {**asdict(calibration), "measured": dict(measured)}
    path.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")


def as_floats(values: Sequence[float]) -> Floats:
    """Return a float64 array of shape (values,)."""
    return np.asarray(values, dtype=np.float64)
