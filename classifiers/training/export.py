"""Write the weights folder: tensors, calibration, embedded seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.calibration import Calibration, save_calibration
from classifiers.engines.bank import CACHE, save_bank
from classifiers.engines.encoder import BUNDLED
from classifiers.engines.framing import FramingEngine
from classifiers.engines.loading import bare_engine
from classifiers.engines.trained import CALIBRATION, compressed, load_trained, save_trained
from classifiers.labelled import LabelledPassage
from classifiers.seedbank import SeedBank, read_seeds
from classifiers.training.calibrate import calibrate
from classifiers.training.embedding import MOST_TEXTS, fit_embedding
from classifiers.training.run import Trained


def export(
    trained: Trained,
    texts: Sequence[str],
    weights: Path,
    *,
    rank: int,
    facts: Mapping[str, Any],
    encoder: str = BUNDLED,
    device: str = "cpu",
) -> str:
    """Store what was learned, the encoder's change at `rank`, and return the model id.

    `texts` are the cleaned texts trained on; the embedding head is fitted to them anew on the stored weights.
    """
    tensors = compressed(trained.tensors, trained.base, rank=rank)

    def save() -> str:
        return save_trained(
            tensors,
            weights,
            encoder=trained.encoder,
            hidden_size=trained.hidden_size,
            facts={"rank": rank, **facts},
        )

    save()
    stored = load_trained(weights, encoder=encoder, device=device)
    chosen = _some(len(texts))
    fit_embedding(
        stored.network,
        stored.tokenizer,
        [texts[i] for i in chosen],
        trained.targets[chosen],
        device=device,
    )
    head = {f"embed.{k}": v.cpu() for k, v in stored.network.embed.state_dict().items()}
    tensors = {**tensors, **head}
    model_id = save()
    save_calibration(Calibration(), weights / CALIBRATION, measured={})
    return model_id


def _some(count: int) -> list[int]:
    """Choose rows to fit the embedding on, the same ones every time."""
    order = np.random.default_rng(0).permutation(count)
    return sorted(int(i) for i in order[:MOST_TEXTS])


def finish(
    weights: Path,
    seeds: Path,
    rows: Sequence[LabelledPassage],
    civil: Sequence[LabelledPassage],
    *,
    encoder: str = BUNDLED,
    device: str = "cpu",
    threads: int = 1,
) -> tuple[FramingEngine, dict[str, Any]]:
    """Embed the seeds, calibrate on held-out `rows` and `civil`, write both, return the engine."""
    model = load_trained(weights, encoder=encoder, device=device)
    engine = bare_engine(model, weights, device=device, threads=threads)
    examples = read_seeds(seeds)
    vectors = engine.embed([seed.text for seed in examples])
    bank = SeedBank(examples, vectors)
    save_bank(bank, np.asarray(vectors, dtype=np.float32), model_id=model.model_id, cache=weights / CACHE)
    calibration, measured = calibrate(engine.with_bank(bank), rows, civil)
    save_calibration(calibration, weights / CALIBRATION, measured=measured)
    return bare_engine(model, weights, device=device, threads=threads).with_bank(bank), measured
