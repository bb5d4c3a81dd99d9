"""Merge low-rank updates into the weights they adapt (LoRA, Hu et al. 2021): running needs no peft."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from classifiers.contract import WeightsError

DOWN = ".lora_down"
"""Suffix of the (rank, in) factor."""

UP = ".lora_up"
"""Suffix of the (out, rank) factor, scaling included."""


def merge(encoder: nn.Module, update: Mapping[str, Tensor]) -> None:
    """Change `encoder` in place: W += up @ down for factor pairs, and plain tensors replace parameters.

    Raise `WeightsError` when a name or shape does not fit the encoder.
    """
    parameters = dict(encoder.named_parameters())
    with torch.no_grad():
        for name, tensor in update.items():
            if name.endswith(UP):
                continue
            try:
                if name.endswith(DOWN):
                    stem = name.removesuffix(DOWN)
                    parameters[stem].add_(update[stem + UP].float() @ tensor.float())
                else:
                    parameters[name].copy_(tensor.float())
            except (KeyError, RuntimeError):
                raise WeightsError(
                    f"the update {name!r} does not fit this encoder: use the one it was trained with"
                ) from None


def factorise(delta: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return (down, up) of shapes (rank, in) and (out, rank), float32: the best `rank` approximation of
    `delta`.

    The best in the least-squares sense, by truncated singular value decomposition (Eckart and Young 1936).
    """
    u, s, v = torch.linalg.svd(delta.float(), full_matrices=False)
    root = s[:rank].sqrt()
    return root.unsqueeze(1) * v[:rank], u[:, :rank] * root
