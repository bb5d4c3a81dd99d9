"""What a training run depends on, in one frozen thing that is written beside its weights."""

from __future__ import annotations

from dataclasses import dataclass, field

from classifiers.training.augment import Variation
from classifiers.training.losses import LossWeights

VALIDATION_SHARE = 0.10
"""Share of groups held out of training: half of it calibrates, half of it is measured."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Rates are per step, `warm_up` is a share of all steps, token limits count special tokens.

    `lora_rank` 0 trains the whole encoder; `stored_rank` is the rank at which its change is stored.
    `averaged` is how many of the last epochs' weights are averaged; `easy_share` is the share of the flag-0
    natural rows that each epoch draws anew.
    """

    seed: int = 1
    epochs: int = 3
    batch_size: int = 32
    encoder_rate: float = 1.5e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.06
    max_text: int = 112
    max_context: int = 32
    context_dropout: float = 0.6
    easy_share: float = 0.65
    lora_rank: int = 0
    stored_rank: int = 64
    averaged: int = 1
    variation: Variation = field(default_factory=Variation)
    losses: LossWeights = field(default_factory=LossWeights)
