"""Let several processes train one network: each on its share of batches, weights averaged now and then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import nn

_T = TypeVar("_T")

STEPS_APART = 12
"""Steps between two averagings (local SGD, Stich 2019): rare enough that waiting costs little."""


class Peers:
    """One process among several, or the only one."""

    def __init__(self, rank: int = 0, count: int = 1) -> None:
        """Take this process's number and how many there are; several need an initialised group."""
        self._rank = rank
        self._count = count

    @property
    def is_first(self) -> bool:
        """Say whether this process writes logs and files."""
        return self._rank == 0

    @property
    def count(self) -> int:
        """Return how many processes train."""
        return self._count

    def share(self, things: Sequence[_T]) -> list[_T]:
        """Return this process's part; all get equally many, so up to count - 1 things are left out."""
        even = len(things) // self._count * self._count
        return list(things[self._rank : even : self._count])

    def keep_together(self, network: nn.Module, step: int) -> None:
        """Average the weights of all processes when `step` says it is time."""
        if step % STEPS_APART == 0:
            self.average(network)

    def average(self, network: nn.Module) -> None:
        """Give every process the mean of all processes' trained weights; alone, nothing happens."""
        if self._count == 1:
            return
        with torch.no_grad():
            trained = [p for p in network.parameters() if p.requires_grad]
            flat = torch.cat([p.detach().reshape(-1) for p in trained])
            dist.all_reduce(flat)
            flat /= self._count
            place = 0
            for parameter in trained:
                parameter.copy_(flat[place : place + parameter.numel()].view_as(parameter))
                place += parameter.numel()
