"""What happens to a message after it was posted reaches its case."""

from __future__ import annotations

import asyncio

from bot.domain.cases import Case
from tests.factories import NOW, a_post, a_screening, a_sighting, message_id
from tests.fakes import FakeClassifier
from tests.services.conftest import Bench, everybody_waits


async def opened(bench: Bench) -> Case:
    seen = a_sighting()
    case = await bench.stores.cases.open_case(a_screening(seen), seen, is_dry_run=False, is_spilled=False)
    assert case
    return case


async def test_deletions_and_automod_reach_a_case_and_pass_others(bench: Bench) -> None:
    await opened(bench)
    aftermath = bench.aftermath()
    await aftermath.deleted(1, NOW)
    await aftermath.automod_acted(1)
    assert bench.announced == 0
    await aftermath.deleted(message_id(), NOW)
    await aftermath.automod_acted(message_id())
    [case] = await bench.cases()
    assert case.first.deleted_at == NOW
    assert case.is_automod_marked
    assert bench.announced == 2


async def test_news_that_comes_while_a_post_is_screened_is_not_lost(bench: Bench) -> None:
    await bench.choose()
    gate = asyncio.Event()
    bench.classifier = FakeClassifier(default=0.9, gate=gate)
    aftermath = bench.aftermath()
    screener = bench.screener(aftermath)
    screening = asyncio.create_task(screener.screen(a_post()))
    await everybody_waits()
    await aftermath.deleted(message_id(), NOW)
    await aftermath.automod_acted(message_id())
    gate.set()
    await screening
    [case] = await bench.cases()
    assert case.first.deleted_at == NOW and case.is_automod_marked
