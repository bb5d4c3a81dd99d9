"""A classifier that goes by a few words, so that the demo server has something to show without a model."""

from __future__ import annotations

import hashlib
import math
import re

from classifiers.contract import Assessment, Embedding, ModelInfo, Passage, Sensitivity, Span, TechniqueScore
from classifiers.taxonomy import Technique

CUES = {
    "trust fund kids": Technique.NAME_CALLING,
    "hand back warsaw": Technique.STRAW_MAN,
    "hate peace": Technique.LOADED_QUESTION,
    "either you": Technique.FALSE_DILEMMA,
    "useful idiots": Technique.NAME_CALLING,
    "furnace": Technique.LOADED_LANGUAGE,
    "had it coming": Technique.VICTIM_BLAMING,
    "traitors": Technique.RED_HERRING,
    "butchery": Technique.LOADED_LANGUAGE,
    "what about": Technique.WHATABOUTISM,
    "everybody knows": Technique.VALUES_VIRTUE,
}
SIZE = 64
THRESHOLD, HIT, MISS = 0.5, 0.8, 0.05


class CueClassifier:
    """Find a cue, and let texts with the same words have the same embedding."""

    queue_length = 0
    info = ModelInfo("cues", dict.fromkeys(Sensitivity, THRESHOLD))

    async def assess(self, passage: Passage) -> Assessment:
        """Answer by the first cue in the text."""
        text = passage.text.lower()
        if "hyvää" in text:
            return Assessment(0.0, "cues", language="fi", is_evaluated=False)
        for cue, technique in CUES.items():
            if (at := text.find(cue)) >= 0:
                found = TechniqueScore(technique, HIT, Span(at, at + len(cue)))
                return Assessment(HIT, "cues", (found,), embedding=_embedding(text))
        return Assessment(MISS, "cues", embedding=_embedding(text))

    async def close(self) -> None:
        """Do nothing."""


def _embedding(text: str) -> Embedding:
    counts = [0.0] * SIZE
    for word in re.findall(r"\w+", text):
        counts[int(hashlib.sha256(word.encode()).hexdigest(), 16) % SIZE] += 1.0
    norm = math.sqrt(sum(c * c for c in counts)) or 1.0
    return tuple(c / norm for c in counts)
