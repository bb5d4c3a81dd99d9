"""Text that remembers where each of its characters stood in the original."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from classifiers.contract import Span

Edit = tuple[int, int, str]
"""Replace the characters `[start, end)` of the present text with these."""


@dataclass(frozen=True, slots=True)
class AlignedText:
    """A text with the half-open original range behind each of its characters; ranges never run backwards."""

    text: str
    origin: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, original: str) -> AlignedText:
        """Align `original` with itself."""
        return cls(original, tuple((i, i + 1) for i in range(len(original))))

    def edited(self, edits: Iterable[Edit]) -> AlignedText:
        """Apply edits that are sorted and do not overlap; new characters stand for the whole range they
        replace.

        A replacement as long as what it replaces keeps the alignment letter by letter.
        """
        pieces: list[str] = []
        origin: list[tuple[int, int]] = []
        done = 0
        for start, end, replacement in edits:
            pieces.append(self.text[done:start])
            origin.extend(self.origin[done:start])
            pieces.append(replacement)
            origin.extend(self._origin_of(start, end, len(replacement)))
            done = end
        pieces.append(self.text[done:])
        origin.extend(self.origin[done:])
        return AlignedText("".join(pieces), tuple(origin))

    def _origin_of(self, start: int, end: int, length: int) -> Iterable[tuple[int, int]]:
        if length == end - start:
            return self.origin[start:end]
        if start == end:
            at = self.origin[start - 1][1] if start else 0
            return [(at, at)] * length
        return [(self.origin[start][0], self.origin[end - 1][1])] * length

    def substituted(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> AlignedText:
        """Replace every match of `pattern` by what `replace` returns for it."""
        edits = [(m.start(), m.end(), replace(m)) for m in pattern.finditer(self.text)]
        return self.edited(edit for edit in edits if self.text[edit[0] : edit[1]] != edit[2])

    def without(self, pattern: re.Pattern[str], group: int = 1) -> AlignedText:
        """Strip what surrounds `group` in every match of `pattern` and keep the group itself."""
        edits: list[Edit] = []
        for match in pattern.finditer(self.text):
            inner_start, inner_end = match.span(group)
            edits += [(match.start(), inner_start, ""), (inner_end, match.end(), "")]
        return self.edited(edits)

    def translated(self, letters: Callable[[str], str]) -> AlignedText:
        """Replace single characters; `letters` returns the character itself where nothing changes."""
        edits = [(i, i + 1, new) for i, old in enumerate(self.text) if (new := letters(old)) != old]
        return self.edited(edits)

    def original(self, start: int, end: int) -> Span | None:
        """Return the original range behind `[start, end)`; None where it is empty."""
        if start >= end or not self.origin:
            return None
        first, last = self.origin[start][0], self.origin[min(end, len(self.origin)) - 1][1]
        return Span(first, last) if first < last else None
