"""The engine on a tiny random transformer: order, offsets, windows, languages, seeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.batching import BatchingClassifier
from classifiers.calibration import Blend, Calibration
from classifiers.contract import Passage, similarity
from classifiers.engines.bank import CACHE, fill_bank, save_bank
from classifiers.engines.framing import FramingEngine
from classifiers.factory import build_classifier
from classifiers.seedbank import Seed, SeedKind
from classifiers.taxonomy import TECHNIQUES

_LOOSE = Calibration(technique_cuts=dict.fromkeys(TECHNIQUES, -9.0), blend=Blend(1.0, 2.0, -2.0, 0.0))


@pytest.fixture
def engine(tiny_engine: FramingEngine) -> FramingEngine:
    return tiny_engine.with_calibration(_LOOSE)


def test_answers_come_in_order_whatever_the_lengths(engine: FramingEngine) -> None:
    texts = ["so you want war then " * n for n in (30, 1, 12, 2, 45)]
    together = engine.assess([Passage(t) for t in texts])
    apart = [engine.assess([Passage(t)])[0] for t in texts]
    assert [a.score for a in together] == pytest.approx([a.score for a in apart], abs=1e-5)


def test_no_passage_no_assessment(engine: FramingEngine) -> None:
    assert engine.assess([]) == []


def test_nothing_to_read_scores_nothing(engine: FramingEngine) -> None:
    for text in ("", "   ", "https://example.org", "😀😀"):
        found = engine.assess([Passage(text, "wake up sheep")])[0]
        assert (found.score, found.techniques, found.is_evaluated) == (0.0, (), True)


def test_another_language_is_not_evaluated(engine: FramingEngine) -> None:
    found = engine.assess([Passage("das ist doch alles nur Propaganda von der NATO")])[0]
    assert (found.is_evaluated, found.score, found.language) == (False, 0.0, "de")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=20))
def test_spans_always_lie_in_the_original(engine: FramingEngine, text: str, context: str) -> None:
    found = engine.assess([Passage(text, context)])[0]
    assert 0.0 <= found.score <= 1.0
    for technique in found.techniques:
        if technique.span is not None:
            assert 0 <= technique.span.start < technique.span.end <= len(text)


def test_spans_are_cut_at_words(engine: FramingEngine) -> None:
    text = "**so** you w4nt war, then ||wake up||!"
    for technique in engine.assess([Passage(text)])[0].techniques:
        assert technique.span is not None
        quote = technique.span.of(text)
        assert quote == quote.strip()


def test_a_long_message_is_read_in_windows_and_the_worst_counts(engine: FramingEngine) -> None:
    sentence = "we should send aid because winter is hard. "
    long = sentence * 60
    found = engine.assess([Passage(long)])[0]
    assert not found.is_truncated
    assert found.score == pytest.approx(
        max(a.score for a in engine.assess([Passage(long[i : i + 43 * 20]) for i in (0, 430, 860)])), abs=0.15
    )


def test_one_endless_sentence_is_cut_visibly(engine: FramingEngine) -> None:
    assert engine.assess([Passage("no " * 700)])[0].is_truncated


def test_a_seed_counts_in_the_very_next_assessment(engine: FramingEngine) -> None:
    passage = Passage("everyone knows it was paid for by them")
    before = engine.assess([passage])[0]
    engine.add_seeds([Seed("new", passage.text)])
    after = engine.assess([passage])[0]
    assert after.score > before.score
    assert after.nearest_seed is not None
    assert (after.nearest_seed.seed_id, round(after.nearest_seed.similarity, 4)) == ("new", 1.0)
    engine.remove_seed("new")
    assert engine.assess([passage])[0].score == pytest.approx(before.score, abs=1e-6)


def test_a_counter_seed_calms_the_next_assessment(engine: FramingEngine) -> None:
    passage = Passage("everyone knows it was paid for by them")
    before = engine.assess([passage])[0].score
    engine.add_seeds([Seed("calm", passage.text, SeedKind.COUNTER_SEED)])
    assert engine.assess([passage])[0].score <= before


def test_embeddings_of_equal_words_are_equal(engine: FramingEngine) -> None:
    first, second = engine.assess([Passage("wake up sheep", "no"), Passage("**wake up** sheep", "yes")])
    assert similarity(first.embedding, second.embedding) == pytest.approx(1.0, abs=1e-5)


def test_the_bank_is_read_from_its_cache(tmp_path: Path, engine: FramingEngine) -> None:
    seeds = [Seed("a", "wake up sheep"), Seed("b", "good morning all", SeedKind.COUNTER_SEED)]
    vectors = engine.embed([s.text for s in seeds])
    bank = fill_bank(seeds, engine.embed, model_id="m", cache=tmp_path / CACHE)
    save_bank(bank, vectors, model_id="m", cache=tmp_path / CACHE)
    asked: list[str] = []

    def embed(texts: object) -> np.ndarray:
        asked.extend(list(texts))  # type: ignore[call-overload]
        return engine.embed(list(texts))  # type: ignore[call-overload]

    again = fill_bank([*seeds, Seed("c", "no")], embed, model_id="m", cache=tmp_path / CACHE)
    assert asked == ["no"]
    assert again.resemblances(vectors[:1])[0].seed == pytest.approx(1.0, abs=1e-3)
    fill_bank(seeds, embed, model_id="other", cache=tmp_path / CACHE)
    assert asked == ["no", "wake up sheep", "good morning all"]


async def test_the_factory_builds_a_classifier(
    tiny_encoder: Path, tiny_weights: Path, tiny_seeds: Path
) -> None:
    classifier = build_classifier(
        encoder=str(tiny_encoder),
        weights=tiny_weights,
        seeds=tiny_seeds,
        batch_size=4,
        batch_wait_ms=1,
        queue_size=8,
    )
    assert isinstance(classifier, BatchingClassifier)
    assert classifier.info.model_id.startswith("evenhand-encoder")
    assert (await classifier.assess(Passage("wake up"))).model_id == classifier.info.model_id
    await classifier.close()


def test_techniques_come_best_first(engine: FramingEngine) -> None:
    scores = [t.score for t in engine.assess([Passage("so you want war then")])[0].techniques]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == len(TECHNIQUES)


def test_a_text_that_may_be_flagged_always_has_a_technique(tiny_engine: FramingEngine) -> None:
    strict = replace(_LOOSE, technique_cuts=dict.fromkeys(TECHNIQUES, 99.0), blend=Blend(0.0, 0.0, 0.0, 9.0))
    found = tiny_engine.with_calibration(strict).assess([Passage("so you want war")])[0]
    assert len(found.techniques) == 1
