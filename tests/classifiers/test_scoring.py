"""One line in, one line out; a bad line is reported and the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence

from classifiers.contract import Assessment, ModelInfo, Passage, SeedMatch, Sensitivity, Span, TechniqueScore
from classifiers.scoring import score_lines
from classifiers.taxonomy import Technique


class FakeEngine:
    """Flag whatever says "war"."""

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("fake-1", dict.fromkeys(Sensitivity, 0.5))

    def assess(self, passages: Sequence[Passage]) -> list[Assessment]:
        return [_assess(p) for p in passages]


def _assess(passage: Passage) -> Assessment:
    at = passage.text.find("war")
    if at < 0:
        return Assessment(0.1, "fake-1")
    named = TechniqueScore(Technique.STRAW_MAN, 0.75, Span(at, at + 3))
    return Assessment(0.9, "fake-1", (named,), SeedMatch("s-1", "you want war", 0.8))


def _score(*lines: bytes) -> tuple[list[dict[str, object]], list[tuple[int, str]]]:
    complaints: list[tuple[int, str]] = []
    rows = score_lines(lines, FakeEngine(), 0.5, lambda number, reason: complaints.append((number, reason)))
    return [json.loads(row) for row in rows], complaints


def test_a_flagged_row_has_all_fields() -> None:
    rows, complaints = _score('{"id": "a", "text": "so, war — then"}'.encode())
    assert rows == [
        {
            "id": "a",
            "score": 0.9,
            "flagged": True,
            "language": "en",
            "techniques": [{"technique": "Straw_Man", "score": 0.75, "start": 4, "end": 7, "quote": "war"}],
            "seed": {"id": "s-1", "similarity": 0.8},
            "model": "fake-1",
        }
    ]
    assert complaints == []


def test_a_plain_row_has_no_seed_and_no_technique() -> None:
    (row,), _ = _score(b'{"id": 7, "text": "hello", "context": null}')
    assert (row["id"], row["flagged"], row["techniques"], row["seed"]) == (7, False, [], None)


def test_bad_lines_are_reported_with_their_numbers() -> None:
    rows, complaints = _score(
        b'{"id": 1, "text": "war"}', b"{oops", b"", b"[1]", b'{"text": "x"}', b'{"id": 2}',
        b'{"id": 3, "text": 5}', b'{"id": 4, "text": "x", "context": 1}', b"\xff\xfe",
        b'{"id": 5, "text": "ok"}',
    )  # fmt: skip
    assert [row["id"] for row in rows] == [1, 5]
    assert [number for number, _ in complaints] == [2, 4, 5, 6, 7, 8, 9]
    assert "UTF-8" in complaints[-1][1]


def test_order_is_kept_over_many_chunks() -> None:
    rows, _ = _score(*(json.dumps({"id": n, "text": "x"}).encode() for n in range(200)))
    assert [row["id"] for row in rows] == list(range(200))
