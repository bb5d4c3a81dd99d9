"""Cards stay within Discord's limits and ping nobody, whatever the texts are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import discord
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cases import Case, CaseState, ContextSummary, Ruling, Verdict
from bot.domain.coverage import Coverage
from bot.domain.digests import Digest, TechniqueTally
from bot.domain.flags import Evidence
from bot.domain.policy import SkipReason
from bot.domain.posts import Quote
from bot.ui import wording
from bot.ui.buttons import case_buttons
from bot.ui.case_card import case_embed
from bot.ui.charts import chart_alt_text, digest_chart
from bot.ui.check_card import check_embed
from bot.ui.context_card import context_embed
from bot.ui.digest_card import digest_embed
from bot.ui.queue_card import queue_embed, queue_pages
from bot.ui.setup_card import watched_embed
from classifiers.contract import Span
from classifiers.taxonomy import TECHNIQUES, Technique
from tests import factories
from tests.factories import NOW
from tests.ui.test_text import HOSTILE

HUGE = ["@everyone " * 500, "**" * 3000, "\n" * 3000, "😀" * 4000, "> " * 2000]
LONG = st.one_of(HOSTILE, st.sampled_from(HUGE))
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def within_limits(embed: discord.Embed) -> bool:
    fields = all(len(f.name or "") <= 256 and 0 < len(f.value or "") <= 1024 for f in embed.fields)
    head = len(embed.title or "") <= 256 and len(embed.description or "") <= 4096
    return head and fields and len(embed) <= 6000 and len(embed.fields) <= 25


def pings(embed: discord.Embed) -> bool:
    said = str(embed.to_dict())
    return "@everyone" in said or "@here" in said


def a_full_case(text: str, other: str) -> Case:
    quotes = tuple(Quote(other, other, NOW - timedelta(minutes=n)) for n in range(6))
    evidence = tuple(Evidence(t, 0.8, text[:50], Span(0, 50)) for t in TECHNIQUES[:3])
    flag = replace(factories.a_flag(), evidence=evidence, seed_text=other, is_truncated=True)
    first = factories.a_sighting(texts=(text, other, text), author_name=other, flag=flag, deleted_at=NOW)
    more = tuple(factories.a_sighting(n, texts=(other,), author_id=n) for n in range(1, 9))
    verdict = Verdict(Ruling.SECOND_OPINION, 7, NOW, other)
    return factories.a_case(
        sightings=(first, *more),
        verdicts=(verdict,) * 6,
        is_automod_marked=True,
        summary=ContextSummary(quotes[0], quotes, other, 3, 4),
    )


@settings(deadline=None, max_examples=60)
@given(LONG, LONG)
def test_a_case_card_stays_within_limits_and_pings_nobody(text: str, other: str) -> None:
    embed = case_embed(a_full_case(text, other))
    assert within_limits(embed)
    assert not pings(embed)


@settings(deadline=None, max_examples=40)
@given(LONG)
def test_other_cards_stay_within_limits_and_ping_nobody(text: str) -> None:
    case = a_full_case(text, text)
    flag = replace(case.flag, evidence=case.flag.evidence)
    cards = [
        queue_embed([case] * 8, 5000, 3),
        context_embed(case, [Quote(text, text, NOW)] * 25),
        check_embed(text, factories.an_assessment(0.9, text), flag, 0.7),
        check_embed(text, factories.an_assessment(0.1, text), None, 0.7),
    ]
    assert all(within_limits(card) for card in cards)
    assert not any(pings(card) for card in cards)


def test_a_forgotten_case_says_that_its_words_are_gone() -> None:
    case = factories.a_case(sightings=(factories.a_sighting(texts=()),))
    assert "the words were removed" in (case_embed(case).description or "")


def test_the_card_shows_the_version_that_holds_the_evidence() -> None:
    flag = factories.a_flag(quote="what about Iraq")
    sighting = factories.a_sighting(texts=("what about Iraq?", "never mind"), flag=flag)
    assert "**what about Iraq**" in (case_embed(factories.a_case(sightings=(sighting,))).description or "")


def test_the_card_shows_the_newest_version_with_most_of_the_evidence() -> None:
    loud, whole = "what about Iraq? shame on you", "what about Iraq? shame on you all"
    evidence = (
        Evidence(Technique.WHATABOUTISM, 0.9),
        Evidence(Technique.DOUBT, 0.8, "what about", Span(0, 10)),
        Evidence(Technique.LOADED_LANGUAGE, 0.7, "shame", Span(17, 22)),
    )
    flag = replace(factories.a_flag(), evidence=evidence)
    sighting = factories.a_sighting(texts=(loud, whole, "what about lunch instead?"), flag=flag)
    shown = case_embed(factories.a_case(sightings=(sighting,))).description or ""
    assert shown.endswith("> **what about** Iraq? **shame** on you all")


def test_words_that_are_not_the_evidence_are_not_bold_after_an_edit() -> None:
    evidence = (Evidence(Technique.WHATABOUTISM, 0.9), Evidence(Technique.DOUBT, 0.8, "shame", Span(5, 10)))
    flag = replace(factories.a_flag(), evidence=evidence)
    sighting = factories.a_sighting(texts=("good morning to you",), flag=flag)
    shown = case_embed(factories.a_case(sightings=(sighting,))).description or ""
    assert shown.endswith("> good morning to you")


def test_an_earlier_message_with_a_case_is_marked_and_linked() -> None:
    url = "https://discord.com/channels/10/20/77"
    before = (Quote("Ana", "calm", NOW, url), Quote("Ben", "framed", NOW, url, is_flagged=True))
    parent = Quote("Ana", "calm", NOW, url)
    case = factories.a_case(summary=ContextSummary(parent, before))
    fields = {f.name: f.value or "" for f in case_embed(case).fields}
    calm, framed = fields["Just before"].splitlines()
    assert "⚑" not in calm and f"**Ben** [⚑]({url}): framed" in framed
    assert f"[go to message]({url})" in fields["In answer to"]


async def test_a_closed_case_offers_no_second_opinion() -> None:
    case = factories.a_case(state=CaseState.UPHELD)
    labels = [item.item.label for item in case_buttons(case, is_delete_offered=True).children]  # type: ignore[attr-defined]
    assert labels == ["Uphold", "Dismiss", "More context", "Delete message…"]


async def test_the_pages_of_the_queue_end_at_both_ends() -> None:
    first, last = queue_pages(17, 0).children, queue_pages(17, 2).children
    assert [b.item.disabled for b in first] == [True, False]  # type: ignore[attr-defined]
    assert [b.item.disabled for b in last] == [False, True]  # type: ignore[attr-defined]


async def test_a_page_past_the_end_turns_from_the_last() -> None:
    buttons = [b.item for b in queue_pages(5, 3).children]  # type: ignore[attr-defined]
    assert [b.disabled for b in buttons] == [True, True]
    assert len({b.custom_id for b in buttons}) == 2


def test_a_case_in_a_channel_one_cannot_read_has_no_words_in_the_queue() -> None:
    case = factories.a_case()
    shown = str(queue_embed([case], 1, 0, hidden={case.id}).to_dict())
    assert "cannot read" in shown
    assert factories.FRAMED not in shown and case.url not in shown


def test_an_empty_queue_says_so() -> None:
    assert queue_embed([], 0, 0).title == "No open cases"


def test_a_foreign_language_is_not_evaluated() -> None:
    assessment = replace(factories.an_assessment(0.0), is_evaluated=False, language="de")
    assert check_embed("Guten Tag", assessment, None, 0.7).title == "Not evaluated for this language"


def test_every_technique_has_its_words_and_none_accuses() -> None:
    said = " ".join(f"{m.name} {m.does} {m.example} {m.unless}" for m in wording.MEANINGS.values()).lower()
    assert set(wording.MEANINGS) == set(TECHNIQUES)
    for word in ("propagandist", "troll", "offender", "toxic", "guilty", "bad-faith"):
        assert word not in said


def test_every_skip_reason_has_its_words() -> None:
    assert all(wording.skipped(reason) for reason in SkipReason)


def test_a_server_with_nothing_chosen_is_told_what_to_do() -> None:
    embed = watched_embed(factories.Preferences(guild_id=1))
    assert "/watch add" in str(embed.to_dict()) and "/report-here" in str(embed.to_dict())


def a_digest(**changes: object) -> Digest:
    digest = Digest(
        guild_id=1,
        since=NOW - timedelta(days=7),
        until=NOW,
        coverage=Coverage(screened=90, flagged=3, skipped={SkipReason.BOT: 10}),
        opened=3,
        grouped=2,
        upheld=1,
        dismissed=1,
        techniques={t: TechniqueTally(2, 1, 1) for t in TECHNIQUES},
        per_day=tuple((f"{d} 0{n} Nov", n) for n, d in enumerate(DAYS)),
        open_by_age={"under a day": 1, "over a week": 2},
        highest_open=(factories.a_case(),) * 5,
        spilled=1,
    )
    return replace(digest, **changes)  # type: ignore[arg-type]


def test_a_digest_says_what_to_do_and_how_much_was_screened() -> None:
    embed = digest_embed(a_digest())
    said = str(embed.to_dict())
    assert within_limits(embed)
    assert "waited over a week: start there" in said
    assert "Screened 90 of 100 messages" in said and "10 from bots" in said
    assert "1 of 2 flags were upheld (50%)" in said


def test_a_digest_whose_chart_cannot_be_shown_says_so() -> None:
    embed = digest_embed(a_digest(), has_chart=False)
    assert embed.image.url is None
    assert any(f.value == wording.NO_CHART for f in embed.fields)


def test_a_quiet_week_is_one_line() -> None:
    embed = digest_embed(a_digest(opened=0, highest_open=()))
    assert not embed.fields and "A quiet week" in (embed.description or "")


def test_a_digest_in_dry_run_says_what_would_have_been() -> None:
    assert digest_embed(a_digest(is_dry_run=True)).title == "This week would have been"


def test_the_chart_is_a_picture_with_a_description() -> None:
    digest = a_digest()
    assert digest_chart(digest).startswith(b"\x89PNG")
    assert "whataboutism 2" in chart_alt_text(digest)


def test_the_chart_of_a_week_without_cases_can_be_drawn() -> None:
    assert digest_chart(a_digest(techniques={}, per_day=())).startswith(b"\x89PNG")


def test_a_score_is_put_into_words() -> None:
    flag = replace(factories.a_flag(), score=0.99, threshold=0.5)
    assert wording.strength(flag) == "far over the threshold (99%, threshold 50%)"
    assert wording.possible(Technique.STRAW_MAN) == "Possible straw man"
