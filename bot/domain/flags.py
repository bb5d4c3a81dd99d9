"""The machine's claim that a post shows a technique, always with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from classifiers.contract import Sensitivity, Span
from classifiers.taxonomy import Technique


@dataclass(frozen=True, slots=True)
class Evidence:
    """One technique with the words that show it; `quote` is empty where no words could be pointed at."""

    technique: Technique
    score: float
    quote: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a post came up: the score against the threshold, the evidence, and the seed it resembles."""

    score: float
    threshold: float
    sensitivity: Sensitivity
    evidence: tuple[Evidence, ...]
    model_id: str
    seed_id: str = ""
    seed_text: str = ""
    seed_similarity: float = 0.0
    is_truncated: bool = False

    @property
    def technique(self) -> Technique:
        """Name the technique that carries the flag."""
        return self.evidence[0].technique

    def without_words(self) -> Flag:
        """Return the flag without the author's words; techniques and scores stay."""
        return replace(self, evidence=tuple(replace(e, quote="", span=None) for e in self.evidence))
