"""Measure everything the model card promises and write the card."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.contract import Passage, Sensitivity
from classifiers.engines.framing import FramingEngine
from classifiers.evaluation.attacks import attacks
from classifiers.evaluation.judged import Judged, assessed, judge
from classifiers.evaluation.measures import false_alarms, measure
from classifiers.evaluation.metrics import roc_auc
from classifiers.evaluation.parity import by_side, parity, swapped_gap
from classifiers.factory import build_engine
from classifiers.labelled import LabelledPassage, read_labelled
from classifiers.training.augment import with_sides_swapped
from classifiers.training.card_text import card_text
from classifiers.training.corpus import AUTHORED, NATURAL
from classifiers.training.pipeline import divide

Note = Callable[[str], None]
"""Told what is being measured now."""

_ATTACKED = 200
_REPLIES = 20
_PARENTS = 50


def write_card(
    data: Path, out: Path, figures: Path, weights: Path, seeds: Path, threads: int, note: Note
) -> None:
    """Write the card to `out` and every figure in it to `figures` as JSON; raise `RowsError` for bad data."""
    engine = build_engine(weights=weights, seeds=seeds, threads=threads)
    found = measure_all(engine, data, seeds, note)
    manifest = json.loads((weights / "manifest.json").read_text(encoding="utf-8"))
    calibration = json.loads((weights / "calibration.json").read_text(encoding="utf-8"))
    agreement = json.loads((seeds / "labels" / "agreement.json").read_text(encoding="utf-8"))
    found = {**found, "manifest": manifest, "calibration": calibration["measured"], "agreement": agreement}
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    out.write_text(card_text(found), encoding="utf-8")


def measure_all(engine: FramingEngine, data: Path, seeds: Path, note: Note) -> dict[str, Any]:
    """Return every figure of the card; rows that are judged are taken out of the bank first."""
    thresholds, grades = engine.info.thresholds, engine.calibration.grades
    rows = divide(seeds, data)
    for row in rows.measured:
        engine.remove_seed(row.id)
    note("natural benchmark")
    natural = judge(engine, read_labelled(data / "benchmark" / "natural_dev.jsonl", NATURAL))
    note("held-out rows")
    held_out = judge(engine, rows.measured)
    authored = held_out.only(lambda row: row.genre == AUTHORED)
    note("ordinary talk")
    civil = judge(engine, rows.civil_measured)
    balanced = thresholds[Sensitivity.BALANCED]
    note("sides")
    swapped = judge(engine, [with_sides_swapped(row) for row in natural.rows])
    return {
        "model": engine.info.model_id,
        "rows": {
            "training": len(rows.training),
            "calibration": len(rows.calibration),
            "measured": len(rows.measured),
            "training_authored": sum(row.genre == AUTHORED for row in rows.training),
        },
        "natural": measure(natural, grades, thresholds),
        "held_out_natural": measure(held_out.only(lambda row: row.genre == NATURAL), grades, thresholds),
        "held_out_authored": measure(authored, grades, thresholds),
        "civil": false_alarms(list(civil.assessments), thresholds),
        "parity": parity(authored, balanced),
        "sides_swapped": swapped_gap(natural, swapped, balanced),
        "plain_by_side": by_side(authored, dict(thresholds)),
        "attacks": attacked(engine, held_out, note),
        "parents": under_parents(engine, rows.measured, balanced, note),
    }


def attacked(engine: FramingEngine, judged: Judged, note: Note) -> dict[str, Any]:
    """Return the AUC of clear against none before and after each attack on both kinds of rows."""
    part = judged.only(lambda row: row.flag != 1)
    part = Judged(part.rows[:_ATTACKED], part.assessments[:_ATTACKED])
    clear = part.flags == 2
    before = roc_auc(part.scores, clear)
    costs: dict[str, Any] = {"untouched": round(before, 4)}
    for name, attack in attacks().items():
        note(name)
        rng = random.Random(0)  # noqa: S311 - the same disguises every time
        texts = [Passage(attack(row.text, rng), row.context) for row in part.rows]
        after = roc_auc(np.array([a.score for a in assessed(engine, texts)]), clear)
        costs[name] = round(after, 4)
    return costs


def under_parents(
    engine: FramingEngine, rows: Sequence[LabelledPassage], threshold: float, note: Note
) -> dict[str, Any]:
    """Return how often plain replies are flagged alone and under parents, and the largest rise."""
    note("parents")
    replies = [row for row in rows if row.flag == 0 and row.genre == AUTHORED][:_REPLIES]
    parents = [row.text for row in rows if row.flag == 2][:_PARENTS]
    alone = np.array([a.score for a in assessed(engine, [Passage(r.text) for r in replies])])
    pairs = [replace(reply, context=parent) for reply in replies for parent in parents]
    under = np.array([a.score for a in judge(engine, pairs).assessments]).reshape(len(replies), len(parents))
    return {
        "replies": len(replies),
        "parents": len(parents),
        "flagged_alone": int((alone >= threshold).sum()),
        "flagged_under_a_parent": int((under >= threshold).any(axis=1).sum()),
        "largest_rise": round(float((under - alone[:, None]).max()), 4),
        "mean_change": round(float((under - alone[:, None]).mean()), 4),
    }
