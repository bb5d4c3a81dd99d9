"""Seeds to be found again and counter-seeds to be left alone, with what they look like to the encoder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.contract import ClassifierError, SeedMatch
from classifiers.taxonomy import Technique

Vectors = NDArray[np.float32]

NEAR = 0.5
"""Cosine from which a steering seed weighs by itself: about where paraphrases begin."""


class SeedKind(StrEnum):
    """Whether a passage is to be found again or left alone."""

    SEED = "seed"
    COUNTER_SEED = "counter-seed"


class SeedsError(ClassifierError):
    """A seeds file is missing or malformed; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Seed:
    """An example passage; `rationale` says in a line why it is or is not a framing.

    A steering seed was put there by a person to steer by and weighs by itself; a corpus row counts as one
    of many neighbours.
    """

    id: str
    text: str
    kind: SeedKind = SeedKind.SEED
    techniques: tuple[Technique, ...] = ()
    rationale: str = ""
    is_steering: bool = True


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How much a text looks like the bank: the nearest seed, and the nearest of either kind as cosines.

    `steer` is how far the nearest steering seed lies beyond `NEAR`, less the same for counter-seeds, in
    [-0.5, 0.5].
    """

    match: SeedMatch | None
    seed: float
    counter_seed: float
    steer: float = 0.0


class SeedBank:
    """Seeds with their unit vectors; adding one makes a new bank, so a reader never sees half of it."""

    def __init__(self, seeds: Sequence[Seed], vectors: Vectors) -> None:
        """Take `vectors` of shape (seeds, embedding size), float32, unit length."""
        if len(seeds) != len(vectors):
            raise ValueError(f"{len(seeds)} seeds but {len(vectors)} vectors")
        is_seed = np.array([seed.kind is SeedKind.SEED for seed in seeds], dtype=np.bool_)
        self._all = tuple(seeds)
        self._vectors = vectors
        steers = np.array([seed.is_steering for seed in seeds], dtype=np.bool_)
        self._seeds = [seed for seed in seeds if seed.kind is SeedKind.SEED]
        self._steers = (steers[is_seed], steers[~is_seed])
        self._seed_vectors = np.ascontiguousarray(vectors[is_seed])
        self._counter_vectors = np.ascontiguousarray(vectors[~is_seed])

    def __len__(self) -> int:
        return len(self._all)

    @property
    def seeds(self) -> tuple[Seed, ...]:
        """Return every seed and counter-seed in order."""
        return self._all

    def with_seeds(self, seeds: Sequence[Seed], vectors: Vectors) -> SeedBank:
        """Return a bank with these added; one of the same id is replaced. `vectors` is (seeds, size)."""
        fresh = {seed.id for seed in seeds}
        kept = [i for i, seed in enumerate(self._all) if seed.id not in fresh]
        known = self._vectors[kept] if kept else np.zeros((0, vectors.shape[1]), np.float32)
        return SeedBank([*(self._all[i] for i in kept), *seeds], np.concatenate([known, vectors]))

    def without(self, seed_id: str) -> SeedBank:
        """Return a bank that lacks the seed of this id; the same bank's content when there is none."""
        kept = [i for i, seed in enumerate(self._all) if seed.id != seed_id]
        return SeedBank([self._all[i] for i in kept], self._vectors[kept])

    def resemblances(self, vectors: Vectors) -> list[Resemblance]:
        """Compare unit `vectors`, (texts, size) float32, with the bank; an absent kind gives 0.0."""
        to_seeds = vectors @ self._seed_vectors.T
        to_counters = vectors @ self._counter_vectors.T
        return [self._resemblance(a, b) for a, b in zip(to_seeds, to_counters, strict=True)]

    def _resemblance(self, to_seeds: Vectors, to_counters: Vectors) -> Resemblance:
        counter = float(to_counters.max()) if len(to_counters) else 0.0
        steer = _beyond(to_seeds[self._steers[0]]) - _beyond(to_counters[self._steers[1]])
        if not len(to_seeds):
            return Resemblance(None, 0.0, counter, steer)
        nearest = int(to_seeds.argmax())
        seed, cosine = self._seeds[nearest], float(to_seeds[nearest])
        return Resemblance(SeedMatch(seed.id, seed.text, cosine), cosine, counter, steer)


def _beyond(cosines: Vectors) -> float:
    return max(0.0, float(cosines.max()) - NEAR) if len(cosines) else 0.0


def read_seeds(folder: Path) -> list[Seed]:
    """Read seed_document.jsonl, counter_seeds.jsonl and corpus/*.jsonl of a seeds folder.

    Of the corpus only clear framings (seeds) and plain messages (counter-seeds) enter; borderline ones
    teach the model but serve as neither. Raise `SeedsError` when the folder holds none or a line is
    malformed.
    """
    paths = [folder / "seed_document.jsonl", folder / "counter_seeds.jsonl"]
    seeds = [seed for path in paths if path.is_file() for seed in _seeds_in(path)]
    for path in sorted((folder / "corpus").glob("*.jsonl")):
        seeds.extend(_seeds_in(path))
    if not seeds:
        raise SeedsError(f"{folder} holds no seeds: restore the seeds folder or name another one")
    return list({seed.id: seed for seed in seeds}.values())


def _seeds_in(path: Path) -> Iterable[Seed]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            seed = _seed(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SeedsError(f"{path}, line {number} is not a seed ({error}): mend or remove it") from None
        if seed is not None:
            yield seed


def _seed(row: dict[str, Any]) -> Seed | None:
    is_steering = "kind" in row and row["kind"] in tuple(SeedKind)
    if is_steering:
        kind = SeedKind(row["kind"])
    elif row["flag"] == 1:
        return None
    else:
        kind = SeedKind.SEED if row["flag"] == 2 else SeedKind.COUNTER_SEED
    techniques = tuple(Technique(name) for name in row.get("techniques", ()))
    return Seed(
        str(row["id"]), str(row["text"]), kind, techniques, str(row.get("rationale", "")), is_steering
    )
