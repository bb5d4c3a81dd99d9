"""Fixtures that every folder may use."""

from __future__ import annotations

import pytest

from tests.fakes import FakeClock, FakeDatabase


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands at `NOW`."""
    return FakeClock()


@pytest.fixture
def database() -> FakeDatabase:
    """Return an empty in-memory database."""
    return FakeDatabase()
