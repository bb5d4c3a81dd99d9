"""Labelled passages beside what a model said of them, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.contract import Assessment, Engine, Passage
from classifiers.labelled import LabelledPassage
from classifiers.taxonomy import TECHNIQUES

_CHUNK = 64

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Advance = Callable[[int], None]
"""Told how many more passages were assessed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows and their assessments, in the same order."""

    rows: tuple[LabelledPassage, ...]
    assessments: tuple[Assessment, ...]

    @property
    def scores(self) -> Floats:
        """Return the scores, (rows,)."""
        return np.array([a.score for a in self.assessments], dtype=np.float64)

    @property
    def flags(self) -> Ints:
        """Return people's consensus, (rows,) of 0, 1, 2."""
        return np.array([row.flag for row in self.rows], dtype=np.int64)

    @property
    def named(self) -> Bools:
        """Return which techniques the model named, (rows, 22)."""
        return np.array(
            [[t in {s.technique for s in a.techniques} for t in TECHNIQUES] for a in self.assessments]
        )

    @property
    def labelled(self) -> Bools:
        """Return which techniques people named, (rows, 22)."""
        return np.array([[t in row.techniques for t in TECHNIQUES] for row in self.rows])

    def only(self, keep: Callable[[LabelledPassage], bool]) -> Judged:
        """Return the part whose rows pass `keep`."""
        kept = [i for i, row in enumerate(self.rows) if keep(row)]
        return Judged(tuple(self.rows[i] for i in kept), tuple(self.assessments[i] for i in kept))


def judge(engine: Engine, rows: Sequence[LabelledPassage], advance: Advance = lambda count: None) -> Judged:
    """Assess every row, a few at a time."""
    return Judged(tuple(rows), tuple(assessed(engine, (row.passage for row in rows), advance)))


def assessed(
    engine: Engine, passages: Iterable[Passage], advance: Advance = lambda count: None
) -> list[Assessment]:
    """Assess passages in order, a few at a time."""
    waiting = list(passages)
    found: list[Assessment] = []
    for start in range(0, len(waiting), _CHUNK):
        part = waiting[start : start + _CHUNK]
        found.extend(engine.assess(part))
        advance(len(part))
    return found
