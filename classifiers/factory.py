"""Build a classifier from settings; the only door through which the neural side is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classifiers.batching import BatchingClassifier

if TYPE_CHECKING:
    from classifiers.engines.framing import FramingEngine

BUNDLED = "bundled"
"""The encoder setting that means the packaged MiniLM."""


def build_engine(
    *, encoder: str = BUNDLED, weights: Path, seeds: Path, device: str = "cpu", threads: int = 1
) -> FramingEngine:
    """Load encoder, trained weights, calibration, language gate and seeds (a few seconds; blocking).

    `threads` is how many threads torch may use; leave one core to the event loop. Raise `WeightsError` or
    `SeedsError`, each naming the file and the remedy.
    """
    from classifiers.engines.loading import load_engine

    return load_engine(encoder=encoder, weights=weights, seeds=seeds, device=device, threads=threads)


def build_classifier(
    *,
    encoder: str = BUNDLED,
    weights: Path,
    seeds: Path,
    device: str = "cpu",
    threads: int = 1,
    batch_size: int,
    batch_wait_ms: int,
    queue_size: int,
) -> BatchingClassifier:
    """Build a `Classifier` that never blocks the event loop; call this itself in `asyncio.to_thread`.

    `batch_wait_ms` is the longest wait for company in milliseconds, `queue_size` the most passages that wait.
    """
    engine = build_engine(encoder=encoder, weights=weights, seeds=seeds, device=device, threads=threads)
    return BatchingClassifier(
        engine, batch_size=batch_size, batch_wait_ms=batch_wait_ms, queue_size=queue_size
    )
