"""Write and read the folder of trained weights: what was learned on top of an encoder, hash-checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from classifiers.contract import WeightsError
from classifiers.engines.encoder import BUNDLED, load_encoder
from classifiers.engines.files import read_json, sha256_of, verified
from classifiers.engines.lora import DOWN, UP, factorise, merge
from classifiers.engines.network import FramingNetwork
from classifiers.engines.tokens import PassageTokenizer

MANIFEST = "manifest.json"
TENSORS = "framing.safetensors"
CALIBRATION = "calibration.json"
_ENCODER = "encoder."
_HASH_LETTERS = 8


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A network ready to read, its tokenizer, and the id that names encoder and weights."""

    network: FramingNetwork
    tokenizer: PassageTokenizer
    model_id: str


def load_trained(weights: Path, *, encoder: str = BUNDLED, device: str = "cpu") -> TrainedModel:
    """Load the encoder and what was trained on it; raise `WeightsError` for a missing or changed file."""
    manifest = read_json(weights / MANIFEST)
    path = verified(weights / TENSORS, str(manifest.get("sha256")))
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} is not a safetensors file ({error}): restore it") from None
    parts = load_encoder(encoder)
    _check_encoder(manifest, parts.name, parts.hidden_size)
    update = {k.removeprefix(_ENCODER): v for k, v in tensors.items() if k.startswith(_ENCODER)}
    merge(parts.model, update)
    network = FramingNetwork(parts.model, parts.hidden_size, has_token_types=parts.has_token_types)
    heads = {k: v.float() for k, v in tensors.items() if not k.startswith(_ENCODER)}
    _fill(network, heads, path)
    network.requires_grad_(False).eval().to(torch.device(device))
    return TrainedModel(network, PassageTokenizer(parts.tokenizer), str(manifest["model_id"]))


def _fill(network: FramingNetwork, heads: Mapping[str, Tensor], path: Path) -> None:
    remedy = f"{path} has other heads than this version expects: train again or restore it"
    try:
        found = network.load_state_dict(heads, strict=False)
    except RuntimeError:
        raise WeightsError(remedy) from None
    if found.unexpected_keys or any(not k.startswith(_ENCODER) for k in found.missing_keys):
        raise WeightsError(remedy)


def _check_encoder(manifest: Mapping[str, Any], name: str, hidden_size: int) -> None:
    if manifest.get("encoder") != name or manifest.get("hidden_size") != hidden_size:
        raise WeightsError(
            f"the weights were trained on encoder {manifest.get('encoder')!r}, "
            f"{manifest.get('hidden_size')} wide, "
            f"not on {name!r} ({hidden_size}): set classifier.encoder to it or train again"
        )


def save_trained(
    tensors: Mapping[str, Tensor], weights: Path, *, encoder: str, hidden_size: int, facts: Mapping[str, Any]
) -> str:
    """Write tensors as float16 with a manifest; return the model id, which ends in their hash."""
    weights.mkdir(parents=True, exist_ok=True)
    save_file({k: v.detach().half().contiguous() for k, v in sorted(tensors.items())}, weights / TENSORS)
    digest = sha256_of(weights / TENSORS)
    model_id = f"evenhand-{encoder}-{digest[:_HASH_LETTERS]}"
    manifest = {
        "model_id": model_id,
        "encoder": encoder,
        "hidden_size": hidden_size,
        "sha256": digest,
        **facts,
    }
    (weights / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return model_id


def compressed(trained: Mapping[str, Tensor], base: Mapping[str, Tensor], *, rank: int) -> dict[str, Tensor]:
    """Return what to store: heads as they are, encoder matrices as rank-`rank` updates of `base`.

    `trained` has the network's names, `base` the bare encoder's; unchanged tensors are left out, and a
    matrix whose factors would be larger than itself is stored whole.
    """
    stored: dict[str, Tensor] = {}
    for name, tensor in trained.items():
        bare = name.removeprefix(_ENCODER)
        if not name.startswith(_ENCODER):
            stored[name] = tensor
        elif torch.equal(tensor, base[bare]):
            continue
        elif tensor.dim() == 2 and rank * sum(tensor.shape) < tensor.numel():
            stored[name + DOWN], stored[name + UP] = factorise(tensor - base[bare], rank)
        else:
            stored[name] = tensor
    return stored


def short_hash(text: str) -> str:
    """Return the first eight hex letters of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LETTERS]
