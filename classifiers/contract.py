"""The interface between the bot and whatever reads the words: passages in, assessments out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import mul
from typing import Protocol

from classifiers.taxonomy import Technique

Embedding = tuple[float, ...]
"""A unit vector of the encoder; empty where a classifier has none."""


class Sensitivity(StrEnum):
    """How many false alarms a server accepts; see `FALSE_ALARM_BUDGET` for the number behind the word."""

    LOW = "low"
    BALANCED = "balanced"
    HIGH = "high"


FALSE_ALARM_BUDGET: Mapping[Sensitivity, int] = {
    Sensitivity.LOW: 2,
    Sensitivity.BALANCED: 5,
    Sensitivity.HIGH: 15,
}
"""Flags per 1,000 ordinary messages that moderators accept."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One text to assess, with the text it answers (empty where it answers nothing)."""

    text: str
    context: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range `[start, end)` of characters in the original text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the words this span covers in `text`."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class TechniqueScore:
    """How likely one technique is, and the words that show it (None where nothing points at words)."""

    technique: Technique
    score: float
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class SeedMatch:
    """The seed passage that a text resembles most; similarity is a cosine in [-1, 1]."""

    seed_id: str
    text: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything a model says of one text; techniques come best first.

    `score` is a calibrated probability in [0, 1]; it is 0 where `is_evaluated` is False (a language the
    model was not made for). `interval` is the score's 95 % range where the calibration has one.
    `is_truncated` says that a window was cut at the encoder's limit.
    """

    score: float
    model_id: str
    techniques: tuple[TechniqueScore, ...] = ()
    nearest_seed: SeedMatch | None = None
    language: str = "en"
    is_evaluated: bool = True
    is_truncated: bool = False
    interval: tuple[float, float] | None = None
    embedding: Embedding = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a classifier says of itself: its id, and the threshold behind each sensitivity (inclusive)."""

    model_id: str
    thresholds: Mapping[Sensitivity, float]


class Classifier(Protocol):
    """Assess passages without ever blocking the event loop."""

    @property
    def info(self) -> ModelInfo:
        """Say which model answers."""
        ...

    @property
    def queue_length(self) -> int:
        """Count the passages that wait for an answer."""
        ...

    async def assess(self, passage: Passage) -> Assessment:
        """Assess one passage; raise `ClassifierError` when the model cannot answer."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and free the model."""
        ...


class Engine(Protocol):
    """Assess a batch at once, blocking; only `classifiers.batching` calls it, off the event loop."""

    @property
    def info(self) -> ModelInfo:
        """Say which model answers."""
        ...

    def assess(self, passages: Sequence[Passage]) -> list[Assessment]:
        """Return one assessment per passage, in order."""
        ...


class ClassifierError(Exception):
    """The model cannot answer; the message names the cause and the remedy."""


class WeightsError(ClassifierError):
    """A weights file is missing or is not the one that was shipped."""


def similarity(a: Embedding, b: Embedding) -> float:
    """Return the cosine of two embeddings; 0.0 when either is empty."""
    if not a or not b:
        return 0.0
    norm = math.sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    return sum(map(mul, a, b)) / norm if norm else 0.0
