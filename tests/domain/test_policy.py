"""What is screened at all, and when a score becomes a flag."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.policy import SkipReason, flag_text, skip_reason
from bot.domain.posts import Author
from classifiers.contract import Sensitivity, Span, TechniqueScore
from classifiers.taxonomy import Technique
from tests.factories import CHANNEL, FRAMED, THRESHOLDS, a_post, an_assessment, preferences


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        (a_post(), None),
        (a_post(author=Author(1, "App", is_bot=True)), SkipReason.BOT),
        (a_post(author=Author(1, "Hook", is_bot=True, is_webhook=True)), SkipReason.WEBHOOK),
        (a_post(is_system=True), SkipReason.SYSTEM),
        (a_post(author=Author(1, "Mod", role_ids=frozenset({7, 8}))), SkipReason.EXEMPT_ROLE),
        (a_post(channel_id=99), SkipReason.EXEMPT_CHANNEL),
        (a_post(channel_id=5, parent_channel_id=99), SkipReason.EXEMPT_CHANNEL),
        (a_post(" \n"), SkipReason.EMPTY),
    ],
)
def test_posts_are_left_alone_for_a_reason(post: object, reason: SkipReason | None) -> None:
    chosen = preferences(exempt_role_ids=frozenset({7}), exempt_channel_ids=frozenset({99}))
    assert skip_reason(post, chosen) is reason  # type: ignore[arg-type]


def test_a_thread_of_a_watched_channel_is_watched() -> None:
    assert preferences().watches(5, CHANNEL)
    assert not preferences().watches(5, 6)


@pytest.mark.parametrize(("score", "is_flagged"), [(0.7, True), (0.6999, False)])
def test_the_threshold_is_inclusive(score: float, is_flagged: bool) -> None:
    found = flag_text(FRAMED, an_assessment(score), Sensitivity.BALANCED, THRESHOLDS)
    assert (found is not None) is is_flagged


@pytest.mark.parametrize(
    ("sensitivity", "is_flagged"),
    [(Sensitivity.LOW, False), (Sensitivity.BALANCED, True), (Sensitivity.HIGH, True)],
)
def test_sensitivity_chooses_the_threshold(sensitivity: Sensitivity, is_flagged: bool) -> None:
    found = flag_text(FRAMED, an_assessment(0.8), sensitivity, THRESHOLDS)
    assert (found is not None) is is_flagged


def test_a_language_not_evaluated_is_never_flagged() -> None:
    found = an_assessment(0.99, is_evaluated=False)
    assert flag_text(FRAMED, found, Sensitivity.HIGH, THRESHOLDS) is None


def test_a_text_without_a_technique_is_never_flagged() -> None:
    assert flag_text(FRAMED, an_assessment(0.99, techniques=()), Sensitivity.HIGH, THRESHOLDS) is None


def test_a_flag_quotes_its_evidence_and_names_its_seed() -> None:
    first = TechniqueScore(Technique.WHATABOUTISM, 0.4, Span(0, 10))
    second = TechniqueScore(Technique.STRAW_MAN, 0.5)
    weak = TechniqueScore(Technique.DOUBT, 0.49)
    assessment = an_assessment(0.8, techniques=(first, second, weak), is_truncated=True)
    found = flag_text(FRAMED, assessment, Sensitivity.BALANCED, THRESHOLDS)
    assert found
    assert [(e.technique, e.quote) for e in found.evidence] == [
        (Technique.WHATABOUTISM, FRAMED[:10]),
        (Technique.STRAW_MAN, ""),
    ]
    assert (found.technique, found.threshold, found.seed_id) == (Technique.WHATABOUTISM, 0.7, "seed-1")
    assert found.is_truncated


def test_a_flag_names_three_techniques_at_the_most() -> None:
    many = tuple(TechniqueScore(t, 0.9) for t in list(Technique)[:5])
    found = flag_text(FRAMED, an_assessment(techniques=many), Sensitivity.BALANCED, THRESHOLDS)
    assert found and len(found.evidence) == 3


def test_a_flag_without_a_seed_names_none() -> None:
    assessment = replace(an_assessment(), nearest_seed=None)
    found = flag_text(FRAMED, assessment, Sensitivity.BALANCED, THRESHOLDS)
    assert found and (found.seed_id, found.seed_similarity) == ("", 0.0)
