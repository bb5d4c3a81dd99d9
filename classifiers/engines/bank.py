"""Embed the seed bank, using what was embedded before where model and words are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from classifiers.seedbank import Seed, SeedBank

CACHE = "seed_embeddings.safetensors"

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Turn texts into unit vectors of shape (texts, size), float32."""

_QUANTA = 127.0


def fill_bank(seeds: Sequence[Seed], embed: Embed, *, model_id: str, cache: Path) -> SeedBank:
    """Build the bank; texts that the cache lacks are embedded now. A stale cache is ignored."""
    known = _read(cache, model_id)
    keys = [_key(seed.text) for seed in seeds]
    missing = [i for i, key in enumerate(keys) if key not in known]
    fresh = embed([seeds[i].text for i in missing])
    known.update(zip((keys[i] for i in missing), fresh, strict=True))
    return SeedBank(seeds, np.stack([known[key] for key in keys]))


def save_bank(bank: SeedBank, vectors: NDArray[np.float32], *, model_id: str, cache: Path) -> None:
    """Write a bank's vectors, (seeds, size), as one signed byte a number, keyed by the texts' hashes."""
    keys = np.array([_key(seed.text) for seed in bank.seeds], dtype=np.uint64)
    quantised = np.clip(np.rint(vectors * _QUANTA * _scale(vectors)), -_QUANTA, _QUANTA).astype(np.int8)
    save_file({"keys": keys, "vectors": quantised}, cache, metadata={"model_id": model_id})


def _scale(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stretch each row so that its largest number fills the byte; length is restored on reading."""
    return np.asarray(1.0 / np.abs(vectors).max(axis=1, keepdims=True), dtype=np.float32)


def _read(cache: Path, model_id: str) -> dict[int, NDArray[np.float32]]:
    if not cache.is_file():
        return {}
    try:
        with safe_open(cache, framework="numpy") as stored:
            if (stored.metadata() or {}).get("model_id") != model_id:
                return {}
            keys, quantised = stored.get_tensor("keys"), stored.get_tensor("vectors").astype(np.float32)
    except (SafetensorError, OSError):
        return {}
    vectors = quantised / np.linalg.norm(quantised, axis=1, keepdims=True)
    return dict(zip(keys.tolist(), vectors, strict=True))


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
