"""Measure how the running bot treats its event loop and its memory."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

EVERY_SECONDS = 0.02
"""How often the loop is asked whether it is still on time."""

_STATM = Path("/proc/self/statm")
MEBIBYTE = 1024 * 1024


class LoopLag:
    """How late the event loop woke a task that asked to be woken, in seconds."""

    def __init__(self) -> None:
        self._late: list[float] = []

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Measure while the block runs."""
        task = asyncio.create_task(self._measure(), name="loop-lag")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def percentile_ms(self, share: float) -> float:
        """Return the lag in milliseconds that this share of the samples stays under; 0 without samples."""
        ordered = sorted(self._late)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0

    async def _measure(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(EVERY_SECONDS)
            self._late.append(max(0.0, time.perf_counter() - before - EVERY_SECONDS))


def resident_mebibytes() -> float:
    """Return this process's memory now; where the system does not tell, its peak."""
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * resource.getpagesize() / MEBIBYTE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEBIBYTE if sys.platform == "darwin" else peak / 1024
