"""Disguises that people use to slip past a filter, to measure what they cost."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

Attack = Callable[[str, random.Random], str]

_HOMOGLYPHS = str.maketrans("aeopcxyiAEOPCTHKMB", "аеорсхуіАЕОРСТНКМВ")
_LEET = str.maketrans("aeiost", "431057")
_BENIGN = (
    "Anyway, the weather was lovely here today and the bread came out well.",
    "Thanks for reading, have a good evening everyone.",
    "On another note, does anybody know a good bike shop?",
)


def attacks() -> Mapping[str, Attack]:
    """Return the suite by name; each takes a text and a seeded source of chance."""
    return {
        "homoglyphs": lambda text, rng: _some_words(text, rng, 0.5, lambda w: w.translate(_HOMOGLYPHS)),
        "zero width": lambda text, rng: _some_words(text, rng, 0.5, lambda w: "\u200b".join(w)),
        "combining marks": lambda text, rng: _some_words(
            text, rng, 0.3, lambda w: "".join(c + "\u0336" for c in w)
        ),
        "full width": lambda text, rng: _some_words(text, rng, 0.3, _full_width),
        "leet": lambda text, rng: _some_words(text, rng, 0.3, _leet),
        "spacing": lambda text, rng: _some_words(text, rng, 0.2, lambda w: " ".join(w) if len(w) > 3 else w),
        "dots": lambda text, rng: _some_words(text, rng, 0.2, lambda w: ".".join(w) if len(w) > 3 else w),
        "repeated letters": lambda text, rng: _some_words(text, rng, 0.2, _drawn_out),
        "typos": lambda text, rng: _some_words(text, rng, 0.12, lambda w: _typo(w, rng)),
        "upper case": lambda text, rng: text.upper(),
        "emoji stuffing": lambda text, rng: " 😂 ".join(text.split(" ")),
        "markdown": lambda text, rng: _some_words(text, rng, 0.3, lambda w: f"**{w}**"),
        "quote wrapping": lambda text, rng: "> " + text.replace("\n", "\n> "),
        "code wrapping": lambda text, rng: f"```\n{text}\n```",
        "spoiler": lambda text, rng: f"||{text}||",
        "benign text after": lambda text, rng: f"{text} {rng.choice(_BENIGN)}",
        "benign text before": lambda text, rng: f"{rng.choice(_BENIGN)} {text}",
    }


def _some_words(text: str, rng: random.Random, share: float, change: Callable[[str], str]) -> str:
    return " ".join(
        change(word) if word.isalpha() and rng.random() < share else word for word in text.split(" ")
    )


def _full_width(word: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


def _leet(word: str) -> str:
    return word[0] + word[1:].lower().translate(_LEET) if len(word) > 3 else word


def _drawn_out(word: str) -> str:
    middle = len(word) // 2
    return word[:middle] + word[middle] * 4 + word[middle + 1 :] if len(word) > 3 else word


def _typo(word: str, rng: random.Random) -> str:
    if len(word) < 5:
        return word
    at = rng.randint(1, len(word) - 3)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
