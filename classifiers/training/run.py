"""Train: seeded, resumable after every epoch, every number logged."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifiers.engines.encoder import BUNDLED, EncoderParts, load_encoder
from classifiers.engines.network import FramingNetwork
from classifiers.engines.tokens import PassageTokenizer
from classifiers.labelled import LabelledPassage
from classifiers.training.augment import varied
from classifiers.training.batches import Example, assemble, encode, plan
from classifiers.training.corpus import NATURAL
from classifiers.training.losses import total_loss
from classifiers.training.network import averaged, learned, optimiser, trainable_network
from classifiers.training.peers import Peers
from classifiers.training.settings import TrainingSettings
from classifiers.training.teacher import target_embeddings
from classifiers.training.validation import validate

STATE = "state.pt"
LOG = "log.jsonl"
_CLIP = 1.0

Progress = Callable[[int, int, float], None]
"""Told (steps done, steps in all, mean loss of this epoch)."""


@dataclass(slots=True)
class _Course:
    """Where a run stands: everything that must survive an interruption."""

    network: FramingNetwork
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    epoch: int
    states: list[dict[str, Tensor]]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run leaves: learned tensors by name, the bare encoder's tensors, and where they belong.

    `targets` are the bare encoder's embeddings of the rows trained on, (rows, 384).
    """

    tensors: dict[str, Tensor]
    base: dict[str, Tensor]
    encoder: str
    hidden_size: int
    targets: NDArray[np.float32]


