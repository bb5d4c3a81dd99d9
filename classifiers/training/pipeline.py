"""From labelled rows to a finished weights folder, in one go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from classifiers.engines.encoder import BUNDLED
from classifiers.evaluation.plots import draw_curves
from classifiers.labelled import LabelledPassage, split
from classifiers.training.corpus import cleaned, divided, gather, read_civil
from classifiers.training.export import export, finish
from classifiers.training.run import LOG, Progress
from classifiers.training.settings import VALIDATION_SHARE, TrainingSettings
from classifiers.training.workers import train_together

RUN = "run"
"""Folder inside the weights folder for what a resumed run needs; not shipped."""


@dataclass(frozen=True, slots=True)
class Division:
    """Labelled rows to learn from, calibrate on and measure on; ordinary talk in two halves."""

    training: list[LabelledPassage]
    calibration: list[LabelledPassage]
    measured: list[LabelledPassage]
    civil_calibration: list[LabelledPassage]
    civil_measured: list[LabelledPassage]


def divide(seeds: Path, data: Path | None) -> Division:
    """Divide every row there is; without ordinary talk the plain calibration rows stand in for it."""
    training, held_out = split(gather(seeds, data), VALIDATION_SHARE)
    calibration, measured = divided(held_out, (0.5, 0.5), "held-out")
    pool = data / "civil_pool.jsonl" if data is not None else None
    civil = read_civil(pool) if pool is not None and pool.is_file() else []
    first, second = divided(civil, (0.5, 0.5), "civil")
    return Division(training, calibration, measured, first or [r for r in calibration if r.flag == 0], second)


def train_and_export(
    data: Path | None,
    seeds: Path,
    out: Path,
    settings: TrainingSettings,
    *,
    encoder: str = BUNDLED,
    device: str = "cpu",
    threads: int = 2,
    workers: int = 1,
    progress: Progress = lambda done, total, loss: None,
) -> str:
    """Train on all rows, write the weights folder with calibration and curves, and return the model id."""
    torch.set_num_threads(threads)
    rows = divide(seeds, data)
    held_out = cleaned([*rows.calibration, *rows.measured])
    learned_from = cleaned(rows.training)
    trained = train_together(
        learned_from,
        held_out,
        out / RUN,
        settings,
        encoder=encoder,
        device=device,
        workers=workers,
        progress=progress,
    )
    texts = [row.text for row in learned_from]
    facts = {"settings": asdict(settings), "rows": len(texts)}
    rank = settings.stored_rank
    model_id = export(trained, texts, out, rank=rank, facts=facts, encoder=encoder, device=device)
    draw_curves(read_log(out / RUN / LOG), out / RUN / "curves.png")
    finish(
        out, seeds, rows.calibration, rows.civil_calibration, encoder=encoder, device=device, threads=threads
    )
    return model_id


def recalibrate(
    data: Path | None,
    weights: Path,
    seeds: Path,
    *,
    encoder: str = BUNDLED,
    device: str = "cpu",
    threads: int = 2,
) -> tuple[str, dict[str, Any]]:
    """Fit the calibration of existing weights again; return the model id and what was measured."""
    rows = divide(seeds, data)
    engine, measured = finish(
        weights,
        seeds,
        rows.calibration,
        rows.civil_calibration,
        encoder=encoder,
        device=device,
        threads=threads,
    )
    return engine.info.model_id, measured


def read_log(path: Path) -> Sequence[dict[str, Any]]:
    """Read a training log, one entry a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
