"""Turn token logits into the words that show a technique."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from classifiers.contract import Span
from classifiers.text.reading import Reading

Floats = NDArray[np.float32]
_EDGES = re.compile(r"^[\s,;:.\-–—]+|[\s,;:\-–—]+$")
_BRIDGED_TOKENS = 2
"""Tokens below the cut that a span may run over."""


def evidence_runs(evidence: Floats, is_word: NDArray[np.bool_], cut: float) -> list[tuple[int, int]]:
    """Return half-open token ranges whose logits reach `cut`, gaps of up to two tokens bridged.

    `evidence` and `is_word` are (tokens,); where nothing reaches the cut, the best token's neighbourhood is
    taken, so that a flag never lacks words. Empty only when no token is a word.
    """
    places = np.flatnonzero(is_word)
    if not len(places):
        return []
    hits = [int(i) for i in places if evidence[i] >= cut]
    if not hits:
        best = int(places[evidence[places].argmax()])
        low = evidence[best] - 1.0
        start, end = best, best + 1
        while start - 1 in places and evidence[start - 1] >= low:
            start -= 1
        while end in places and evidence[end] >= low:
            end += 1
        return [(start, end)]
    runs = [[hits[0], hits[0] + 1]]
    for hit in hits[1:]:
        if hit - runs[-1][1] <= _BRIDGED_TOKENS:
            runs[-1][1] = hit + 1
        else:
            runs.append([hit, hit + 1])
    return [(start, end) for start, end in runs]


def best_run(runs: list[tuple[int, int]], evidence: Floats, affinity: Floats) -> tuple[int, int]:
    """Choose the run that speaks most for a technique; `affinity` is (tokens,), `runs` not empty."""
    return max(runs, key=lambda run: float((evidence[run[0] : run[1]] + affinity[run[0] : run[1]]).mean()))


def words_at(
    run: tuple[int, int], offsets: list[tuple[int, int]], window: Span, reading: Reading
) -> Span | None:
    """Return the original characters behind a token run: whole words, without stray marks around."""
    text = reading.own.text
    start = window.start + offsets[run[0]][0]
    end = window.start + offsets[run[1] - 1][1]
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    quote = text[start:end]
    leading = _EDGES.match(quote)
    start += len(leading[0]) if leading else 0
    end -= len(quote) - len(_EDGES.sub("", quote)) - (len(leading[0]) if leading else 0)
    return reading.original(start, end)
