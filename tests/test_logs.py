"""No message text and no secret reaches the log, whoever logs it and however it gets there."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from bot.logs import configure_logging
from config.schema import LogSettings

POST = "what about your party's emails, you absolute walnut"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"
OWN_SECRET = "self-hosted-secret"

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    """Put the root logger back as the test runner had it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def stream() -> io.StringIO:
    """Return what stands for standard error."""
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    """Configure JSON logs at debug level and return a reader of the lines written."""
    configure_logging(LogSettings(level="debug", format="json"), stream, secrets=[OWN_SECRET])
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def _fail(message: str) -> None:
    raise ValueError(message)


def test_extras_become_fields_and_times_are_utc(lines: Lines) -> None:
    logging.getLogger("bot.services.alerts").info("said", extra={"outbox_id": 7, "cause": "no permission"})
    (line,) = lines()
    assert (line["event"], line["outbox_id"], line["cause"]) == ("said", 7, "no permission")
    assert (line["level"], line["logger"]) == ("info", "bot.services.alerts")
    assert str(line["timestamp"]).endswith("Z")


def test_an_exception_is_named_with_its_places_and_without_its_message(
    lines: Lines, stream: io.StringIO
) -> None:
    try:
        try:
            _fail(POST)
        except ValueError as inner:
            raise RuntimeError(f"INSERT failed [parameters: ({POST!r})] {TOKEN}") from inner
    except RuntimeError:
        logging.getLogger("bot.services.intake").exception("screening failed", extra={"message_id": 1})
    (line,) = lines()
    error = str(line["error"])
    assert error.startswith("RuntimeError < ")
    assert "<- ValueError < " in error
    assert "test_logs.py:" in error
    assert "walnut" not in stream.getvalue()
    assert TOKEN not in stream.getvalue()


def test_the_members_of_an_exception_group_are_named(lines: Lines, stream: io.StringIO) -> None:
    try:
        raise ExceptionGroup("several", [ValueError(POST), KeyError(POST)])
    except ExceptionGroup:
        logging.getLogger("bot").exception("stopped")
    assert "<- ValueError <- KeyError" in str(lines()[0]["error"])
    assert "walnut" not in stream.getvalue()


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        OWN_SECRET,
        "aW50ZXJhY3Rpb246MTIzOmFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6"[:44],
        "q3VLR0bQO9Zb0m7mWcL1Wz2kqVbY0n3s8xX5yYz1aBc=",
    ],
)
def test_a_secret_is_removed_wherever_it_stands(lines: Lines, stream: io.StringIO, secret: str) -> None:
    log = logging.getLogger("bot.app")
    log.warning("posting to /webhooks/1/%s", secret)
    log.warning("nested", extra={"where": {"url": f"https://x/webhooks/1/{secret}", "more": [f"/{secret}"]}})
    log.warning("odd", extra={"thing": ValueError(secret)})
    assert secret not in stream.getvalue()
    assert len(lines()) == 3


def test_extras_that_would_hold_words_are_removed(lines: Lines, stream: io.StringIO) -> None:
    logging.getLogger("bot").info("seen", extra={"text": POST, "case": {"reason": POST, "number": 3}})
    assert "walnut" not in stream.getvalue()
    assert lines()[0]["case"] == {"reason": "[removed]", "number": 3}


def test_a_library_is_heard_without_what_it_quotes(lines: Lines, stream: io.StringIO) -> None:
    logging.getLogger("discord.gateway").warning("ignoring %s after %.1f s in %r", "on_message", 2.5, POST)
    logging.getLogger("sqlalchemy.pool").error("bad %(row)s", {"row": POST})
    first, second = lines()
    assert first["event"] == "ignoring on_message after 2.5 s in <str>"
    assert second["event"] == "bad <str>"
    assert "walnut" not in stream.getvalue()


def test_debug_does_not_open_the_libraries(lines: Lines) -> None:
    for name in ("discord.http", "discord.gateway", "aiosqlite", "sqlalchemy.engine", "urllib3"):
        logging.getLogger(name).debug("payload %s", POST)
        logging.getLogger(name).info("payload %s", POST)
    logging.getLogger("classifiers.batching").debug("batch of %d", 3)
    assert [line["event"] for line in lines()] == ["batch of 3"]


async def test_a_task_that_dies_unseen_leaves_no_words(lines: Lines, stream: io.StringIO) -> None:
    loop = asyncio.get_running_loop()
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError(POST), "future": POST}
    )
    (line,) = lines()
    assert (line["event"], line["error"]) == ("Task exception was never retrieved", "ValueError")
    assert "walnut" not in stream.getvalue()


def test_a_line_that_cannot_be_rendered_is_named_and_not_dumped(lines: Lines, stream: io.StringIO) -> None:
    ours = next(h for h in logging.getLogger().handlers if getattr(h, "stream", None) is stream)
    ours.handle(logging.LogRecord("bot.app", logging.WARNING, __file__, 1, "%d", (POST,), None))
    assert stream.getvalue().startswith("a log line could not be written: bot.app:")
    assert "walnut" not in stream.getvalue()


def test_the_console_form_keeps_the_same_silence(stream: io.StringIO) -> None:
    configure_logging(LogSettings(), stream)
    try:
        _fail(POST)
    except ValueError:
        logging.getLogger("bot").exception("stopped", extra={"case": 4, "hint": TOKEN})
    assert "case=4" in stream.getvalue()
    assert "ValueError < " in stream.getvalue()
    assert "walnut" not in stream.getvalue()
    assert TOKEN not in stream.getvalue()
    logging.getLogger("bot").debug("not at this level")
    assert "not at this level" not in stream.getvalue()
