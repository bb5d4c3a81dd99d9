"""Score JSON lines one after another: a bad line is reported and the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from classifiers.contract import Assessment, Engine, Passage

CHUNK = 64
"""Lines that are assessed together."""

Complain = Callable[[int, str], None]
"""Told (line number, what is wrong with it)."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    row_id: Any
    passage: Passage


def score_lines(
    lines: Iterable[bytes], engine: Engine, threshold: float, complain: Complain
) -> Iterator[str]:
    """Yield one JSON line per good line, in order; blank ones are skipped, bad ones go to `complain`."""
    waiting: list[_Line] = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            waiting.append(_parsed(number, text))
        except ValueError as error:
            complain(number, str(error))
        if len(waiting) >= CHUNK:
            yield from _scored(waiting, engine, threshold)
            waiting = []
    yield from _scored(waiting, engine, threshold)


def _parsed(number: int, text: bytes) -> _Line:
    try:
        row = json.loads(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg})") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    if "id" not in row:
        raise ValueError('no "id"')
    if not isinstance(row.get("text"), str):
        raise ValueError('"text" is missing or not a string')
    context = row.get("context")
    if context is not None and not isinstance(context, str):
        raise ValueError('"context" is not a string')
    return _Line(number, row["id"], Passage(row["text"], context or ""))


def _scored(lines: Sequence[_Line], engine: Engine, threshold: float) -> Iterator[str]:
    if not lines:
        return
    for line, assessment in zip(lines, engine.assess([line.passage for line in lines]), strict=True):
        yield json.dumps(_row(line, assessment, threshold))


def _row(line: _Line, assessment: Assessment, threshold: float) -> dict[str, Any]:
    seed = assessment.nearest_seed
    return {
        "id": line.row_id,
        "score": round(assessment.score, 6),
        "flagged": bool(assessment.is_evaluated and assessment.techniques and assessment.score >= threshold),
        "language": assessment.language,
        "techniques": [
            {
                "technique": found.technique.value,
                "score": round(found.score, 4),
                "start": found.span.start if found.span else None,
                "end": found.span.end if found.span else None,
                "quote": found.span.of(line.passage.text) if found.span else "",
            }
            for found in assessment.techniques
        ],
        "seed": {"id": seed.seed_id, "similarity": round(seed.similarity, 4)} if seed else None,
        "model": assessment.model_id,
    }
