"""A server with a gap: posts behind the watermark, and ways to look at what was screened."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.posts import Post
from bot.ports import ChannelRef
from bot.services.intake import Intake
from tests.factories import CHANNEL, GUILD, NOW, a_post, message_id
from tests.services.conftest import Bench

THREAD = 21
OTHER = 22


async def ready(bench: Bench, mark: int = 0, posts: int = 5) -> Intake:
    """Watch a channel that was handled up to minute `mark`, with posts in minutes 0, 1, 2 …."""
    await bench.choose()
    await bench.stores.watermarks.advance(GUILD, CHANNEL, message_id(mark))
    bench.history.refs = [ChannelRef(CHANNEL)]
    bench.history.posts = [a_post(f"post {n}", minute=n) for n in range(posts)]
    bench.clock.set(NOW + timedelta(hours=1))
    intake = bench.intake(workers=1)
    intake.expect_gaps()
    return intake


async def two_channels(bench: Bench) -> None:
    """Watch another channel too, with posts 2, 3 and 4 behind its mark."""
    await bench.choose(watched_channel_ids=frozenset({CHANNEL, OTHER}))
    await bench.stores.watermarks.advance(GUILD, OTHER, message_id(2))
    bench.history.refs.append(ChannelRef(OTHER))
    bench.history.posts += [
        a_post(f"other {n}", minute=n, id=message_id(n) + 1, channel_id=OTHER) for n in range(5)
    ]


def in_thread(minute: int) -> Post:
    """Make a post of a thread; ids are unique across channels."""
    post_id = message_id(minute) + 2
    return a_post(f"thread {minute}", minute=minute, id=post_id, channel_id=THREAD, parent_channel_id=CHANNEL)


def asked(bench: Bench) -> list[str]:
    """Return the texts that the model was asked about, in order."""
    return [passage.text for passage in bench.classifier.asked]
