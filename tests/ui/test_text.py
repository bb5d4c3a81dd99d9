"""Hostile text is harmless to show."""

from __future__ import annotations

import re

import pytest
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


MARKDOWN = st.text(
    alphabet=st.sampled_from(list("*_~|`[]()<>#-+:/.!&@\\\n\t\u2028 ab01thps")), min_size=1, max_size=60
)
"""Texts dense enough in marks to form tokens by chance."""

LINE_MARKS = re.compile(r"^\s*(?:[#\-+]|\d+[.)])", re.MULTILINE)


def unescaped(shown: str) -> str:
    """Return what formats: the text without its escaped characters."""
    return re.sub(r"\\.", "x", shown, flags=re.DOTALL)


def a_flag(text: str, *spans: Span) -> Flag:
    evidence = tuple(Evidence(Technique.WHATABOUTISM, 0.9, s.of(text), s) for s in spans) or (
        Evidence(Technique.WHATABOUTISM, 0.9),
    )
    return Flag(0.9, 0.5, Sensitivity.BALANCED, evidence, "model")


@given(HOSTILE)
def test_no_text_pings_anybody(text: str) -> None:
    shown = harmless(text)
    for pattern in ("@everyone", "@here"):
        assert pattern not in shown
    assert not re.search(r"@[!&]?\d", shown)


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
    flag = a_flag(text, *(Span(min(r), max(r)) for r in ranges))
    shown = marked(text, flag, 700)
    assert len(shown) <= 700
    assert all(line.startswith("> ") for line in shown.splitlines())


def test_the_evidence_is_bold_where_it_stands() -> None:
    text = "well, what about Iraq?"
    assert marked(text, a_flag(text, Span(6, 21)), 500) == "> well, **what about Iraq**?"


def test_evidence_over_two_lines_is_bold_on_both() -> None:
    text = "what about\nIraq?"
    assert marked(text, a_flag(text, Span(0, 15)), 500) == "> **what about**\n> **Iraq**?"


def test_a_long_text_is_shown_around_its_evidence() -> None:
    text = "a" * 3000 + " what about Iraq? " + "b" * 3000
    shown = marked(text, a_flag(text, Span(3001, 3018)), 1000)
    assert "**what about Iraq?**" in shown and shown.startswith("> …")


def test_overlapping_evidence_is_joined() -> None:
    assert merged([Span(5, 9), Span(0, 6), Span(20, 10)], 100) == [Span(0, 9)]


def test_blank_words_are_not_made_bold() -> None:
    assert bold("  ") == "  "


def test_a_name_of_nothing_visible_becomes_a_word() -> None:
    assert name("\u200b\u200b") == "(no name)"


def test_stacked_marks_do_not_spill_over_other_lines() -> None:
    assert visible("Z" + "\u0321" * 40) == "Z" + "\u0321" * 2


@given(st.one_of(MARKDOWN, HOSTILE))
def test_no_text_formats_anything(text: str) -> None:
    shown = unescaped(harmless(text))
    assert not set(shown) & set("\\*_~|`[]()<>")
    assert not LINE_MARKS.search(shown)
    assert "://" not in shown


@given(st.one_of(MARKDOWN, HOSTILE))
def test_words_stay_as_they_were_but_for_the_escapes(text: str) -> None:
    shown = re.sub(r"\\(.)", r"\1", harmless(text), flags=re.DOTALL)
    assert shown.replace("@\u200b", "@") == visible(text)


@pytest.mark.parametrize(
    "text",
    [
        "[.+](.+) **bold** [a](https://b.c)",
        "<a:/**bold**>",
        "https://**bold**",
        "[click](https://example.org)",
        "||spoiler||",
        "# heading",
        "-# small print",
        "- item",
        "1. item",
        ">>> all of it",
        "<t:0:R>",
        "<:smile:123456789012345678>",
        "</ban:123456789012345678>",
        "<#123456789012345678>",
        "```\ncode",
        "\\**bold**",
    ],
)
def test_what_would_format_is_shown_as_it_was_typed(text: str) -> None:
    shown = unescaped(harmless(text))
    assert not set(shown) & set("\\*_~|`[]()<>") and not LINE_MARKS.search(shown) and "://" not in shown


@given(MARKDOWN, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_only_the_evidence_is_bold(text: str, ranges: list[tuple[int, int]]) -> None:
    flag = a_flag(text, *(Span(min(r), max(r)) for r in ranges))
    shown = re.sub(r"^> ", "", unescaped(marked(text, flag, 700)), flags=re.MULTILINE)
    assert not set(shown) & set("\\_~|`[]<>")
    assert shown.count("**") % 2 == 0
    if not any(e.quote.strip() for e in flag.evidence):
        assert "*" not in shown


def test_evidence_of_another_version_is_not_marked() -> None:
    flag = a_flag("what about Iraq?", Span(0, 10))
    assert marked("never mind all that", flag, 500) == "> never mind all that"


@given(MARKDOWN, st.integers(min_value=10, max_value=60))
def test_a_cut_leaves_no_mark_open(text: str, limit: int) -> None:
    shown = cut(f"**{name(text)}** [go](https://discord.com/1) {harmless(text)} **end**", limit)
    left = unescaped(shown)
    assert "\\" not in left
    assert left.count("**") % 2 == 0 and left.count("*") % 2 == 0
    assert left.count("[") == len(re.findall(r"\]\(\S+?\)", left))
