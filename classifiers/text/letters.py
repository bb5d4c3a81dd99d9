"""Undo what is done to letters so that a word no longer looks like itself to a machine."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

from classifiers.text.aligned import AlignedText, Edit

_WORD = re.compile(r"[^\W\d_](?:[^\W_]|[@$!|](?=\w))*")
_TOKEN = re.compile(r"\S+")
_SPACED_OUT = re.compile(r"(?<!\w)[^\W\d_](?:([ .\-_*·])[^\W\d_](?!\w)){3,}(?!\w)")
_WIDELY_SPACED = re.compile(r"(?<!\w)[^\W\d_](?: [^\W\d_](?!\w))+(?!\w)")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}", re.I)
_MANY_MARKS = re.compile(r"([!?.,*~=#-])\1{3,}")
_BLANKS = re.compile(r"\s{2,}|[^\S ]")
_LEET: Mapping[str, str] = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "@": "a",
    "$": "s",
    "!": "i",
}
_DOUBLED_VOWELS = frozenset("eo")
_KEPT_SHORT = 2
"""Letters a word needs before signs in it are read as letters."""

_KEPT_SPACED = 4
"""Up to this many tokens a message of single letters is left alone."""

_MOSTLY = 0.6
"""Share of single letters from which a whole message counts as spaced out."""


@lru_cache(maxsize=1)
def _look_alikes() -> Mapping[str, str]:
    """Map every single character that Unicode calls confusable with an ASCII letter to that letter."""
    table: dict[str, str] = {}
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for other in confusables_data.get(letter, ()):
            character = str(other["c"])
            if len(character) == 1 and not character.isascii():
                table.setdefault(character, letter)
    return table


def visible(message: AlignedText) -> AlignedText:
    """Fold compatibility forms (NFKC, letter by letter) and drop zero-width and combining characters."""
    return message if message.text.isascii() else message.translated(_visible)


def _visible(character: str) -> str:
    if character.isascii():
        return character
    kind = unicodedata.category(character)
    if kind in ("Cf", "Mn", "Me", "Cc", "Co", "Cn", "Cs"):
        return ""
    folded = unicodedata.normalize("NFKD", character)
    bare = "".join(c for c in folded if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return bare if bare.isascii() else unicodedata.normalize("NFKC", character)


def latin(message: AlignedText) -> AlignedText:
    """Replace look-alike letters in words that mix scripts, and in whole words amid mostly Latin text.

    A word of another script that has a letter of its own stays as it is.
    """
    if message.text.isascii():
        return message
    table = _look_alikes()
    letters = [c for c in message.text if c.isalpha()]
    is_mostly_latin = 2 * sum(c.isascii() for c in letters) > len(letters)
    edits: list[Edit] = []
    for word in _WORD.finditer(message.text):
        found = word[0]
        is_mixed = any(c.isascii() for c in found) or (is_mostly_latin and all(c in table for c in found))
        if found.isascii() or not is_mixed:
            continue
        edits += [
            (word.start() + i, word.start() + i + 1, table[c]) for i, c in enumerate(found) if c in table
        ]
    return message.edited(edits)


def unleeted(message: AlignedText) -> AlignedText:
    """Replace digits and signs that stand for letters inside words; `covid19`, `F16` and `mp3` stay.

    A sign counts where letters stand on both sides; once a word has one, those at its edges count too.
    """
    edits: list[Edit] = []
    for token in _TOKEN.finditer(message.text):
        edits += [(token.start() + i, token.start() + i + 1, letter) for i, letter in _leet_in(token[0])]
    return message.edited(edits)


def _leet_in(token: str) -> list[tuple[int, str]]:
    letters = sum(c.isalpha() for c in token)
    if letters < _KEPT_SHORT or letters == len(token) or "://" in token or token[0] in "@#":
        return []
    marks = [i for i, c in enumerate(token) if c in _LEET]
    inner = [i for i in marks if 0 < i < len(token) - 1 and _joins(token, i)]
    if not inner or len(marks) > letters:
        return []
    edges = [i for i in marks if i not in inner and token[i] != "!" and _touches(token, i)]
    return [(i, _LEET[token[i]]) for i in sorted(inner + edges)]


def _joins(token: str, i: int) -> bool:
    def is_letter(j: int) -> bool:
        return token[j].isalpha() or token[j] in _LEET

    both = token[i - 1].isalpha() and token[i + 1].isalpha()
    if both and token[i - 1].islower() and token[i + 1].isupper():
        return False
    run = is_letter(i - 1) and is_letter(i + 1) and any(c.isalpha() for c in token[i + 1 :])
    return both or (run and (token[i - 1].isalpha() or token[i + 1].isalpha()) and not token[i].isdigit())


def _touches(token: str, i: int) -> bool:
    return (i > 0 and token[i - 1].isalpha()) or (i + 1 < len(token) and token[i + 1].isalpha())


def joined(message: AlignedText) -> AlignedText:
    """Close up s p a c e d  o u t words (four letters or more, one separator between each).

    Where most of the message is single letters, shorter words are closed up too; wider gaps part the words.
    """
    tokens = message.text.split()
    singles = sum(len(token) == 1 and token.isalpha() for token in tokens)
    is_spaced = len(tokens) > _KEPT_SPACED and singles >= _MOSTLY * len(tokens)
    edits: list[Edit] = []
    for run in (_WIDELY_SPACED if is_spaced else _SPACED_OUT).finditer(message.text):
        edits += [(i, i + 1, "") for i in range(run.start() + 1, run.end(), 2)]
    return message.edited(edits)


def calmed(message: AlignedText) -> AlignedText:
    """Shorten drawn-out letters (`soooo`, `freeeedom`), strings of the same mark, and blanks."""
    message = message.edited(_drawn_out(message.text))
    message = message.substituted(_MANY_MARKS, lambda m: m[1] * 3)
    return message.substituted(_BLANKS, lambda m: " ")


def _drawn_out(text: str) -> list[Edit]:
    edits: list[Edit] = []
    for run in _REPEATED.finditer(text):
        goes_on = run.end() < len(text) and text[run.end()].isalpha()
        keep = 2 if goes_on and run[1].lower() in _DOUBLED_VOWELS else 1
        edits.append((run.start() + keep, run.end(), ""))
    return edits
