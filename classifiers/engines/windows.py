"""Cut long messages into windows that fit the encoder, at sentence ends where it can be done."""

from __future__ import annotations

from classifiers.contract import Passage, Span
from classifiers.engines.tokens import PassageTokenizer, Tokens
from classifiers.text.reading import Reading, sentences

MOST_WINDOWS = 12
"""Windows that are read of one message; Discord's 4,000 letters fit in."""


def windows(reading: Reading, tokenizer: PassageTokenizer) -> list[tuple[Span, Tokens]]:
    """Return the ranges of the cleaned text to read and their tokens, the whole text where it fits.

    A single sentence longer than a window is cut, and says so in `is_truncated`.
    """
    text = reading.own.text
    whole = tokenizer.encode([Passage(text, reading.context)])[0]
    if not whole.is_truncated:
        return [(Span(0, len(text)), whole)]
    spans = _packed(sentences(text), text, tokenizer)[:MOST_WINDOWS]
    tokens = tokenizer.encode([Passage(span.of(text), reading.context) for span in spans])
    return list(zip(spans, tokens, strict=True))


def _packed(parts: list[Span], text: str, tokenizer: PassageTokenizer) -> list[Span]:
    """Join neighbouring sentences as long as their window is not truncated."""
    lengths = [t.n_text - 2 for t in tokenizer.encode([Passage(part.of(text)) for part in parts])]
    packed: list[Span] = []
    used = 0
    for part, length in zip(parts, lengths, strict=True):
        if packed and used + length <= tokenizer.max_text - 2:
            packed[-1] = Span(packed[-1].start, part.end)
            used += length
        else:
            packed.append(part)
            used = length
    return packed
