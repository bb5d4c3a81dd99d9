"""Vary rows without changing their label: other sides, clumsy typing, harmless company."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from classifiers.contract import Span
from classifiers.labelled import LabelledPassage

_OPPOSITES = (
    ("russia", "ukraine"), ("russian", "ukrainian"), ("russians", "ukrainians"), ("putin", "zelensky"),
    ("moscow", "kyiv"), ("kremlin", "bankova"), ("liberal", "conservative"), ("liberals", "conservatives"),
    ("democrat", "republican"), ("democrats", "republicans"), ("leftist", "right-winger"),
    ("leftists", "right-wingers"), ("left-wing", "right-wing"), ("leftwing", "rightwing"),
    ("trump", "biden"), ("israel", "palestine"), ("israeli", "palestinian"), ("israelis", "palestinians"),
    ("communist", "fascist"), ("communists", "fascists"), ("socialism", "capitalism"),
    ("socialist", "capitalist"), ("socialists", "capitalists"), ("feminist", "traditionalist"),
    ("feminists", "traditionalists"), ("atheist", "christian"), ("atheists", "christians"),
    ("tories", "labour"), ("east", "west"), ("eastern", "western"), ("msnbc", "fox"),
    ("democratic party", "republican party"), ("the left", "the right"), ("india", "pakistan"),
    ("indian", "pakistani"), ("indians", "pakistanis"), ("china", "america"), ("chinese", "american"),
    ("washington", "beijing"),
)  # fmt: skip
"""Names of opposed sides; a framing stays one when they change places."""

_COMPANY = (
    "anyway, how was your weekend?", "hope everyone is doing well.", "just my two cents.",
    "thanks for reading.", "sorry for the long post.", "the weather here is lovely today.",
    "i should get back to work.", "good morning all.", "edit: typo.", "i had a nice coffee on the way.",
    "see you all later.", "hi everyone.", "thanks for the link.", "my cat says hello.",
    "ok, off to make dinner.", "this channel moves fast.", "nice picture btw.", "happy friday!",
    "i'm on my phone so excuse the formatting.", "have a good one.", "long time lurker here.",
    "good question.",
)  # fmt: skip
"""Harmless sentences that change nothing about what stands beside them."""

_LONG_WORD = re.compile(r"[A-Za-z]{5,}")


@dataclass(frozen=True, slots=True)
class Variation:
    """How often each change is made, as shares of rows."""

    sides: float = 0.12
    typos: float = 0.08
    company: float = 0.06
    bare: float = 0.05


def varied(row: LabelledPassage, rng: random.Random, variation: Variation) -> LabelledPassage:
    """Return the row with some of the changes made; labels stay and spans move along."""
    if not row.pair_id and rng.random() < variation.sides:
        row = with_sides_swapped(row)
    if rng.random() < variation.typos:
        row = _edited(row, _typos(row.text, rng))
    if rng.random() < variation.company:
        row = _in_company(row, rng)
    if rng.random() < variation.bare:
        row = _edited(row, [(m.start(), m.end(), "") for m in re.finditer(r"[^\w\s]", row.text)])
    return row


def with_sides_swapped(row: LabelledPassage) -> LabelledPassage:
    """Let the opposed sides named in text and context change places; a row that names none is unchanged."""
    table = _swaps()
    pattern = re.compile(
        r"\b(" + "|".join(sorted(map(re.escape, table), key=len, reverse=True)) + r")\b", re.I
    )
    edits = [(m.start(), m.end(), _like(m[0], table[m[0].lower()])) for m in pattern.finditer(row.text)]
    context = pattern.sub(lambda m: _like(m[0], table[m[0].lower()]), row.context)
    return replace(_edited(row, edits), context=context)


def _swaps() -> Mapping[str, str]:
    return {**dict(_OPPOSITES), **{b: a for a, b in _OPPOSITES}}


def _like(model: str, word: str) -> str:
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word.capitalize() if model[0].isupper() else word


def _typos(text: str, rng: random.Random) -> list[tuple[int, int, str]]:
    words = list(_LONG_WORD.finditer(text))
    edits = []
    for match in sorted(rng.sample(words, min(len(words), rng.randint(1, 3))), key=lambda m: m.start()):
        at = match.start() + rng.randint(1, len(match[0]) - 3)
        pair = text[at : at + 2]
        edits.append((at, at + 2, rng.choice((pair[::-1], pair[0], pair[0] + pair))))
    return edits


def _in_company(row: LabelledPassage, rng: random.Random) -> LabelledPassage:
    company = rng.choice(_COMPANY)
    if rng.random() < 0.5:
        return _edited(row, [(0, 0, company + " ")])
    return _edited(row, [(len(row.text), len(row.text), " " + company)])


def _edited(row: LabelledPassage, edits: list[tuple[int, int, str]]) -> LabelledPassage:
    """Apply sorted edits to the text and carry the spans along."""
    pieces, done = [], 0
    for start, end, new in edits:
        pieces += [row.text[done:start], new]
        done = end
    pieces.append(row.text[done:])

    def moved(place: int, *, is_end: bool) -> int:
        shift = 0
        for start, end, new in edits:
            if end <= place and not (start == end == place and is_end):
                shift += len(new) - (end - start)
            elif start < place:
                shift += min(len(new), place - start) - (place - start)
        return place + shift

    spans = tuple(Span(moved(s.start, is_end=False), moved(s.end, is_end=True)) for s in row.spans)
    return replace(row, text="".join(pieces), spans=spans)
