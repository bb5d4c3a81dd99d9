"""Fit the embedding so that paraphrases stay as near as the bare encoder saw them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.contract import Passage
from classifiers.engines.network import FramingNetwork
from classifiers.engines.tokens import PassageTokenizer, collate

MOST_TEXTS = 6000
"""Texts that the fit uses: many times the columns it solves for."""

_BATCH = 64
_RIDGE = 1e-3
"""Penalty on the weights, per text."""


@torch.inference_mode()
def fit_embedding(
    network: FramingNetwork,
    tokenizer: PassageTokenizer,
    texts: Sequence[str],
    targets: NDArray[np.float32],
    *,
    device: str = "cpu",
) -> None:
    """Set the embedding head to the ridge regression of `targets`, (texts, 384), on the network's layers."""
    network.eval()
    columns = network.embed.in_features + 1
    moments = torch.zeros(columns, columns, dtype=torch.float64)
    products = torch.zeros(columns, targets.shape[1], dtype=torch.float64)
    tokens = tokenizer.encode([Passage(text) for text in texts])
    order = sorted(range(len(texts)), key=lambda i: len(tokens[i].ids))
    for start in range(0, len(order), _BATCH):
        chosen = order[start : start + _BATCH]
        gist = network.gist(collate([tokens[i] for i in chosen], device=device)).double().cpu()
        gist = torch.cat([gist, torch.ones(len(chosen), 1, dtype=torch.float64)], dim=1)
        moments += gist.T @ gist
        products += gist.T @ torch.from_numpy(targets[chosen]).double()
    penalty = _RIDGE * len(texts) * torch.eye(columns, dtype=torch.float64)
    penalty[-1, -1] = 0.0
    solved = torch.linalg.solve(moments + penalty, products).float()
    network.embed.weight.copy_(solved[:-1].T)
    network.embed.bias.copy_(solved[-1])
