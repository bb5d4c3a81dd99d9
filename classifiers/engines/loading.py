"""Put an engine together from the files on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classifiers.calibration import load_calibration
from classifiers.engines.bank import CACHE, fill_bank
from classifiers.engines.encoder import BUNDLED
from classifiers.engines.framing import FramingEngine
from classifiers.engines.network import EMBEDDING_SIZE
from classifiers.engines.trained import CALIBRATION, TrainedModel, load_trained
from classifiers.seedbank import SeedBank, read_seeds
from classifiers.text.language import load_language_gate


def load_engine(
    *, encoder: str = BUNDLED, weights: Path, seeds: Path, device: str = "cpu", threads: int = 1
) -> FramingEngine:
    """Load every part; raise `WeightsError` or `SeedsError` naming the file and the remedy."""
    examples = read_seeds(seeds)
    model = load_trained(weights, encoder=encoder, device=device)
    engine = bare_engine(model, weights, device=device, threads=threads)
    bank = fill_bank(examples, engine.embed, model_id=model.model_id, cache=weights / CACHE)
    return engine.with_bank(bank)


def bare_engine(
    model: TrainedModel, weights: Path, *, device: str = "cpu", threads: int = 1
) -> FramingEngine:
    """Build an engine with an empty bank, as is needed to embed one."""
    return FramingEngine(
        network=model.network,
        tokenizer=model.tokenizer,
        model_id=model.model_id,
        calibration=load_calibration(weights / CALIBRATION),
        gate=load_language_gate(),
        bank=SeedBank((), np.zeros((0, EMBEDDING_SIZE), np.float32)),
        device=device,
        threads=threads,
    )
