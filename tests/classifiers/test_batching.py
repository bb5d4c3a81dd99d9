"""Passages that arrive together are assessed together, and nobody pays for another's failure."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from classifiers.batching import BatchingClassifier
from classifiers.contract import Assessment, ClassifierError, ModelInfo, Passage, Sensitivity, WeightsError

_INFO = ModelInfo("fake-1", dict.fromkeys(Sensitivity, 0.5))


class FakeEngine:
    """Score a passage by its length and remember the batches; `gate` holds the thread until it is set."""

    def __init__(self, fail: Callable[[Sequence[Passage]], None] = lambda passages: None) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()
        self._fail = fail

    @property
    def info(self) -> ModelInfo:
        return _INFO

    def assess(self, passages: Sequence[Passage]) -> list[Assessment]:
        self.batches.append([p.text for p in passages])
        self.threads.add(threading.get_ident())
        self.gate.wait(5)
        self._fail(passages)
        return [Assessment(len(p.text) / 100, "fake-1") for p in passages]


def _classifier(
    engine: FakeEngine, *, batch_size: int = 8, wait_ms: int = 20, queue: int = 32
) -> BatchingClassifier:
    return BatchingClassifier(engine, batch_size=batch_size, batch_wait_ms=wait_ms, queue_size=queue)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is awaited happens on a thread
            await asyncio.sleep(0)


async def test_callers_get_their_own_answers_from_one_batch() -> None:
    engine = FakeEngine()
    classifier = _classifier(engine)
    answers = await asyncio.gather(*(classifier.assess(Passage("x" * n)) for n in range(1, 9)))
    assert [a.score for a in answers] == [n / 100 for n in range(1, 9)]
    assert len(engine.batches) == 1
    assert classifier.info is _INFO
    await classifier.close()


async def test_a_batch_never_grows_beyond_its_size() -> None:
    engine = FakeEngine()
    classifier = _classifier(engine, batch_size=3)
    await asyncio.gather(*(classifier.assess(Passage(str(n))) for n in range(10)))
    assert max(map(len, engine.batches)) == 3
    assert len(engine.threads) == 1
    assert threading.get_ident() not in engine.threads
    await classifier.close()


async def test_a_lone_passage_does_not_wait_for_company_forever() -> None:
    classifier = _classifier(FakeEngine(), wait_ms=0)
    async with asyncio.timeout(2):
        await classifier.assess(Passage("alone"))
    await classifier.close()


async def test_a_caller_that_gives_up_costs_the_others_nothing() -> None:
    engine = FakeEngine()
    engine.gate.clear()
    classifier = _classifier(engine)
    gone, stays = (asyncio.create_task(classifier.assess(Passage(t))) for t in ("gone", "stays"))
    await _until(lambda: bool(engine.batches))
    gone.cancel()
    engine.gate.set()
    assert (await stays).score == 0.05
    assert gone.cancelled() or (await asyncio.gather(gone, return_exceptions=True))
    assert (await classifier.assess(Passage("later"))).score == 0.05
    await classifier.close()


async def test_who_gave_up_before_its_turn_is_not_assessed() -> None:
    engine = FakeEngine()
    engine.gate.clear()
    classifier = _classifier(engine, batch_size=1)
    first = asyncio.create_task(classifier.assess(Passage("first")))
    await _until(lambda: bool(engine.batches))
    second = asyncio.create_task(classifier.assess(Passage("second")))
    await _until(lambda: classifier.queue_length == 2)
    second.cancel()
    engine.gate.set()
    await first
    await classifier.close()
    assert engine.batches == [["first"]]


async def test_a_bad_passage_fails_alone_also_in_a_batch_with_others() -> None:
    def fail(passages: Sequence[Passage]) -> None:
        if any(p.text == "bad" for p in passages):
            raise RuntimeError("what a member wrote")

    classifier = _classifier(FakeEngine(fail))
    answers = await asyncio.gather(
        *(classifier.assess(Passage(t)) for t in ("good", "bad", "fine")), return_exceptions=True
    )
    assert isinstance(answers[1], ClassifierError)
    assert "RuntimeError" in str(answers[1]) and "member" not in str(answers[1])
    assert [isinstance(a, Assessment) for a in answers] == [True, False, True]
    await classifier.close()


async def test_a_known_error_keeps_its_kind_and_each_caller_gets_its_own() -> None:
    def fail(passages: Sequence[Passage]) -> None:
        raise WeightsError("gone: restore it")

    classifier = _classifier(FakeEngine(fail))
    errors = await asyncio.gather(
        *(classifier.assess(Passage("x")) for _ in range(2)), return_exceptions=True
    )
    assert [str(e) for e in errors] == ["gone: restore it"] * 2
    assert all(isinstance(e, WeightsError) for e in errors)
    assert errors[0] is not errors[1]
    await classifier.close()


async def test_closing_answers_what_was_accepted() -> None:
    engine = FakeEngine()
    engine.gate.clear()
    classifier = _classifier(engine, batch_size=1)
    tasks = [asyncio.create_task(classifier.assess(Passage(str(n)))) for n in range(4)]
    await _until(lambda: classifier.queue_length == 4)
    closing = asyncio.create_task(classifier.close())
    await asyncio.sleep(0)
    engine.gate.set()
    await closing
    assert all(isinstance(a, Assessment) for a in await asyncio.gather(*tasks))
    assert classifier.queue_length == 0
    with pytest.raises(ClassifierError, match="is closed"):
        await classifier.assess(Passage("late"))
    await classifier.close()


async def test_who_waits_for_room_when_it_closes_is_turned_away() -> None:
    engine = FakeEngine()
    engine.gate.clear()
    classifier = _classifier(engine, batch_size=1, queue=1)
    tasks = [asyncio.create_task(classifier.assess(Passage(str(n)))) for n in range(5)]
    await _until(lambda: bool(engine.batches))
    closing = asyncio.create_task(classifier.close())
    await asyncio.sleep(0)
    engine.gate.set()
    async with asyncio.timeout(5):
        await closing
        answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(a, Assessment | ClassifierError) for a in answers)


async def test_the_loop_stays_free_while_the_engine_works() -> None:
    engine = FakeEngine()
    engine.gate.clear()
    classifier = _classifier(engine)
    task = asyncio.create_task(classifier.assess(Passage("slow")))
    await _until(lambda: bool(engine.batches))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not task.done()
    engine.gate.set()
    await task
    await classifier.close()


async def test_closing_unused_is_fine() -> None:
    await _classifier(FakeEngine()).close()


def test_sizes_start_at_one() -> None:
    with pytest.raises(ValueError, match="start at 1"):
        _classifier(FakeEngine(), batch_size=0)
