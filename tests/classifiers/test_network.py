"""The network's guarantees: context can only excuse, padding changes nothing, LoRA merges exactly."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from classifiers.contract import Passage, WeightsError
from classifiers.engines.encoder import EncoderParts, load_encoder
from classifiers.engines.lora import DOWN, UP, factorise, merge
from classifiers.engines.network import FramingNetwork
from classifiers.engines.tokens import PassageTokenizer, collate
from classifiers.engines.trained import compressed
from classifiers.training.network import learned, with_lora
from classifiers.training.settings import TrainingSettings


@pytest.fixture
def parts(tiny_encoder: Path) -> EncoderParts:
    return load_encoder(str(tiny_encoder))


@pytest.fixture
def network(parts: EncoderParts) -> FramingNetwork:
    torch.manual_seed(3)
    return FramingNetwork(parts.model, parts.hidden_size, has_token_types=parts.has_token_types).eval()


@pytest.mark.parametrize("parent", ["you lies", "wake up sheep the media lies " * 4, "no"])
def test_a_context_can_only_lower_the_flag(parts: EncoderParts, network: FramingNetwork, parent: str) -> None:
    tokenizer = PassageTokenizer(parts.tokenizer)
    alone, under = tokenizer.encode([Passage("we should send aid"), Passage("we should send aid", parent)])
    with torch.inference_mode():
        without, with_parent = network(collate([alone])), network(collate([under]))
    assert torch.allclose(without.flag, with_parent.alone, atol=1e-5)
    assert (with_parent.flag < with_parent.alone).all()
    assert torch.allclose(without.techniques, with_parent.techniques, atol=1e-5)
    assert torch.allclose(without.embedding, with_parent.embedding, atol=1e-5)


def test_company_in_a_batch_changes_nothing(parts: EncoderParts, network: FramingNetwork) -> None:
    tokenizer = PassageTokenizer(parts.tokenizer)
    short, long = tokenizer.encode([Passage("no", "yes"), Passage("wake up sheep " * 20, "no")])
    with torch.inference_mode():
        apart, together = network(collate([short])), network(collate([short, long]))
    assert torch.allclose(apart.flag[0], together.flag[0], atol=1e-5)
    assert torch.allclose(apart.embedding[0], together.embedding[0], atol=1e-5)


def test_embeddings_have_unit_length(parts: EncoderParts, network: FramingNetwork) -> None:
    with torch.inference_mode():
        said = network(collate(PassageTokenizer(parts.tokenizer).encode([Passage("wake up")])))
    assert said.embedding.norm().item() == pytest.approx(1.0, abs=1e-5)


def test_a_cut_text_says_so(parts: EncoderParts) -> None:
    tokens = PassageTokenizer(parts.tokenizer, max_text=8).encode([Passage("no " * 50, "yes " * 90)])[0]
    assert tokens.is_truncated
    assert tokens.n_text == len(tokens.offsets) == 8


# peft still asks transformers for a name that is deprecated.
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_our_merge_equals_pefts(tiny_encoder: Path) -> None:
    plain, wrapped = load_encoder(str(tiny_encoder)), load_encoder(str(tiny_encoder))
    base = {k: v.clone() for k, v in plain.model.state_dict().items()}
    torch.manual_seed(5)
    adapted = with_lora(wrapped.model, rank=4)
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    network = FramingNetwork(adapted, 32, has_token_types=True).eval()
    stored = compressed(learned(network), base, rank=4)
    assert any(name.endswith(DOWN) for name in stored)
    merge(plain.model, {k.removeprefix("encoder."): v for k, v in stored.items() if k.startswith("encoder.")})
    ids = torch.arange(5, 20).unsqueeze(0)
    with torch.inference_mode():
        ours = plain.model(input_ids=ids).last_hidden_state
        theirs = adapted(input_ids=ids).last_hidden_state
        merged = adapted.merge_and_unload()(input_ids=ids).last_hidden_state
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert torch.allclose(ours, merged, atol=1e-4)


def test_factors_of_full_rank_give_the_change_back() -> None:
    delta = torch.randn(6, 4)
    down, up = factorise(delta, rank=4)
    assert torch.allclose(up @ down, delta, atol=1e-5)


def test_an_update_of_another_encoder_is_refused(parts: EncoderParts) -> None:
    with pytest.raises(WeightsError, match="does not fit this encoder"):
        merge(parts.model, {"nowhere" + DOWN: torch.zeros(1, 2), "nowhere" + UP: torch.zeros(2, 1)})


def test_the_shipped_settings_train_the_whole_encoder() -> None:
    assert TrainingSettings().lora_rank == 0
