"""Cut passages into tokens that remember where they stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from classifiers.contract import Passage, WeightsError
from classifiers.engines.network import TokenBatch

MAX_TEXT_TOKENS = 256
"""Tokens of one window, its two special tokens included."""

MAX_CONTEXT_TOKENS = 48
"""Tokens of the context that are read, its closing token included."""

_OPENERS = ("[CLS]", "<s>")
_CLOSERS = ("[SEP]", "</s>")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One passage as tokens: `ids` begin with the text's `n_text` tokens, special ones included.

    `offsets` has one half-open range of characters for each of those, (0, 0) for special tokens.
    """

    ids: list[int]
    n_text: int
    offsets: list[tuple[int, int]]
    is_truncated: bool = False


class PassageTokenizer:
    """Turn passages into `[CLS] text [SEP] context [SEP]`, each part cut at its own limit."""

    def __init__(
        self, tokenizer: Tokenizer, *, max_text: int = MAX_TEXT_TOKENS, max_context: int = MAX_CONTEXT_TOKENS
    ) -> None:
        self._tokenizer = tokenizer
        self._max_text = max_text
        self._max_context = max_context
        self._opener = _special(tokenizer, _OPENERS)
        self._closer = _special(tokenizer, _CLOSERS)

    @property
    def max_text(self) -> int:
        """Return how many tokens one window holds, special ones included."""
        return self._max_text

    def encode(self, passages: Sequence[Passage]) -> list[Tokens]:
        """Tokenise passages in order; an empty context adds no token."""
        texts = self._tokenizer.encode_batch([p.text for p in passages], add_special_tokens=False)
        contexts = self._tokenizer.encode_batch([p.context for p in passages], add_special_tokens=False)
        return [self._join(t, c.ids) for t, c in zip(texts, contexts, strict=True)]

    def _join(self, text: object, context: list[int]) -> Tokens:
        room = self._max_text - 2
        ids: list[int] = text.ids  # type: ignore[attr-defined]
        places: list[tuple[int, int]] = text.offsets  # type: ignore[attr-defined]
        head = [self._opener, *ids[:room], self._closer]
        tail = [*context[: self._max_context - 1], self._closer] if context and self._max_context > 1 else []
        return Tokens(head + tail, len(head), [(0, 0), *places[:room], (0, 0)], is_truncated=len(ids) > room)


def collate(rows: Sequence[Tokens], *, device: torch.device | str = "cpu") -> TokenBatch:
    """Pad rows to the longest one; tensors are (rows, tokens), ids and types int64, masks bool."""
    width = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    text = torch.zeros(len(rows), width, dtype=torch.bool)
    parent = torch.zeros(len(rows), width, dtype=torch.bool)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        text[i, : row.n_text] = True
        parent[i, row.n_text : len(row.ids)] = True
    return TokenBatch(ids.to(device), parent.long().to(device), text.to(device), parent.to(device))


def _special(tokenizer: Tokenizer, names: Sequence[str]) -> int:
    for name in names:
        token = tokenizer.token_to_id(name)
        if token is not None:
            return int(token)
    raise WeightsError(
        f"the tokenizer has none of the special tokens {', '.join(names)}: use a BERT-like encoder"
    )
