"""The network: one pass from tokens to flag, techniques, evidence and an embedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifiers.taxonomy import TECHNIQUES

EMBEDDING_SIZE = 384
"""Floats in a seed embedding."""

GIST_LAYERS = 4
"""Layers whose means make the embedding: early ones keep what fine-tuning forgets."""

_MASKED = -1e4


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Padded token ids; every tensor is (batch, tokens). `text` marks the passage, `parent` its context."""

    ids: Tensor
    types: Tensor
    text: Tensor
    parent: Tensor


@dataclass(frozen=True, slots=True)
class Readings:
    """What one pass says of a batch of n passages with t tokens; all float32.

    `alone` and `flag` are (n, 2) cumulative logits (at least borderline, clear), without and with the
    context; `techniques` (n, 22) logits; `evidence` (n, t) logits; `affinity` (n, t, 22) says how much each
    token speaks for each technique; `embedding` (n, 384) has unit length.
    """

    alone: Tensor
    flag: Tensor
    techniques: Tensor
    evidence: Tensor
    affinity: Tensor
    embedding: Tensor


class FramingNetwork(nn.Module):
    """An encoder with four heads.

    Tokens of the passage never attend to the context, so what the passage says alone is fixed; the context
    reads the passage and can only subtract from its flag logits. A parent can therefore excuse, never
    accuse.
    """

    def __init__(
        self, encoder: nn.Module, hidden_size: int, *, has_token_types: bool, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.has_token_types = has_token_types
        self.drop = nn.Dropout(dropout)
        self.flag = nn.Linear(3 * hidden_size, 2)
        self.techniques = nn.Linear(3 * hidden_size, len(TECHNIQUES))
        self.evidence = nn.Linear(hidden_size, 1)
        self.excuse = nn.Linear(2 * hidden_size, 2)
        self.embed = nn.Linear(GIST_LAYERS * hidden_size, EMBEDDING_SIZE)
        nn.init.constant_(self.excuse.bias, -3.0)

    def forward(self, batch: TokenBatch) -> Readings:
        """Read a batch; a row whose `text` is all False gives meaningless numbers."""
        states = self._encode(batch)
        last = states[-1]
        evidence = self.evidence(self.drop(last)).squeeze(-1)
        pooled = self.drop(_pool(last, batch.text, evidence))
        alone = self.flag(pooled)
        excuse = self._excuse(last, batch)
        width = last.shape[-1]
        by_token = functional.linear(last, self.techniques.weight[:, 2 * width :])
        return Readings(
            alone=alone,
            flag=alone - excuse,
            techniques=self.techniques(pooled),
            evidence=evidence,
            affinity=by_token,
            embedding=functional.normalize(self.embed(_gist(states, batch.text)), dim=-1),
        )

    def gist(self, batch: TokenBatch) -> Tensor:
        """Return what the embedding is made from: text means of four layers, (n, 4 * hidden size)."""
        return _gist(self._encode(batch), batch.text)

    def _encode(self, batch: TokenBatch) -> tuple[Tensor, ...]:
        extra: dict[str, Any] = {"token_type_ids": batch.types} if self.has_token_types else {}
        output = self.encoder(
            input_ids=batch.ids, attention_mask=_sight(batch), output_hidden_states=True, **extra
        )
        states: tuple[Tensor, ...] = output.hidden_states
        return states

    def _excuse(self, last: Tensor, batch: TokenBatch) -> Tensor:
        has_parent = batch.parent.any(dim=1, keepdim=True)
        seen = torch.cat([_mean(last, batch.parent), _mean(last, batch.text)], dim=-1)
        amount = functional.softplus(self.excuse(self.drop(seen)))
        return torch.where(has_parent, amount, torch.zeros_like(amount))


def _sight(batch: TokenBatch) -> Tensor:
    """Say who sees whom, (n, 1, t, t) bool: text sees text, context sees both, padding sees the text."""
    text = batch.text.unsqueeze(1)
    both = (batch.text | batch.parent).unsqueeze(1)
    return torch.where(batch.parent.unsqueeze(2), both, text).unsqueeze(1)


def _gist(states: tuple[Tensor, ...], mask: Tensor) -> Tensor:
    """Join the text's mean from a quarter, half and three quarters of the way, and from the end."""
    chosen = [states[len(states) * i // GIST_LAYERS] for i in range(1, GIST_LAYERS)]
    return torch.cat([_mean(layer, mask) for layer in (*chosen, states[-1])], dim=-1)


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    weight = mask.unsqueeze(-1).to(states.dtype)
    return (states * weight).sum(1) / weight.sum(1).clamp(min=1.0)


def _pool(states: Tensor, mask: Tensor, evidence: Tensor) -> Tensor:
    highest = states.masked_fill(~mask.unsqueeze(-1), _MASKED).amax(1)
    attention = torch.softmax(evidence.masked_fill(~mask, _MASKED), dim=-1)
    return torch.cat([_mean(states, mask), highest, torch.einsum("nt,nth->nh", attention, states)], dim=-1)
