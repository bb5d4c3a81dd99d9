"""The sandbox in a browser: what is served, how cards appear by themselves, how it ends."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console

from bot.sandbox import SandboxError, stay
from bot.sandbox.scripted import open_stage
from bot.sandbox.served import doors
from bot.sandbox.story import load_story
from bot.sandbox.terminal import Terminal
from config.schema import ClassifierSettings, Settings
from tests.sandbox.cues import CueClassifier
from tests.sandbox.test_story import SEEDS

SETTINGS = Settings(classifier=ClassifierSettings(seeds=SEEDS))
FRAMING = "and what about Iraq?"


def _console() -> Console:
    return Console(file=io.StringIO(), width=100)


async def _page(address: str) -> str:
    """Open a page as a browser does and return what it shows, as text."""
    base, key = address.split("/#")
    headers = {"X-Simcord-Capability": key}
    async with (
        aiohttp.ClientSession(headers=headers) as browser,
        browser.post(f"{base}/api/pages", json={}) as answer,
    ):
        assert answer.status == 200
        return await answer.text()


async def test_a_card_comes_to_the_desk_after_a_members_post(tmp_path: Path) -> None:
    story, terminal = load_story(SEEDS), Terminal(_console())
    async with open_stage(SETTINGS, story, terminal, tmp_path, CueClassifier()) as stage:
        cast, world = stage.cast, stage.world
        desk, talk = cast.channels["mod-room"], cast.channels["general-politics"]
        imke, marlow = cast.members["imke"], cast.members["marlow"]
        await imke.slash(desk, "watch add", channel=talk)
        await imke.slash(desk, "report-here")
        await imke.slash(desk, "dry-run", state="off")
        async with world.screen(desk, [imke], 0) as shown, world.screen(talk, [marlow], 0) as typed:
            assert shown != typed
            await marlow.send(talk, FRAMING)
            await stage.settled()
            assert world.refresh_screens()
            text = await _page(shown)
            assert "Possible whataboutism" in text
            assert "#general-politics" in text  # mentions in embeds are shown by name
            assert FRAMING in await _page(typed)


async def test_it_stays_until_it_is_told_to_end() -> None:
    console = _console()
    task = asyncio.create_task(stay(SETTINGS, console=console, classifier=CueClassifier()))
    assert isinstance(console.file, io.StringIO)
    while "Ctrl-C ends" not in console.file.getvalue():
        assert not task.done(), task.exception()
        await asyncio.sleep(0.1)
    addresses = re.findall(r"http://127\.0\.0\.1:\d+/#\S+", console.file.getvalue())
    assert len(addresses) == len(list(doors(load_story(SEEDS))))
    assert "evening all" in await _page(addresses[0])
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait_for(task, 30)
    assert "nothing of it is kept" in console.file.getvalue()


async def test_a_taken_port_has_a_remedy() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(SandboxError, match="another --port"):
            await stay(SETTINGS, console=_console(), port=port, classifier=CueClassifier())
