"""Remember how the encoder saw each text before training, so that paraphrases stay neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from classifiers.contract import Passage
from classifiers.engines.encoder import EncoderParts
from classifiers.engines.network import EMBEDDING_SIZE
from classifiers.engines.tokens import PassageTokenizer, collate

_BATCH = 64


@torch.inference_mode()
def target_embeddings(
    texts: Sequence[str], parts: EncoderParts, tokenizer: PassageTokenizer, *, device: str = "cpu"
) -> NDArray[np.float32]:
    """Return the bare encoder's mean-pooled unit vectors, (texts, 384), float32.

    An encoder of another width is projected by a fixed random matrix, which keeps angles nearly as they were
    (Johnson and Lindenstrauss 1984).
    """
    tokens = tokenizer.encode([Passage(text) for text in texts])
    order = sorted(range(len(texts)), key=lambda i: len(tokens[i].ids))
    project = _projection(parts.hidden_size).to(torch.device(device))
    model = parts.model.to(torch.device(device)).eval()
    vectors = np.zeros((len(texts), EMBEDDING_SIZE), np.float32)
    for start in range(0, len(order), _BATCH):
        chosen = order[start : start + _BATCH]
        batch = collate([tokens[i] for i in chosen], device=device)
        states = model(input_ids=batch.ids, attention_mask=batch.text.long()).last_hidden_state
        weight = batch.text.unsqueeze(-1).to(states.dtype)
        mean = (states * weight).sum(1) / weight.sum(1)
        vectors[chosen] = functional.normalize(mean @ project, dim=-1).cpu().numpy()
    return vectors


def _projection(width: int) -> torch.Tensor:
    if width == EMBEDDING_SIZE:
        return torch.eye(width)
    generator = torch.Generator().manual_seed(0)
    return torch.randn(width, EMBEDDING_SIZE, generator=generator).div(EMBEDDING_SIZE**0.5)
