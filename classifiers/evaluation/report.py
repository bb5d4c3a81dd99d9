"""Write what was measured as JSON, Markdown and plots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from classifiers.evaluation.judged import Judged
from classifiers.evaluation.plots import draw_precision_recall, draw_reliability, draw_techniques

_HEADLINES = (
    ("rows", "rows"),
    ("auc_clear", "AUC clear vs none"),
    ("auc_any", "AUC any vs none"),
    ("recall_at_1_percent", "recall of clear at 1 % false alarms"),
    ("kappa", "quadratic-weighted κ"),
    ("calibration_error", "expected calibration error"),
    ("evidence_token_f1", "evidence F1"),
)


def write_report(judged: Judged, measures: Mapping[str, Any], folder: Path, title: str) -> None:
    """Write report.json, report.md and three plots into `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(measures, indent=1) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(markdown(measures, title), encoding="utf-8")
    draw_precision_recall(judged, folder / "precision_recall.png")
    draw_reliability(judged, folder / "reliability.png")
    draw_techniques(measures["techniques"], folder / "techniques.png")


def markdown(measures: Mapping[str, Any], title: str) -> str:
    """Return a report as Markdown tables."""
    headlines = [(label, measures.get(key)) for key, label in _HEADLINES]
    headlines.append((f"technique macro-F1, {8} most frequent", measures["techniques"]["macro_f1_frequent"]))
    sections = [
        f"# {title}",
        table(("measure", "value"), headlines),
        "## Sensitivities",
        table(
            ("sensitivity", "threshold", "recall of clear", "flagged of none", "precision (any)"),
            [
                (name, at["threshold"], at["recall_of_clear"], at["flagged_of_none"], at["precision_any"])
                for name, at in measures["sensitivities"].items()
            ],
        ),
        "## Techniques",
        table(
            ("technique", "positives", "F1"),
            [(name, one["positives"], one["f1"]) for name, one in measures["techniques"]["each"].items()],
        ),
    ]
    for kind, found in measures["corners"].items():
        rows = [(name, one["rows"], one["auc_clear"], one["auc_any"]) for name, one in found.items()]
        if rows:
            sections += [f"## By {kind}", table((kind, "rows", "AUC clear", "AUC any"), rows)]
    return "\n\n".join(sections) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a Markdown table; None is shown as a dash."""
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
