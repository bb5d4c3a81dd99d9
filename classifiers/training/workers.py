"""Train in several processes of one thread each: on few cores faster than one with several threads."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing

from classifiers.labelled import LabelledPassage
from classifiers.training.peers import Peers
from classifiers.training.run import Progress, Trained, prepare, train
from classifiers.training.settings import TrainingSettings


def train_together(
    rows: Sequence[LabelledPassage],
    held_out: Sequence[LabelledPassage],
    out: Path,
    settings: TrainingSettings,
    *,
    encoder: str,
    device: str,
    workers: int,
    progress: Progress,
) -> Trained:
    """Train with `workers` processes, this one among them, and return what they learned."""
    prepare(rows, out, settings, encoder=encoder, device=device)
    if workers == 1:
        return train(rows, held_out, out, settings, encoder=encoder, device=device, progress=progress)
    with ExitStack() as stack:
        meeting = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "meeting"
        others = multiprocessing.get_context("spawn")
        for rank in range(1, workers):
            arguments = (rank, workers, meeting, list(rows), out, settings, encoder, device)
            process = others.Process(target=_assist, args=arguments, daemon=True)
            process.start()
            stack.callback(process.join)
        peers = _join(0, workers, meeting)
        trained = train(
            rows, held_out, out, settings, encoder=encoder, device=device, progress=progress, peers=peers
        )
        dist.destroy_process_group()
    return trained


def _assist(
    rank: int,
    workers: int,
    meeting: Path,
    rows: list[LabelledPassage],
    out: Path,
    settings: TrainingSettings,
    encoder: str,
    device: str,
) -> None:
    peers = _join(rank, workers, meeting)
    train(rows, (), out, settings, encoder=encoder, device=device, peers=peers)
    dist.destroy_process_group()


def _join(rank: int, workers: int, meeting: Path) -> Peers:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=meeting.as_uri(), rank=rank, world_size=workers)
    return Peers(rank, workers)
