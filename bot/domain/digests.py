"""The weekly report: counts by technique and verdict, never a ranking of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.cases import Case
from bot.domain.coverage import Coverage
from classifiers.taxonomy import Technique


@dataclass(frozen=True, slots=True)
class TechniqueTally:
    """How the flags of one technique were ruled upon."""

    flagged: int = 0
    upheld: int = 0
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """One server's week, `[since, until)`; `per_day` counts cases opened on each local day, oldest first."""

    guild_id: int
    since: datetime
    until: datetime
    coverage: Coverage
    opened: int = 0
    grouped: int = 0
    upheld: int = 0
    dismissed: int = 0
    techniques: Mapping[Technique, TechniqueTally] = field(default_factory=dict)
    per_day: tuple[tuple[str, int], ...] = ()
    open_by_age: Mapping[str, int] = field(default_factory=dict)
    highest_open: tuple[Case, ...] = ()
    spilled: int = 0
    is_dry_run: bool = False

    @property
    def precision(self) -> float | None:
        """Return upheld / ruled, None while nothing was ruled."""
        ruled = self.upheld + self.dismissed
        return self.upheld / ruled if ruled else None

    @property
    def is_quiet(self) -> bool:
        """Say whether there is nothing to report."""
        return self.opened == 0 and not self.highest_open
