"""Draw what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from classifiers.evaluation.judged import Judged

_SIZE = (6.0, 4.0)
_DOTS_PER_INCH = 110
_BINS = 10


def draw_precision_recall(judged: Judged, path: Path) -> None:
    """Draw precision against recall for clear and for any framing."""
    figure, axes = _figure("Precision and recall", "recall", "precision")
    for name, positive in (("clear", judged.flags == 2), ("clear or borderline", judged.flags >= 1)):
        order = np.argsort(-judged.scores, kind="stable")
        hits = np.cumsum(positive[order])
        if hits[-1]:
            axes.plot(hits / hits[-1], hits / np.arange(1, len(hits) + 1), label=name)
    axes.set_ylim(0, 1.02)
    _save(figure, axes, path)


def draw_reliability(judged: Judged, path: Path) -> None:
    """Draw the share of people's flags against the score, in equal bins with their standard error."""
    figure, axes = _figure("Reliability", "score", "share of votes for a framing")
    outcome = np.array([row.at_least_borderline for row in judged.rows])
    parts = [p for p in np.array_split(np.argsort(judged.scores, kind="stable"), _BINS) if len(p)]
    said = [float(judged.scores[p].mean()) for p in parts]
    seen = [float(outcome[p].mean()) for p in parts]
    spread = [float(np.sqrt(m * (1 - m) / len(p))) for m, p in zip(seen, parts, strict=True)]
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="perfect")
    axes.errorbar(said, seen, yerr=spread, marker="o", label="measured")
    _save(figure, axes, path)


def draw_techniques(techniques: Mapping[str, Any], path: Path) -> None:
    """Draw the F1 of each technique that people named, the most frequent on top."""
    each = techniques["each"]
    figure = Figure(figsize=(7.0, 0.28 * len(each) + 1.4), layout="constrained")
    axes = figure.add_subplot()
    names = [f"{name} ({found['positives']})" for name, found in each.items()]
    axes.barh(names[::-1], [found["f1"] or 0.0 for found in each.values()][::-1])
    axes.set_xlim(0, 1)
    axes.set_xlabel("F1 (positives in brackets)")
    figure.savefig(path, dpi=_DOTS_PER_INCH)


def draw_curves(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw loss and validation AUC by epoch from a training log."""
    figure, axes = _figure("Training", "epoch", "")
    losses = [(entry["epoch"] + 1, entry["loss"]) for entry in log if "loss" in entry]
    if losses:
        top = max(loss for _, loss in losses)
        axes.plot(
            *zip(*((e, loss / top) for e, loss in losses), strict=True),
            label=f"loss / {top:.2f}",
            color="grey",
        )
    measured = [entry for entry in log if "validation" in entry]
    for genre in sorted({genre for entry in measured for genre in entry["validation"]}):
        for name in ("auc_clear", "auc_any"):
            points = [
                (entry["epoch"] + 1, entry["validation"][genre][name])
                for entry in measured
                if genre in entry["validation"]
            ]
            axes.plot(*zip(*points, strict=True), marker="o", label=f"{genre} {name}")
    _save(figure, axes, path)


def _figure(title: str, x: str, y: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes: Any = figure.add_subplot()
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return figure, axes


def _save(figure: Figure, axes: Any, path: Path) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
    figure.savefig(path, dpi=_DOTS_PER_INCH)
