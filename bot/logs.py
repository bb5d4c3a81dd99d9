"""Write logs that hold no message text and no secret, for people or for machines, in UTC."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config.schema import LogSettings

OURS = ("bot", "classifiers", "config")
"""Loggers that follow the operator's level and whose words are written by us; all others start at warning."""

NOISY = ("discord", "aiohttp", "aiosqlite", "sqlalchemy", "alembic", "asyncio")
"""Libraries whose debug logs quote payloads and statements: held at warning whatever the level."""

REMOVED = "[removed]"

MOST_FRAMES = 8
"""Frames shown per exception, the innermost ones."""

_SECRET_SHAPES = re.compile(
    r"[\w-]{18,}\.[\w-]{5,8}\.[\w-]{25,}"  # a bot token
    r"|mfa\.[\w-]{20,}"  # a user token
    r"|(?<=Bot )[\w.-]{20,}|(?<=Bearer )[\w.-]{20,}"  # an Authorization header
    r"|(?<=/)[\w-]{40,}"  # a webhook's or interaction's token in a URL
    r"|(?<![\w-])[\w-]{43}=(?!=)"  # an encryption key
)

_UNWANTED_KEYS = frozenset({"text", "texts", "content", "token", "key", "reason", "author", "author_name"})
"""Extras that would hold people's words or a secret: what belongs there is an id."""

_PLAIN_WORD = re.compile(r"[\w.:/@+-]{1,120}")


def configure_logging(
    settings: LogSettings, stream: TextIO | None = None, *, secrets: Sequence[str] = ()
) -> None:
    """Send all logs to `stream` (None: standard error), replacing whatever was configured before.

    `secrets` are values that are removed wherever they turn up, beside everything shaped like a token.
    """
    stream = stream or sys.stderr
    handler = _Handler(stream)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _name_exception,
                _Redactor(secrets),
                _renderer(settings, stream),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns at every start that libraries for voice, which is not used, are missing.
    logging.getLogger("discord.client").setLevel(logging.ERROR)


def describe(error: BaseException) -> str:
    """Name an exception, where it came from and what caused it, without a word of its message.

    The message may quote a post or a statement's parameters, so it is left out for every exception.
    """
    return " <- ".join(_link(one) for one in _chain(error))


def _renderer(settings: LogSettings, stream: TextIO) -> Processor:
    if settings.format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=stream.isatty())


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what caused it, members of a group included; each once."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        cause = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
        waiting.extend([cause] if cause else [])


def _link(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    places = [f"{'/'.join(Path(f.filename).parts[-3:])}:{f.lineno}" for f in reversed(frames)]
    return " < ".join([type(error).__qualname__, *places])


def _name_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace a traceback by `error`: type and places, no message."""
    found = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = describe(error)
    return event


def _strip_foreign(record: logging.LogRecord) -> logging.LogRecord:
    """Keep a library's own words and drop what it quotes: it may be a post, a name or a statement."""
    if record.name.split(".", 1)[0] in OURS or record.name == "__main__":
        return record
    stripped = logging.makeLogRecord(record.__dict__)
    stripped.msg = str(record.msg).split("\n", 1)[0]
    if isinstance(record.args, Mapping):
        stripped.args = {name: _harmless(value) for name, value in record.args.items()}
    elif record.args:
        stripped.args = tuple(_harmless(value) for value in record.args)
    return stripped


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Render a record after a library's quotations were taken out of it."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        return super().format(_strip_foreign(record))


class _Handler(logging.StreamHandler[TextIO]):
    """Write records; a line that cannot be rendered is named, never dumped with what it holds."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a line was lost and where it came from."""
        self.stream.write(f"a log line could not be written: {record.name}:{record.lineno}\n")


class _Named:
    """Stands for a value that is not shown, under the name of its type."""

    def __init__(self, value: object) -> None:
        self._name = f"<{type(value).__name__}>"

    def __repr__(self) -> str:
        return self._name


def _harmless(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, str) and _PLAIN_WORD.fullmatch(value):
        return value
    return _Named(value)


class _Redactor:
    """Remove what must never be written: unwanted extras, known secrets, and whatever is shaped like one."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(s for s in secrets if s)

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {k: REMOVED if k in _UNWANTED_KEYS else self._clean(v) for k, v in event.items()}

    def _clean(self, value: Any) -> Any:
        if value is None or isinstance(value, int | float):
            return value
        if isinstance(value, Mapping):
            return {k: REMOVED if k in _UNWANTED_KEYS else self._clean(v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(v) for v in value]
        if isinstance(value, BaseException):
            return describe(value)
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, REMOVED)
        return _SECRET_SHAPES.sub(REMOVED, text)
