"""What becomes of a message before a model reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.contract import Passage
from classifiers.text.reading import clean, read, sentences

_TRICKY = st.text(
    alphabet=st.sampled_from(list("aEo wW4t!>*_|`~<:@#&;()[]\n.\u200b\u0301\u0430\uff41😀🤡🏽\ud800é京ﬁ")),
    max_size=60,
)


@pytest.mark.parametrize(
    ("raw", "read_as"),
    [
        ("**Wake** up ||sheeple|| <@123> https://x.com/a b", "Wake up sheeple b"),
        ("~~no~~ __yes__ *maybe* `code` snake_case_name 2*3*4", "no yes maybe code snake_case_name 2*3*4"),
        ("[click me](https://a.example/b) now", "click me now"),
        ("see <:pepe:123456> there <#42>", "see there"),
        ("\u0420utin is \u0430 f\u0430scist", "Putin is a fascist"),
        ("w\u200ba\u200bke u\u0301p", "wake up"),
        ("𝓌𝒶𝓀𝑒 ｗａｋｅ Ⓐⓑⓒ", "wake wake Abc"),
        ("n4zi pr0p4g4nd4", "nazi propaganda"),
        (
            "F16 mp3 covid19 b2b G7 4chan 90s Leftists4Biden",
            "F16 mp3 covid19 b2b G7 4chan 90s Leftists4Biden",
        ),
        ("p r o p a g a n d a is all", "propaganda is all"),
        ("s o   y o u   w a n t   w a r", "so you want war"),
        ("soooo freeeedom noooo!!!!!!", "so freedom no!!!"),
        ("so 😀 you want w😀ar", "so you want war"),
        ("🤡🤡 they are", "clown they are"),
        ("this &amp; that", "this & that"),
        ("```py\nx = 1\n``` done", "done"),
        ("это ложь", "это ложь"),
    ],
)
def test_disguises_and_markup_come_off(raw: str, read_as: str) -> None:
    assert clean(raw) == read_as


def test_quoted_lines_are_somebody_elses_words() -> None:
    reading = read(Passage("> you are all paid\nno I am not", "the parent"))
    assert reading.own.text.strip() == "no I am not"
    assert reading.context == "the parent you are all paid"


def test_a_long_quote_runs_to_the_end() -> None:
    reading = read(Passage("look at this\n>>> first\nsecond"))
    assert reading.own.text.strip() == "look at this"
    assert reading.context == "first second"


def test_a_message_that_is_only_a_quote_is_read() -> None:
    assert read(Passage("> wake up\n> sheeple")).own.text.split() == ["wake", "up", "sheeple"]


def test_an_angry_face_is_not_a_quote() -> None:
    assert read(Passage(">:( no")).own.text == ">:( no"


def test_a_bare_link_leaves_nothing_to_read() -> None:
    assert not read(Passage("https://example.org/a?b=c 😀")).own.text.strip()


def test_a_span_leads_back_to_the_original_words() -> None:
    raw = "> quote\nhe said **w4ke up** s\u200bheeple"
    reading = read(Passage(raw))
    start = reading.own.text.index("wake up")
    span = reading.original(start, start + len("wake up sheeple"))
    assert span is not None
    assert span.of(raw) == "w4ke up** s\u200bheeple"


def test_sentences_end_at_marks_and_line_ends() -> None:
    text = "One. Two?! Three\nfour"
    assert [span.of(text).strip() for span in sentences(text)] == ["One.", "Two?!", "Three", "four"]


@given(_TRICKY)
def test_every_letter_knows_where_it_stood(raw: str) -> None:
    own = read(Passage(raw)).own
    assert len(own.text) == len(own.origin)
    assert all(0 <= start <= end <= len(raw) for start, end in own.origin)
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in zip(own.origin, own.origin[1:], strict=False))


@given(st.text(max_size=80))
def test_any_text_can_be_read(raw: str) -> None:
    reading = read(Passage(raw, raw))
    assert reading.original(0, 0) is None
    if reading.own.text:
        span = reading.original(0, len(reading.own.text))
        assert span is None or 0 <= span.start < span.end <= len(raw)


@given(
    st.lists(
        st.sampled_from(["We", "should", "send", "aid,", "because", "it's", "cold.", "U.S."]), max_size=12
    )
)
def test_plain_english_is_left_alone(words: list[str]) -> None:
    assert clean(" ".join(words)) == " ".join(words)
