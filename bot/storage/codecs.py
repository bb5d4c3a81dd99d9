"""Turn what is stored as one value (a flag, a summary, preferences, an embedding) into bytes or text."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from typing import Any

from bot.domain.cases import ContextSummary
from bot.domain.flags import Evidence, Flag
from bot.domain.posts import Quote
from bot.domain.preferences import Preferences
from bot.domain.schedule import DigestSchedule
from classifiers.contract import Embedding, Sensitivity, Span
from classifiers.taxonomy import Technique

HALF_FLOAT_BYTES = 2
"""Embeddings are kept as IEEE 754 half floats: a cosine moves by less than 0.001."""

Json = dict[str, Any]


def pack_texts(texts: tuple[str, ...]) -> bytes:
    """Pack the versions of a text."""
    return json.dumps(texts, ensure_ascii=False).encode()


def unpack_texts(packed: bytes) -> tuple[str, ...]:
    """Unpack what `pack_texts` packed."""
    return tuple(json.loads(packed))


def pack_embedding(embedding: Embedding) -> bytes:
    """Pack a vector of n numbers into 2n bytes, little-endian half floats."""
    return struct.pack(f"<{len(embedding)}e", *embedding)


def unpack_embedding(packed: bytes) -> Embedding:
    """Unpack what `pack_embedding` packed, to half-float precision."""
    return struct.unpack(f"<{len(packed) // HALF_FLOAT_BYTES}e", packed)


def pack_flag(flag: Flag) -> bytes:
    """Pack a flag with its evidence."""
    return _dump(
        {
            "score": flag.score,
            "threshold": flag.threshold,
            "sensitivity": flag.sensitivity,
            "evidence": [
                {
                    "technique": e.technique,
                    "score": e.score,
                    "quote": e.quote,
                    "span": [e.span.start, e.span.end] if e.span else None,
                }
                for e in flag.evidence
            ],
            "model_id": flag.model_id,
            "seed_id": flag.seed_id,
            "seed_text": flag.seed_text,
            "seed_similarity": flag.seed_similarity,
            "is_truncated": flag.is_truncated,
        }
    )


def unpack_flag(packed: bytes) -> Flag:
    """Unpack what `pack_flag` packed."""
    fields: Json = json.loads(packed)
    return Flag(
        **{
            **fields,
            "sensitivity": Sensitivity(fields["sensitivity"]),
            "evidence": tuple(
                Evidence(
                    technique=Technique(e["technique"]),
                    score=e["score"],
                    quote=e["quote"],
                    span=Span(*e["span"]) if e["span"] else None,
                )
                for e in fields["evidence"]
            ),
        }
    )


def pack_summary(summary: ContextSummary) -> bytes:
    """Pack a context summary with its quotes."""
    return _dump(
        {
            "reply_to": _quote(summary.reply_to) if summary.reply_to else None,
            "before": [_quote(q) for q in summary.before],
            "quoted_words": summary.quoted_words,
            "earlier_upheld": summary.earlier_upheld,
            "earlier_dismissed": summary.earlier_dismissed,
        }
    )


def unpack_summary(packed: bytes) -> ContextSummary:
    """Unpack what `pack_summary` packed."""
    fields: Json = json.loads(packed)
    return ContextSummary(
        **{
            **fields,
            "reply_to": _unquote(fields["reply_to"]) if fields["reply_to"] else None,
            "before": tuple(_unquote(q) for q in fields["before"]),
        }
    )


def preferences_text(chosen: Preferences) -> str:
    """Write preferences as JSON."""
    return json.dumps(
        {
            "watched_channel_ids": sorted(chosen.watched_channel_ids),
            "mod_channel_id": chosen.mod_channel_id,
            "sensitivity": chosen.sensitivity,
            "is_dry_run": chosen.is_dry_run,
            "exempt_role_ids": sorted(chosen.exempt_role_ids),
            "exempt_channel_ids": sorted(chosen.exempt_channel_ids),
            "alert_budget": chosen.alert_budget,
            "group_minutes": chosen.group_minutes,
            "ping_role_id": chosen.ping_role_id,
            "is_delete_offered": chosen.is_delete_offered,
            "retention_days": chosen.retention_days,
            "watching_since": _time_text(chosen.watching_since),
            "digest_changed_at": _time_text(chosen.digest_changed_at),
            "watched_since": {str(i): at.isoformat() for i, at in sorted(chosen.watched_since.items())},
            "digest": {
                "weekday": chosen.digest.weekday,
                "hour": chosen.digest.hour,
                "zone": chosen.digest.zone,
            },
        }
    )


def preferences_from(guild_id: int, text: str) -> Preferences:
    """Read what `preferences_text` wrote; a choice added since then has its default."""
    fields: Json = json.loads(text)
    return Preferences(
        **{
            **fields,
            "guild_id": guild_id,
            "watched_channel_ids": frozenset(fields["watched_channel_ids"]),
            "sensitivity": Sensitivity(fields["sensitivity"]),
            "exempt_role_ids": frozenset(fields["exempt_role_ids"]),
            "exempt_channel_ids": frozenset(fields["exempt_channel_ids"]),
            "watching_since": _time(fields["watching_since"]),
            "digest_changed_at": _time(fields.get("digest_changed_at")),
            "watched_since": {
                int(i): datetime.fromisoformat(at) for i, at in fields.get("watched_since", {}).items()
            },
            "digest": DigestSchedule(**fields["digest"]),
        }
    )


def _time_text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _dump(fields: Json) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


def _quote(quote: Quote) -> Json:
    return {
        "author_name": quote.author_name,
        "text": quote.text,
        "at": quote.at.isoformat(),
        "url": quote.url,
        "is_flagged": quote.is_flagged,
    }


def _unquote(fields: Json) -> Quote:
    return Quote(**{**fields, "at": datetime.fromisoformat(fields["at"])})
