"""Gather passages that arrive together into batches, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from classifiers.contract import Assessment, ClassifierError, Engine, ModelInfo, Passage

MILLISECONDS = 1000.0

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Waiting:
    passage: Passage
    answer: asyncio.Future[Assessment]


class BatchingClassifier:
    """A `Classifier` that lets one worker thread assess whatever waits, up to a batch at a time.

    A caller that gives up costs the others nothing; an engine that fails does so for the callers of that
    batch alone. The first `assess` binds the classifier to its event loop.
    """

    def __init__(self, engine: Engine, *, batch_size: int, batch_wait_ms: int, queue_size: int) -> None:
        """Take the largest batch, the longest wait for company (ms), and the most passages that wait."""
        if batch_size < 1 or queue_size < 1 or batch_wait_ms < 0:
            raise ValueError("batch_size and queue_size start at 1, batch_wait_ms at 0")
        self._engine = engine
        self._batch_size = batch_size
        self._wait_s = batch_wait_ms / MILLISECONDS
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue(queue_size)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="classifier")
        self._worker: asyncio.Task[None] | None = None
        self._is_closed = False
        self._in_hand = 0

    @property
    def info(self) -> ModelInfo:
        """Say which model answers."""
        return self._engine.info

    @property
    def queue_length(self) -> int:
        """Count the passages that wait for an answer, those in the present batch included."""
        return self._queue.qsize() + self._in_hand

    async def assess(self, passage: Passage) -> Assessment:
        """Assess one passage, waiting for room in the queue; raise `ClassifierError` when that fails."""
        if self._is_closed:
            raise ClassifierError("the classifier is closed: start the bot again")
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="classifier-batches")
        waiting = _Waiting(passage, asyncio.get_running_loop().create_future())
        await self._queue.put(waiting)
        if self._worker.done():
            raise ClassifierError("the classifier was closed before its turn came")
        return await waiting.answer

    async def in_thread(self, act: Callable[[], _T]) -> _T:
        """Run something that touches the engine between two batches, on the engine's own thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    async def close(self) -> None:
        """Answer what was accepted, then free the thread; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._worker is not None:
            await self._queue.put(None)
            await self._worker
        await asyncio.to_thread(self._thread.shutdown)

    async def _work(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = await self._gather()
            wanted = [waiting for waiting in batch if not waiting.answer.done()]
            if wanted:
                await self._answer(wanted)
            self._in_hand = 0
        self._turn_away_the_rest()

    async def _gather(self) -> tuple[list[_Waiting], bool]:
        """Wait for one passage, then for company until the batch is full or time is up."""
        batch: list[_Waiting] = []
        deadline: float | None = None
        loop = asyncio.get_running_loop()
        while len(batch) < self._batch_size:
            try:
                waiting = self._queue.get_nowait()
            except asyncio.QueueEmpty:
                left = None if deadline is None else deadline - loop.time()
                if left is not None and left <= 0:
                    break
                try:
                    async with asyncio.timeout(left):
                        waiting = await self._queue.get()
                except TimeoutError:
                    break
            if waiting is None:
                return batch, False
            batch.append(waiting)
            self._in_hand = len(batch)
            deadline = deadline or loop.time() + self._wait_s
        return batch, True

    async def _answer(self, batch: Sequence[_Waiting]) -> None:
        """Answer a batch; where the model fails on it, each passage gets a try of its own."""
        passages = [waiting.passage for waiting in batch]
        try:
            assessments = await self.in_thread(lambda: self._engine.assess(passages))
            if len(assessments) != len(batch):
                raise ClassifierError(f"the engine answered {len(assessments)} of {len(batch)} passages")
        except Exception as error:
            if len(batch) > 1:
                for waiting in batch:
                    await self._answer([waiting])
            elif not batch[0].answer.done():
                batch[0].answer.set_exception(_as_classifier_error(error))
            return
        for waiting, assessment in zip(batch, assessments, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(assessment)

    def _turn_away_the_rest(self) -> None:
        while not self._queue.empty():
            waiting = self._queue.get_nowait()
            if waiting is not None and not waiting.answer.done():
                waiting.answer.set_exception(
                    ClassifierError("the classifier was closed before its turn came")
                )


def _as_classifier_error(error: Exception) -> ClassifierError:
    """Make a new error for each caller: one exception object must not be raised in two tasks.

    The words of a foreign exception may hold a message, so they are left out.
    """
    if isinstance(error, ClassifierError):
        return type(error)(*error.args)
    failure = ClassifierError(f"the model failed on this passage ({type(error).__name__})")
    failure.__cause__ = error
    return failure
