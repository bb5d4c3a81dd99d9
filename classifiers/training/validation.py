"""Measure a network in training on rows it does not see, by genre."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.calibration import flag_logit
from classifiers.engines.network import FramingNetwork
from classifiers.engines.tokens import PassageTokenizer, collate
from classifiers.evaluation.metrics import (
    best_cuts,
    grade,
    macro_f1,
    quadratic_kappa,
    recall_at_false_alarms,
    roc_auc,
)
from classifiers.labelled import LabelledPassage
from classifiers.taxonomy import TECHNIQUES

_BATCH = 64
_FREQUENT = 8
_CUTS = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5)

Measures = dict[str, dict[str, float]]


def validate(
    network: FramingNetwork,
    tokenizer: PassageTokenizer,
    rows: Sequence[LabelledPassage],
    *,
    device: str = "cpu",
) -> Measures:
    """Return measures by genre, with and without context; an empty dict where there are no rows."""
    by_genre: dict[str, list[LabelledPassage]] = defaultdict(list)
    for row in rows:
        by_genre[row.genre].append(row)
    measures: Measures = {}
    for genre, part in sorted(by_genre.items()):
        flag, alone, techniques = logits(network, tokenizer, part, device=device)
        measures[genre] = {
            **flag_measures(flag, part),
            **pair_measures(flag, part),
            "techniques_macro_f1": _techniques(techniques, part),
            "alone_auc_clear": flag_measures(alone, part)["auc_clear"],
            "alone_auc_any": flag_measures(alone, part)["auc_any"],
        }
    return measures


@torch.inference_mode()
def logits(
    network: FramingNetwork,
    tokenizer: PassageTokenizer,
    rows: Sequence[LabelledPassage],
    *,
    device: str = "cpu",
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return merged flag logits with and without the context, (rows,), and technique logits, (rows, 22)."""
    network.eval()
    tokens = tokenizer.encode([row.passage for row in rows])
    order = sorted(range(len(rows)), key=lambda i: len(tokens[i].ids))
    flag, alone = np.zeros(len(rows)), np.zeros(len(rows))
    techniques = np.zeros((len(rows), len(TECHNIQUES)))
    for start in range(0, len(order), _BATCH):
        chosen = order[start : start + _BATCH]
        said = network(collate([tokens[i] for i in chosen], device=device))
        for found, logit in ((flag, said.flag), (alone, said.alone)):
            two = logit.double().cpu().numpy()
            found[chosen] = flag_logit(two[:, 0], two[:, 1])
        techniques[chosen] = said.techniques.double().cpu().numpy()
    return flag, alone, techniques


def flag_measures(scores: NDArray[np.float64], rows: Sequence[LabelledPassage]) -> dict[str, float]:
    """Return ranking measures of scores (rows,) against the rows' consensus."""
    flags = np.array([row.flag for row in rows], dtype=np.int64)
    decided = flags != 1
    return {
        "rows": float(len(rows)),
        "auc_clear": roc_auc(scores[decided], flags[decided] == 2),
        "auc_any": roc_auc(scores, flags >= 1),
        "recall_at_1_percent": recall_at_false_alarms(scores[decided], flags[decided] == 2, 0.01),
        "kappa": quadratic_kappa(grade(scores, best_cuts(scores, flags)), flags),
    }


def pair_measures(scores: NDArray[np.float64], rows: Sequence[LabelledPassage]) -> dict[str, float]:
    """Return how often minimal pairs are ranked right, and the mean gap of side-swap pairs in probability."""
    places: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if row.pair_id:
            places[row.pair_id].append(i)
    ranked, gaps = [], []
    probability = 1.0 / (1.0 + np.exp(-scores))
    for pair in (p for p in places.values() if len(p) == 2):
        low, high = sorted(pair, key=lambda i: rows[i].flag)
        if rows[low].flag < rows[high].flag:
            ranked.append(float(scores[high] > scores[low]))
        elif rows[low].kind == "side-swap":
            gaps.append(float(abs(probability[high] - probability[low])))
    return {
        "minimal_pairs": float(np.mean(ranked)) if ranked else float("nan"),
        "side_swap_gap": float(np.mean(gaps)) if gaps else float("nan"),
    }


def _techniques(scores: NDArray[np.float64], rows: Sequence[LabelledPassage]) -> float:
    actual = np.array([[t in row.techniques for t in TECHNIQUES] for row in rows], dtype=np.bool_)
    frequent = np.argsort(-actual.sum(0))[:_FREQUENT]
    return max(macro_f1(scores[:, frequent] >= cut, actual[:, frequent])[0] for cut in _CUTS)
