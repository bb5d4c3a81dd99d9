"""Hostile text is harmless to show."""

from __future__ import annotations

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.flags import Evidence, Flag
from bot.ui.evidence import bold, marked, merged
from bot.ui.text import cut, harmless, name, one_line, quote, visible
from classifiers.contract import Sensitivity, Span
from classifiers.taxonomy import Technique

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("@<>#&!*_~|`>[]()/:\n\\ \u200b\u202e\u0301")), st.characters(codec="utf-8")
    ),
    max_size=400,
)


def a_flag(*spans: Span) -> Flag:
    evidence = tuple(Evidence(Technique.WHATABOUTISM, 0.9, "", s) for s in spans) or (
        Evidence(Technique.WHATABOUTISM, 0.9),
    )
    return Flag(0.9, 0.5, Sensitivity.BALANCED, evidence, "model")


@given(HOSTILE)
def test_no_text_pings_anybody(text: str) -> None:
    shown = harmless(text)
    for pattern in ("@everyone", "@here", "<@"):
        assert pattern not in shown


@given(HOSTILE)
def test_no_text_keeps_control_or_direction_characters(text: str) -> None:
    assert not set(visible(text)) & set("\u202e\u200b\x00\x1b")


@given(HOSTILE, st.integers(min_value=10, max_value=200))
def test_a_cut_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit
    assert len(one_line(text, limit)) <= limit
    assert len(quote(text, limit)) <= limit


@given(HOSTILE)
def test_every_line_of_a_quote_is_quoted(text: str) -> None:
    assert all(line.startswith("> ") for line in quote(text, 900).splitlines())


@given(HOSTILE, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=4))
def test_marked_text_stays_quoted_within_its_limit(text: str, ranges: list[tuple[int, int]]) -> None:
    flag = a_flag(*(Span(min(r), max(r)) for r in ranges))
    shown = marked(text, flag, 700)
    assert len(shown) <= 700
    assert all(line.startswith("> ") for line in shown.splitlines())


def test_the_evidence_is_bold_where_it_stands() -> None:
    assert marked("well, what about Iraq?", a_flag(Span(6, 21)), 500) == "> well, **what about Iraq**?"


def test_evidence_over_two_lines_is_bold_on_both() -> None:
    assert marked("what about\nIraq?", a_flag(Span(0, 15)), 500) == "> **what about**\n> **Iraq**?"


def test_a_long_text_is_shown_around_its_evidence() -> None:
    text = "a" * 3000 + " what about Iraq? " + "b" * 3000
    shown = marked(text, a_flag(Span(3001, 3017)), 1000)
    assert "**what about Iraq?**" in shown and shown.startswith("> …")


def test_overlapping_evidence_is_joined() -> None:
    assert merged([Span(5, 9), Span(0, 6), Span(20, 10)], 100) == [Span(0, 9)]


def test_blank_words_are_not_made_bold() -> None:
    assert bold("  ") == "  "


def test_a_name_of_nothing_visible_becomes_a_word() -> None:
    assert name("\u200b\u200b") == "(no name)"


def test_stacked_marks_do_not_spill_over_other_lines() -> None:
    assert visible("Z" + "\u0321" * 40) == "Z" + "\u0321" * 2


def test_a_masked_link_is_not_a_link() -> None:
    shown = harmless("[click](https://example.org)")
    assert "](" not in shown.replace("]\u200b(", "")


def test_the_escape_is_discords_own() -> None:
    assert harmless("**loud**") == discord.utils.escape_markdown("**loud**")
