"""From a raw message to the words a model reads, each traceable to the original."""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifiers.contract import Passage, Span
from classifiers.text.aligned import AlignedText
from classifiers.text.letters import calmed, joined, latin, unleeted, visible
from classifiers.text.markup import (
    split_quotes,
    without_code,
    without_emoji,
    without_entities,
    without_markup,
)

_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"'”’)\]]*(?=\s)|\n|$)", re.S)


@dataclass(frozen=True, slots=True)
class Reading:
    """The author's own words, cleaned and aligned with the original, and the context they stand in."""

    own: AlignedText
    context: str

    def original(self, start: int, end: int) -> Span | None:
        """Return the range of the original message behind `[start, end)` of the cleaned text."""
        return self.own.original(start, end)


def read(passage: Passage) -> Reading:
    """Clean a passage; quoted lines move to its context, after the parent's words.

    The cleaned text may be empty (a bare link or emoji); then there is nothing to assess.
    """
    own, quoted = split_quotes(without_entities(AlignedText.of(passage.text)))
    own = cleaned(without_code(own))
    context = " ".join(clean(part) for part in (passage.context, quoted) if part.strip())
    return Reading(own, context)


def clean(text: str) -> str:
    """Return `text` as a model reads it, with no way back to the original."""
    return cleaned(without_code(without_entities(AlignedText.of(text)))).text.strip()


def cleaned(message: AlignedText) -> AlignedText:
    """Strip markup, then undo disguises letter by letter."""
    message = without_emoji(without_markup(message))
    return calmed(joined(unleeted(latin(visible(message)))))


def sentences(text: str) -> list[Span]:
    """Cut a text at full stops, exclamation and question marks and line ends; blanks between are left out."""
    return [Span(m.start(), m.end()) for m in _SENTENCE.finditer(text) if m[0].strip()]
