"""Gather every labelled row there is: the seeds folder always, the data folder where present."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifiers.contract import Span
from classifiers.labelled import LabelledPassage, RowsError, read_jsonl, read_labelled, share_of
from classifiers.seedbank import SeedKind
from classifiers.taxonomy import Technique
from classifiers.text.reading import read

NATURAL = "natural"
AUTHORED = "authored"


def gather(seeds: Path, data: Path | None) -> list[LabelledPassage]:
    """Return authored rows from `seeds`, and natural ones from `data` unless it is None or absent.

    Labels of the unlabelled pool come from seeds/labels and their texts from the data folder.
    """
    rows = [
        row for path in sorted((seeds / "corpus").glob("*.jsonl")) for row in read_labelled(path, AUTHORED)
    ]
    rows += _seeds(seeds / "seed_document.jsonl") + _seeds(seeds / "counter_seeds.jsonl")
    if data is not None and data.is_dir():
        rows += read_labelled(data / "natural_train.jsonl", NATURAL)
        rows += _pool(seeds / "labels" / "unlabelled_pool.jsonl", data / "unlabelled_pool.jsonl")
    if not rows:
        raise RowsError(f"{seeds} holds no labelled rows: restore seeds/corpus")
    return with_groups(rows)


def _seeds(path: Path) -> list[LabelledPassage]:
    if not path.is_file():
        return []
    return [_seed(row) for _, row in read_jsonl(path)]


def _seed(row: dict[str, Any]) -> LabelledPassage:
    """Read a seed as a clear framing without marked words, a counter-seed as a plain message."""
    is_seed = row["kind"] == SeedKind.SEED
    return replace(
        _plain(str(row["id"]), str(row["text"]), "", AUTHORED),
        votes=(2,) if is_seed else (0,),
        techniques=frozenset(Technique(t) for t in row.get("techniques", ())) if is_seed else frozenset(),
        kind="framing" if is_seed else "plain",
        source=str(row["kind"]),
    )


def read_civil(path: Path) -> list[LabelledPassage]:
    """Read ordinary talk, every row counted as flag 0."""
    return [
        replace(
            _plain(str(row["id"]), str(row["text"]), str(row.get("context") or ""), NATURAL),
            source=str(row["source"]),
        )
        for _, row in read_jsonl(path)
    ]


def _plain(row_id: str, text: str, context: str, genre: str) -> LabelledPassage:
    return LabelledPassage(row_id, text, context, (0,), frozenset(), (), genre, genre, row_id)


def _pool(labels: Path, texts: Path) -> list[LabelledPassage]:
    if not labels.is_file() or not texts.is_file():
        return []
    by_id = {str(row["id"]): row for _, row in read_jsonl(texts)}
    return [_pooled(row, by_id[str(row["id"])]) for _, row in read_jsonl(labels) if str(row["id"]) in by_id]


def _pooled(label: dict[str, Any], row: dict[str, Any]) -> LabelledPassage:
    plain = _plain(str(row["id"]), str(row["text"]), str(row.get("context") or ""), NATURAL)
    return replace(
        plain,
        votes=tuple(int(v) for v in label["votes"]),
        techniques=frozenset(Technique(t) for t in label["techniques"]),
        spans=tuple(Span(int(a), int(b)) for a, b in label["spans"]),
        source=str(row["source"]),
    )


def with_groups(rows: Sequence[LabelledPassage]) -> list[LabelledPassage]:
    """Give authored rows that share a pair or a parent message one group, so that no split parts them.

    A group is named after its first row: rows added later do not move the others to another side of a split.
    """
    root: dict[str, str] = {}
    place: dict[str, int] = {}

    def find(key: str) -> str:
        place.setdefault(key, len(place))
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for row in rows:
        if row.genre == AUTHORED:
            for key in _ties(row):
                first, second = sorted((find(key), find(f"row {row.id}")), key=lambda k: place[k])
                root[second] = first
    return [replace(row, group=find(f"row {row.id}")) if row.genre == AUTHORED else row for row in rows]


def _ties(row: LabelledPassage) -> list[str]:
    ties = [f"row {row.id}"]
    ties += [f"pair {row.pair_id}"] if row.pair_id else []
    ties += [f"parent {row.context.strip().lower()}"] if row.context.strip() else []
    return ties


def cleaned(rows: Iterable[LabelledPassage]) -> list[LabelledPassage]:
    """Return rows as the network reads them, spans moved along; rows without own words are dropped."""
    made = (_cleaned(row) for row in rows)
    return [row for row in made if row.text.strip()]


def _cleaned(row: LabelledPassage) -> LabelledPassage:
    reading = read(row.passage)
    spans = []
    for span in row.spans:
        inside = [i for i, (a, b) in enumerate(reading.own.origin) if a < span.end and b > span.start]
        if inside:
            spans.append(Span(inside[0], inside[-1] + 1))
    return replace(row, text=reading.own.text, context=reading.context, spans=tuple(spans))


def divided(
    rows: Iterable[LabelledPassage], shares: Sequence[float], salt: str
) -> list[list[LabelledPassage]]:
    """Divide rows by the hash of their group into parts of these shares, which add up to at most 1."""
    parts: list[list[LabelledPassage]] = [[] for _ in shares]
    for row in rows:
        at, place = share_of(row.group, salt), 0.0
        for part, share in zip(parts, shares, strict=True):
            place += share
            if at < place:
                part.append(row)
                break
    return parts
