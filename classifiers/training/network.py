"""Make a network ready to learn, and take out what it learned."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from classifiers.engines.encoder import EncoderParts
from classifiers.engines.network import FramingNetwork
from classifiers.training.settings import TrainingSettings

_LORA_TARGETS = ("query", "key", "value", "dense")


def trainable_network(parts: EncoderParts, settings: TrainingSettings) -> FramingNetwork:
    """Wrap the encoder with fresh heads.

    Word embeddings stay frozen, and with LoRA all of the encoder but its low-rank factors.
    """
    torch.manual_seed(settings.seed)
    encoder = parts.model
    encoder.requires_grad_(True)
    for name, parameter in encoder.named_parameters():
        if "word_embeddings" in name:
            parameter.requires_grad_(False)
    _without_attention_dropout(encoder)
    if settings.lora_rank:
        encoder = with_lora(encoder, settings.lora_rank)
    return FramingNetwork(encoder, parts.hidden_size, has_token_types=parts.has_token_types)


def _without_attention_dropout(encoder: nn.Module) -> None:
    """Let attention run fused: dropout on its weights would cost about a tenth of every step."""
    for name, module in encoder.named_modules():
        if name.endswith("attention.self.dropout") and isinstance(module, nn.Dropout):
            module.p = 0.0


def with_lora(encoder: nn.Module, rank: int) -> Any:
    """Wrap an encoder with PEFT's LoRA on all its linear layers, scaling 1."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=rank, lora_dropout=0.05, target_modules=list(_LORA_TARGETS))
    wrapped: Any = encoder
    return get_peft_model(wrapped, config)


def optimiser(network: FramingNetwork, settings: TrainingSettings) -> torch.optim.Optimizer:
    """Return AdamW with one rate for the encoder and one for the heads."""
    encoder = [p for n, p in network.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder.")]
    groups = [
        {"params": encoder, "lr": settings.encoder_rate},
        {"params": heads, "lr": settings.head_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay)


def learned(network: FramingNetwork) -> dict[str, Tensor]:
    """Return what may have changed, on the CPU, LoRA merged, under the names of an unwrapped network."""
    state = {
        k: v.detach().cpu().clone() for k, v in network.state_dict().items() if "word_embeddings" not in k
    }
    return _merged(state) if any("lora_A" in k for k in state) else state


def _merged(state: dict[str, Tensor]) -> dict[str, Tensor]:
    merged: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if "lora_" in name:
            continue
        plain = name.replace("base_model.model.", "").replace(".base_layer", "")
        stem = name.removesuffix(".base_layer.weight")
        down, up = state.get(f"{stem}.lora_A.default.weight"), state.get(f"{stem}.lora_B.default.weight")
        merged[plain] = tensor + up @ down if down is not None and up is not None else tensor
    return merged


def averaged(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Average the weights of several moments of one run (Izmailov et al. 2018); names must be the same."""
    return {
        name: torch.stack([state[name].float() for state in states]).mean(0)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in states[-1].items()
    }
