"""English passes, however short or sloppy; other languages do not."""

from __future__ import annotations

import pytest

from classifiers.text.language import LanguageGate, load_language_gate


@pytest.fixture(scope="module")
def gate() -> LanguageGate:
    return load_language_gate()


@pytest.mark.parametrize(
    "text",
    [
        "lol no way bro", "u wot m8", "ngl thats mid fr fr", "y'all gonna learn today", "no", "😂😂😂", "",
        "idk tbh imo its cap", "haha true", "Slava Ukraini!", "RIP George Floyd", "42", "nato bad",
        "So we get Intel from NY times now lol", "Putin and Zelensky", "Abortion means freedom for women.",
    ],
)  # fmt: skip
def test_english_slang_and_scraps_pass(gate: LanguageGate, text: str) -> None:
    assert gate.language(text) == "en"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("das ist doch Unsinn, die NATO ist schuld", "de"),
        ("Les Américains ont encore menti sur toute la ligne", "fr"),
        ("Los que defienden a Putin son unos fascistas", "es"),
        ("Chi difende Putin è un fascista", "it"),
        ("to jest propaganda i nic więcej, oni kłamią", "pl"),
        ("это полная ложь", "ru"),
        ("เรื่องนี้มันหลุดประเด็นไปไกล", "th"),
        ("这是谎言", "zh"),
    ],
)
def test_other_languages_are_named(gate: LanguageGate, text: str, code: str) -> None:
    assert gate.language(text) == code


def test_english_with_a_foreign_word_passes(gate: LanguageGate) -> None:
    assert gate.language("she shouted ура at the end and everybody laughed") == "en"
