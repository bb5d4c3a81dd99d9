"""The figures of a run: what was screened, what came up, how it was ruled, what it cost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.digests import Digest
from bot.sandbox.gauges import LoopLag, resident_mebibytes
from bot.sandbox.stage import Stage
from bot.services.digests import DigestBuilder
from bot.ui import wording


@dataclass(frozen=True, slots=True)
class Figures:
    """A run in numbers; lag in milliseconds, memory in MiB, wall time in seconds."""

    digest: Digest
    model_id: str
    lag_p50_ms: float
    lag_p99_ms: float
    memory_mib: float
    wall_s: float

    def rows(self) -> Mapping[str, str]:
        """Return the figures as they are printed."""
        digest, coverage = self.digest, self.digest.coverage
        skipped = ", ".join(f"{n} {wording.skipped(r)}" for r, n in coverage.skipped.items() if n)
        techniques = ", ".join(
            f"{wording.MEANINGS[t].name} {n.flagged}" for t, n in digest.techniques.items()
        )
        waiting = digest.opened - digest.upheld - digest.dismissed
        return {
            "Screened": f"{coverage.screened} of {coverage.posted} messages in watched channels",
            "Not screened": skipped or "none",
            "Cases": f"{digest.opened}, with {digest.grouped} more posts grouped into them",
            "Techniques": techniques or "none",
            "Rulings": f"{digest.upheld} upheld, {digest.dismissed} dismissed, {waiting} open",
            "Precision": "nothing ruled yet" if digest.precision is None else f"{digest.precision:.0%}",
            "Model": self.model_id,
            "Event-loop lag": f"p50 {self.lag_p50_ms:.1f} ms, p99 {self.lag_p99_ms:.1f} ms",
            "Memory (RSS)": f"{self.memory_mib:.0f} MiB",
            "Wall time": f"{self.wall_s:.1f} s",
        }


async def gather_figures(stage: Stage, lag: LoopLag, started: float) -> Figures:
    """Count a run of at most seven days; `started` is a `perf_counter` reading."""
    stores = stage.stores
    builder = DigestBuilder(cases=stores.cases, preferences=stores.preferences, clock=stage.clock)
    return Figures(
        digest=await builder.last_week(stage.guild_id),
        model_id=stage.classifier.info.model_id,
        lag_p50_ms=lag.percentile_ms(0.5),
        lag_p99_ms=lag.percentile_ms(0.99),
        memory_mib=resident_mebibytes(),
        wall_s=time.perf_counter() - started,
    )
