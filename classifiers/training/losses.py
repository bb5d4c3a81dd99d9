"""What the network is asked to learn, as one number per batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from classifiers.engines.network import Readings
from classifiers.training.batches import NO_LABEL, Batch


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How much each part counts beside the flag itself."""

    alone: float = 0.5
    techniques: float = 0.6
    technique_positive: float = 3.0
    evidence: float = 0.3
    embedding: float = 1.0
    ranked: float = 0.3
    alike: float = 0.1


def total_loss(readings: Readings, batch: Batch, weights: LossWeights) -> Tensor:
    """Return the weighted sum of all parts, a scalar."""
    loss = _flag(readings.flag, batch) + weights.alone * _flag(readings.alone, batch)
    loss = loss + weights.techniques * _techniques(readings, batch, weights.technique_positive)
    loss = loss + weights.evidence * _evidence(readings, batch)
    loss = loss + weights.embedding * (1.0 - (readings.embedding * batch.teacher).sum(-1)).mean()
    expected = readings.alone.sum(-1)
    if len(batch.ranked):
        above, below = expected[batch.ranked[:, 0]], expected[batch.ranked[:, 1]]
        loss = loss + weights.ranked * functional.softplus(2.0 - (above - below)).mean()
    if len(batch.alike):
        apart = expected[batch.alike[:, 0]] - expected[batch.alike[:, 1]]
        loss = loss + weights.alike * apart.square().mean()
    return loss


def _flag(logits: Tensor, batch: Batch) -> Tensor:
    each = functional.binary_cross_entropy_with_logits(logits, batch.flag, reduction="none").sum(-1)
    return (each * batch.weight).sum() / batch.weight.sum()


def _techniques(readings: Readings, batch: Batch, positive: float) -> Tensor:
    weight = torch.full_like(batch.techniques[0], positive)
    each = functional.binary_cross_entropy_with_logits(
        readings.techniques, batch.techniques, pos_weight=weight, reduction="none"
    )
    return each.sum(-1).mean() * 0.5


def _evidence(readings: Readings, batch: Batch) -> Tensor:
    known = batch.evidence != NO_LABEL
    if not known.any():
        return readings.evidence.sum() * 0.0
    target = batch.evidence[known]
    each = functional.binary_cross_entropy_with_logits(readings.evidence[known], target, reduction="none")
    return each.mean() * 3.0
