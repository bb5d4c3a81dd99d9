"""Passages with people's labels, as read from JSON lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.contract import ClassifierError, Passage, Span
from classifiers.taxonomy import Technique


class RowsError(ClassifierError):
    """A file of labelled passages is missing or malformed; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class LabelledPassage:
    """A passage with people's labels.

    `votes` are flags 0 none, 1 borderline, 2 clear; `spans` index `text`; rows of one `group` stay on the
    same side of a split; `pair_id` joins two rows of a minimal pair or side-swap pair (empty elsewhere).
    """

    id: str
    text: str
    context: str
    votes: tuple[int, ...]
    techniques: frozenset[Technique]
    spans: tuple[Span, ...]
    genre: str
    source: str
    group: str
    pair_id: str = ""
    kind: str = ""
    topic: str = ""
    side: str = ""

    @property
    def passage(self) -> Passage:
        """Return what a classifier gets to see."""
        return Passage(self.text, self.context)

    @property
    def at_least_borderline(self) -> float:
        """Return the share of votes for borderline or clear."""
        return sum(vote >= 1 for vote in self.votes) / len(self.votes)

    @property
    def clear(self) -> float:
        """Return the share of votes for clear."""
        return sum(vote == 2 for vote in self.votes) / len(self.votes)

    @property
    def flag(self) -> int:
        """Return the consensus: the middle vote, the lower one of two in a tie."""
        return sorted(self.votes)[(len(self.votes) - 1) // 2]


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a JSON-lines file; raise `RowsError` naming the first bad line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RowsError(f"{path} cannot be read ({error}): name a UTF-8 JSON-lines file") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise RowsError(f"{path}, line {number} is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise RowsError(f"{path}, line {number} is not a JSON object")
        yield number, row


def read_labelled(path: Path, genre: str) -> list[LabelledPassage]:
    """Read rows with `votes` or `flag`, `techniques`, and `spans` or `span` (quotes); raise `RowsError`."""
    rows = []
    for number, row in read_jsonl(path):
        try:
            rows.append(_labelled(row, genre))
        except (KeyError, TypeError, ValueError) as error:
            raise RowsError(f"{path}, line {number}: missing or unknown value {error}") from None
    return rows


def _labelled(row: dict[str, Any], genre: str) -> LabelledPassage:
    text = str(row["text"])
    votes = tuple(int(v) for v in (row["votes"] if "votes" in row else [row["flag"]]))
    if not votes or any(v not in (0, 1, 2) for v in votes):
        raise ValueError(f"votes {votes}")
    quotes = row["spans"] if "spans" in row else [row.get("span", "")]
    pair = str(row.get("pair_id") or "")
    return LabelledPassage(
        id=str(row["id"]),
        text=text,
        context=str(row.get("context") or ""),
        votes=votes,
        techniques=frozenset(Technique(t) for t in row.get("techniques", ())) if any(votes) else frozenset(),
        spans=tuple(s for q in quotes if (s := locate(str(q), text)) is not None),
        genre=genre,
        source=str(row.get("source") or row.get("topic") or genre),
        group=pair or str(row["id"]),
        pair_id=pair,
        kind=str(row.get("kind") or ""),
        topic=str(row.get("topic") or ""),
        side=str(row.get("side") or ""),
    )


def locate(quote: str, text: str) -> Span | None:
    """Find `quote` in `text`, letter case ignored where the exact words are not there; None when absent."""
    quote = quote.strip()
    if not quote:
        return None
    start = text.find(quote)
    if start < 0 and len(text.lower()) == len(text):
        start = text.lower().find(quote.lower())
    return Span(start, start + len(quote)) if start >= 0 else None


def share_of(key: str, salt: str = "split") -> float:
    """Return a number in [0, 1) that depends on `key` and `salt` alone."""
    digest = hashlib.sha256(f"{salt}:{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split(
    rows: Iterable[LabelledPassage], held_out: float
) -> tuple[list[LabelledPassage], list[LabelledPassage]]:
    """Split rows into (training, validation) by the hash of their group; `held_out` is a share in [0, 1]."""
    training: list[LabelledPassage] = []
    validation: list[LabelledPassage] = []
    for row in rows:
        (validation if share_of(row.group) < held_out else training).append(row)
    return training, validation
