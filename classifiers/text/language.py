"""Tell whether a text is English enough to be judged by an English model."""

from __future__ import annotations

import unicodedata
from typing import Protocol

ENGLISH = "en"

_COUNTED_AS_ENGLISH = frozenset({"en", "pcm", "sco", "zxx", "und"})
"""English, Nigerian Pidgin and Scots; and no language at all (emoji, names)."""

_LEAST_WORDS = 3
_LEAST_LETTERS = 12
"""Shorter Latin text is taken for English: slang and names fool any detector."""

_MOST_ENGLISH = 0.01
"""Probability of English up to which another language is believed."""

_LEAST_OTHER = 0.35
"""Probability from which the other language is believed."""

_FOREIGN_SHARE = 0.5
"""Share of letters in another script that settles the matter alone."""

_FOREIGN_LETTERS = 3


class LanguageRanker(Protocol):
    """The part of py3langid's `LanguageIdentifier` that is used here."""

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Return (ISO 639 code, probability) pairs, best first."""
        ...


class LanguageGate:
    """Name the language of a text; only confident findings on long enough text count as not English."""

    def __init__(self, ranker: LanguageRanker) -> None:
        self._ranker = ranker

    def language(self, text: str) -> str:
        """Return an ISO 639 code, "en" wherever there is doubt or nothing to read."""
        letters = [c for c in text if c.isalpha()]
        foreign = sum(not _is_latin(c) for c in letters)
        if foreign >= _FOREIGN_LETTERS and foreign > _FOREIGN_SHARE * len(letters):
            return self._best(text, barred=frozenset({"zxx", "und", *_COUNTED_AS_ENGLISH}))
        if len(letters) < _LEAST_LETTERS or len(text.split()) < _LEAST_WORDS:
            return ENGLISH
        ranking = self._ranker.rank(text)
        code, probability = ranking[0]
        english = dict(ranking).get(ENGLISH, 0.0)
        is_other = code not in _COUNTED_AS_ENGLISH and probability >= _LEAST_OTHER and english < _MOST_ENGLISH
        return code if is_other else ENGLISH

    def _best(self, text: str, barred: frozenset[str]) -> str:
        return next((code for code, _ in self._ranker.rank(text) if code not in barred), "und")


def load_language_gate() -> LanguageGate:
    """Load py3langid's own model (about 0.7 s and 80 MB); nothing is downloaded."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageGate(LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True))


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "LATIN").startswith("LATIN")
