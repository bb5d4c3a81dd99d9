"""A tiny random transformer, and the real one, for the tests of the model path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifiers.engines.framing import FramingEngine

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "classifiers" / "weights"
SEEDS = ROOT / "seeds"

_WORDS = [
    "so", "you", "want", "war", "then", "wake", "up", "sheep", "the", "media", "lies", "what", "about",
    "them", "we", "should", "send", "aid", "because", "winter", "is", "hard", "everyone", "knows", "it",
    "was", "paid", "for", "by", "left", "right", "good", "morning", "all", "i", "think", "not", "no",
    "yes",
]  # fmt: skip


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a random two-layer BERT with a vocabulary of letters and a few words; return its folder."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = dict.fromkeys(
        [*special, *letters, *(f"##{c}" for c in letters), *_WORDS, "?", "!", ".", ","]
    )
    model = models.WordPiece(vocab={w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        mask_token="[MASK]",
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=300,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a seeds folder with a few passages and a small labelled corpus; return it."""
    folder = tmp_path_factory.mktemp("seeds")
    (folder / "corpus").mkdir()
    seed = {"id": "doc-1", "text": "wake up sheep", "kind": "seed", "techniques": ["Conspiracy_Framing"]}
    counter = {"id": "counter-1", "text": "good morning all", "kind": "counter-seed", "techniques": []}
    (folder / "seed_document.jsonl").write_text(json.dumps(seed) + "\n")
    (folder / "counter_seeds.jsonl").write_text(json.dumps(counter) + "\n")
    (folder / "corpus" / "a.jsonl").write_text("".join(json.dumps(_row(i)) + "\n" for i in range(60)))
    return folder


def _row(number: int) -> dict[str, object]:
    is_framing = number % 2 == 0
    text = (
        f"so you want war then {'!' * (number % 3)} {_WORDS[number % 30]}"
        if is_framing
        else (f"we should send aid because winter is hard {_WORDS[number % 30]}")
    )
    return {
        "id": f"a-{number}",
        "text": text,
        "context": "good morning all" if number % 5 == 0 else "",
        "flag": 2 if is_framing else 0,
        "techniques": ["Straw_Man"] if is_framing else [],
        "span": "so you want war" if is_framing else "",
        "topic": "war",
        "side": "left" if number % 4 < 2 else "right",
        "pair_id": f"p-{number // 2}" if number < 10 else "",
        "kind": "minimal-pair" if number < 10 else ("framing" if is_framing else "plain"),
    }


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    """Export a network with random heads on the tiny encoder, uncalibrated; return its folder."""
    import torch

    from classifiers.calibration import Calibration, save_calibration
    from classifiers.engines.encoder import load_encoder
    from classifiers.engines.network import FramingNetwork
    from classifiers.engines.trained import CALIBRATION, save_trained

    folder = tmp_path_factory.mktemp("weights")
    parts = load_encoder(str(tiny_encoder))
    torch.manual_seed(1)
    network = FramingNetwork(parts.model, parts.hidden_size, has_token_types=parts.has_token_types)
    heads = {k: v for k, v in network.state_dict().items() if not k.startswith("encoder.")}
    save_trained(heads, folder, encoder=parts.name, hidden_size=parts.hidden_size, facts={})
    save_calibration(Calibration(), folder / CALIBRATION, measured={})
    return folder


@pytest.fixture
def tiny_engine(tiny_encoder: Path, tiny_weights: Path, tiny_seeds: Path) -> FramingEngine:
    """Load an engine on the tiny encoder."""
    from classifiers.factory import build_engine

    return build_engine(encoder=str(tiny_encoder), weights=tiny_weights, seeds=tiny_seeds)


@pytest.fixture(scope="session")
def real_engine() -> FramingEngine:
    """Load the shipped engine once; a test that adds seeds removes them again."""
    from classifiers.factory import build_engine

    return build_engine(weights=WEIGHTS, seeds=SEEDS)
