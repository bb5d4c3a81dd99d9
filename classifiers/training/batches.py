"""Group labelled passages into batches of like length, with pairs side by side."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifiers.engines.network import TokenBatch
from classifiers.engines.tokens import PassageTokenizer, Tokens, collate
from classifiers.labelled import LabelledPassage
from classifiers.taxonomy import TECHNIQUES

NO_LABEL = -1.0
"""Marks tokens that carry no evidence label."""


@dataclass(frozen=True, slots=True)
class Example:
    """A tokenised row with its target embedding of shape (384,), float32."""

    row: LabelledPassage
    tokens: Tokens
    teacher: NDArray[np.float32]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Tokens and targets of n examples: `flag` (n, 2), `techniques` (n, 22), `evidence` (n, t) in {-1, 0, 1},
    `teacher` (n, 384), `weight` (n,), all float32; `ranked` and `alike` list index pairs of shape (p, 2),
    int64."""

    tokens: TokenBatch
    flag: Tensor
    techniques: Tensor
    evidence: Tensor
    teacher: Tensor
    weight: Tensor
    ranked: Tensor
    alike: Tensor


def plan(examples: Sequence[Example], size: int, rng: random.Random) -> list[list[Example]]:
    """Shuffle examples into lists of about `size` with little padding; rows of a pair stay together."""
    units: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        units[example.row.pair_id or example.row.id].append(example)
    jitter = {key: rng.uniform(0.85, 1.15) for key in units}
    ordered = sorted(units, key=lambda k: jitter[k] * max(len(e.tokens.ids) for e in units[k]))
    planned: list[list[Example]] = [[]]
    for key in ordered:
        if len(planned[-1]) >= size:
            planned.append([])
        planned[-1].extend(units[key])
    rng.shuffle(planned)
    return planned


def assemble(examples: Sequence[Example], device: torch.device | str = "cpu") -> Batch:
    """Build the tensors of one batch."""
    tokens = collate([e.tokens for e in examples], device=device)
    evidence = torch.full(tuple(tokens.ids.shape), NO_LABEL)
    for i, example in enumerate(examples):
        labels = _token_labels(example)
        evidence[i, : len(labels)] = torch.tensor(labels)
    ranked, alike = _pairs(examples)
    return Batch(
        tokens=tokens,
        flag=torch.tensor([[e.row.at_least_borderline, e.row.clear] for e in examples]).to(device),
        techniques=torch.tensor([[float(t in e.row.techniques) for t in TECHNIQUES] for e in examples]).to(
            device
        ),
        evidence=evidence.to(device),
        teacher=torch.from_numpy(np.stack([e.teacher for e in examples])).to(device),
        weight=torch.tensor([e.weight for e in examples]).to(device),
        ranked=ranked.to(device),
        alike=alike.to(device),
    )


def _token_labels(example: Example) -> list[float]:
    row = example.row
    if any(row.votes) and not row.spans:
        return []
    labels = []
    for start, end in example.tokens.offsets:
        inside = any(start < s.end and end > s.start for s in row.spans)
        labels.append(float(inside) if end > start else NO_LABEL)
    return labels


def _pairs(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    places: dict[str, list[int]] = defaultdict(list)
    for i, example in enumerate(examples):
        if example.row.pair_id:
            places[example.row.pair_id].append(i)
    ranked, alike = [], []
    for pair in places.values():
        if len(pair) != 2:
            continue
        a, b = sorted(pair, key=lambda i: -examples[i].row.flag)
        if examples[a].row.flag > examples[b].row.flag:
            ranked.append((a, b))
        elif examples[a].row.kind == "side-swap":
            alike.append((a, b))
    empty = torch.zeros(0, 2, dtype=torch.long)
    return (torch.tensor(ranked) if ranked else empty), (torch.tensor(alike) if alike else empty)


def encode(
    rows: Sequence[LabelledPassage],
    tokenizer: PassageTokenizer,
    teachers: NDArray[np.float32],
    weights: Sequence[float],
) -> list[Example]:
    """Tokenise rows and join each with its target embedding; `teachers` is (rows, 384)."""
    tokens = tokenizer.encode([row.passage for row in rows])
    return [Example(r, t, e, w) for r, t, e, w in zip(rows, tokens, teachers, weights, strict=True)]