def train(
    rows: Sequence[LabelledPassage],
    held_out: Sequence[LabelledPassage],
    out: Path,
    settings: TrainingSettings,
    *,
    encoder: str = BUNDLED,
    device: str = "cpu",
    start_from: dict[str, Tensor] | None = None,
    progress: Progress = lambda done, total, loss: None,
    peers: Peers | None = None,
) -> Trained:
    """Train on cleaned rows and return averaged weights; an interrupted run in `out` goes on after its last
    epoch.

    With several `peers` each process calls this with the same arguments; the first one writes. One JSON line
    per epoch goes to out/log.jsonl, with the loss and the measures on `held_out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    peers = peers or Peers()
    parts = load_encoder(encoder)
    base = {k: v.detach().clone() for k, v in parts.model.state_dict().items() if "word_embeddings" not in k}
    tokenizer = _tokenizer(parts, settings)
    teachers = _teachers(rows, parts, tokenizer, out, device)
    course = _begin(parts, settings, _expected(rows, settings) // peers.count, start_from, device)
    _resume(course, out, settings)
    while course.epoch < settings.epochs:
        entry = _epoch(course, rows, teachers, tokenizer, settings, device, progress, peers)
        peers.average(course.network)
        course.states = [*course.states, learned(course.network)][-settings.averaged :]
        course.epoch += 1
        if peers.is_first:
            measures = validate(course.network, tokenizer, held_out, device=device)
            _log(out, {**entry, "validation": measures})
            _save(course, out, settings)
    return Trained(averaged(course.states), base, parts.name, parts.hidden_size, teachers)


def prepare(
    rows: Sequence[LabelledPassage], out: Path, settings: TrainingSettings, *, encoder: str, device: str
) -> None:
    """Embed all rows with the bare encoder and keep the result in `out` for every process."""
    out.mkdir(parents=True, exist_ok=True)
    parts = load_encoder(encoder)
    _teachers(rows, parts, _tokenizer(parts, settings), out, device)


def _tokenizer(parts: EncoderParts, settings: TrainingSettings) -> PassageTokenizer:
    return PassageTokenizer(parts.tokenizer, max_text=settings.max_text, max_context=settings.max_context)


def _expected(rows: Sequence[LabelledPassage], settings: TrainingSettings) -> int:
    easy = sum(_is_easy(row) for row in rows)
    return len(rows) - easy + int(settings.easy_share * easy)


def _teachers(
    rows: Sequence[LabelledPassage], parts: EncoderParts, tokenizer: PassageTokenizer, out: Path, device: str
) -> NDArray[np.float32]:
    """Embed all rows once and keep the result for a resumed run."""
    path = out / "teachers.npy"
    if path.is_file() and len(kept := np.load(path)) == len(rows):
        return np.asarray(kept, dtype=np.float32)
    vectors = target_embeddings([row.text for row in rows], parts, tokenizer, device=device)
    np.save(path, vectors)
    return vectors


def _begin(
    parts: EncoderParts,
    settings: TrainingSettings,
    rows: int,
    start_from: dict[str, Tensor] | None,
    device: str,
) -> _Course:
    network = trainable_network(parts, settings)
    if start_from is not None:
        network.load_state_dict(start_from, strict=False)
    network.to(torch.device(device))
    adam = optimiser(network, settings)
    steps = max(1, settings.epochs * -(-rows // settings.batch_size))
    warm_up = max(1, int(settings.warm_up * steps))

    def pace(step: int) -> float:
        return min((step + 1) / warm_up, max(0.02, (steps - step) / max(1, steps - warm_up)))

    return _Course(network, adam, torch.optim.lr_scheduler.LambdaLR(adam, pace), 0, [])


def _epoch(
    course: _Course,
    rows: Sequence[LabelledPassage],
    teachers: NDArray[np.float32],
    tokenizer: PassageTokenizer,
    settings: TrainingSettings,
    device: str,
    progress: Progress,
    peers: Peers,
) -> dict[str, Any]:
    rng = random.Random(settings.seed * 1000 + course.epoch)  # noqa: S311 - shuffling, no secret
    torch.manual_seed(settings.seed * 1000 + course.epoch)
    planned = plan(_examples(rows, teachers, tokenizer, settings, rng), settings.batch_size, rng)
    batches = peers.share(planned)
    course.network.train()
    total, started = 0.0, time.monotonic()
    for number, examples in enumerate(batches, 1):
        batch = assemble(examples, device)
        loss = total_loss(course.network(batch.tokens), batch, settings.losses)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(course.network.parameters(), _CLIP)
        course.optimiser.step()
        course.schedule.step()
        course.optimiser.zero_grad()
        peers.keep_together(course.network, number)
        total += float(loss.detach())
        progress(course.epoch * len(batches) + number, settings.epochs * len(batches), total / number)
    seconds = round(time.monotonic() - started, 1)
    return {"epoch": course.epoch, "loss": round(total / len(batches), 4), "seconds": seconds}


def _examples(
    rows: Sequence[LabelledPassage],
    teachers: NDArray[np.float32],
    tokenizer: PassageTokenizer,
    settings: TrainingSettings,
    rng: random.Random,
) -> list[Example]:
    drawn = [i for i, row in enumerate(rows) if not _is_easy(row) or rng.random() < settings.easy_share]
    fresh = [varied(rows[i], rng, settings.variation) for i in drawn]
    fresh = [replace(row, context="") if rng.random() < settings.context_dropout else row for row in fresh]
    return encode(fresh, tokenizer, teachers[drawn], [1.0] * len(fresh))


def _is_easy(row: LabelledPassage) -> bool:
    return row.genre == NATURAL and not any(row.votes)


def _log(out: Path, entry: dict[str, Any]) -> None:
    with (out / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")


def _save(course: _Course, out: Path, settings: TrainingSettings) -> None:
    kept = {
        "settings": json.dumps(asdict(settings), sort_keys=True),
        "epoch": course.epoch,
        "network": {k: v for k, v in course.network.state_dict().items() if "word_embeddings" not in k},
        "optimiser": course.optimiser.state_dict(),
        "schedule": course.schedule.state_dict(),
        "states": course.states,
    }
    torch.save(kept, out / f"{STATE}.part")
    (out / f"{STATE}.part").replace(out / STATE)


def _resume(course: _Course, out: Path, settings: TrainingSettings) -> None:
    path = out / STATE
    if not path.is_file():
        return
    kept = torch.load(path, map_location="cpu", weights_only=True)
    if kept["settings"] != json.dumps(asdict(settings), sort_keys=True):
        return
    course.network.load_state_dict(kept["network"], strict=False)
    course.optimiser.load_state_dict(kept["optimiser"])
    course.schedule.load_state_dict(kept["schedule"])
    course.epoch, course.states = int(kept["epoch"]), list(kept["states"])
