"""What the shipped weights must do, whoever trained them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from classifiers.contract import Passage, Sensitivity, similarity
from classifiers.engines.bank import CACHE, fill_bank
from classifiers.engines.framing import FramingEngine
from classifiers.seedbank import Seed, SeedKind, read_seeds
from tests.classifiers.conftest import SEEDS, WEIGHTS

_CLEAR = (
    "Wake up sheeple, the CIA paid for the whole coup and the media is in on it.",
    "So you want nuclear war then? Because that's what you lot are cheering for.",
    "Anyone who still defends them is a fascist, simple as that, end of story.",
    "And what about Iraq? Funny how you never cried about that, hypocrites.",
    "They are orcs, the whole people, there is nothing human left in them.",
)
_PLAIN = (
    "I think we should send more aid before winter, because the grid is failing.",
    "Does anyone have the link to the full report? I only found the summary.",
    "The vote is on Tuesday, polls open at seven.",
    "I disagree with you on NATO, but your point about the treaty is fair.",
    "lol my cat just walked over the keyboard",
)
_PARENTS = tuple(
    f"{opening} {closing}"
    for opening in (
        "You people are traitors and everybody knows it.",
        "Another paid shill, how much do they give you?",
        "Only a fascist would say that.",
        "All of them are vermin, every single one.",
        "Do your own research, sheep.",
        "Either you are with us or you are a murderer.",
        "Funny how you never mention what your side did.",
        "It was all planned by the same people, as always.",
        "So you want children to die, got it.",
        "The west started all of it, full stop.",
    )
    for closing in ("Shame on you!", "Prove me wrong.", "End of story.", "Wake up.", "Who pays you?")
)


def _scores(engine: FramingEngine, texts: Sequence[str]) -> list[float]:
    return [a.score for a in engine.assess([Passage(text) for text in texts])]


def test_clear_framings_outscore_plain_talk(real_engine: FramingEngine) -> None:
    clear, plain = _scores(real_engine, _CLEAR), _scores(real_engine, _PLAIN)
    assert np.mean(clear) > np.mean(plain) + 0.3
    assert max(plain) < real_engine.info.thresholds[Sensitivity.HIGH]


def test_thresholds_are_stricter_the_lower_the_budget(real_engine: FramingEngine) -> None:
    at = real_engine.info.thresholds
    assert 0.0 < at[Sensitivity.HIGH] < at[Sensitivity.BALANCED] <= at[Sensitivity.LOW] <= 1.0


def test_no_parent_raises_the_score_of_a_plain_reply(real_engine: FramingEngine) -> None:
    assert len(_PARENTS) == 50
    for reply, alone in zip(_PLAIN[:3], _scores(real_engine, _PLAIN[:3]), strict=True):
        under = real_engine.assess([Passage(reply, parent) for parent in _PARENTS])
        assert max(a.score for a in under) <= alone + 1e-4


def test_evidence_points_at_the_original_words(real_engine: FramingEngine) -> None:
    before = "I had lunch with my sister today and we talked about the garden."
    device = "**W4ke up** sh\u200beeple, the CIA paid for the whole coup!"
    after = "Tomorrow I need to buy a new bike because the old one is broken."
    text = f"{before} {device} {after}"
    found = real_engine.assess([Passage(text)])[0]
    assert found.techniques
    span = found.techniques[0].span
    assert span is not None
    assert "the CIA paid" in span.of(text)
    assert "lunch" not in span.of(text)
    assert "bike" not in span.of(text)


def test_a_moderators_seed_finds_paraphrases_and_leaves_its_counter_seed(real_engine: FramingEngine) -> None:
    seed = "the blackout was a rehearsal, they wanted to see how fast we would obey"
    paraphrase = "that blackout was just a rehearsal to see how quickly we obey"
    look_alike = "some say the blackout was a rehearsal, but the log shows a tripped line near Lyon"
    before = _scores(real_engine, [paraphrase, look_alike])
    seeds = [Seed("mod-1", seed), Seed("mod-2", look_alike, SeedKind.COUNTER_SEED)]
    real_engine.add_seeds(seeds)
    try:
        after = _scores(real_engine, [paraphrase, look_alike])
        found = real_engine.assess([Passage(paraphrase)])[0]
    finally:
        for added in seeds:
            real_engine.remove_seed(added.id)
    assert after[0] > before[0] + 0.1
    assert after[0] >= real_engine.info.thresholds[Sensitivity.HIGH]
    assert after[1] <= before[1]
    assert found.nearest_seed is not None
    assert found.nearest_seed.seed_id == "mod-1"


def test_paraphrases_stay_neighbours(real_engine: FramingEngine) -> None:
    first, second, other = real_engine.assess(
        [
            Passage("so you want world war three then?"),
            Passage("oh so you would rather have a third world war?"),
            Passage("my tomatoes are finally ripe"),
        ]
    )
    assert similarity(first.embedding, second.embedding) > similarity(first.embedding, other.embedding) + 0.3


def test_every_shipped_seed_is_embedded_beforehand(real_engine: FramingEngine) -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        if texts:
            pytest.fail(f"{len(texts)} seeds are not in the cache: run `python -m classifiers calibrate`")
        return np.zeros((0, 384), np.float32)

    bank = fill_bank(read_seeds(SEEDS), embed, model_id=real_engine.info.model_id, cache=WEIGHTS / CACHE)
    assert len(bank) == len(real_engine.bank)


def test_scores_come_with_their_range(real_engine: FramingEngine) -> None:
    found = real_engine.assess([Passage(_CLEAR[0])])[0]
    assert found.interval is not None
    assert found.interval[0] <= found.score <= found.interval[1] or found.score > 0.99


def test_another_language_is_left_alone(real_engine: FramingEngine) -> None:
    found = real_engine.assess([Passage("Ihr seid doch alle gekauft von den Amis, wacht endlich auf")])[0]
    assert (found.is_evaluated, found.score) == (False, 0.0)
