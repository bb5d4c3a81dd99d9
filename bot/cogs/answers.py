"""Answer moderators: in private, in time, and never with a traceback."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

from bot.domain.cases import NoSuchCaseError
from bot.ui import wording
from classifiers.contract import ClassifierError

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]


async def defer(interaction: Interaction) -> None:
    """Promise an answer in private, which must be done within three seconds; twice is once."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)


async def answer(
    interaction: Interaction, text: str | None = None, *, embed: discord.Embed | None = None, **extra: Any
) -> None:
    """Answer in private, whether or not the interaction was deferred before."""
    options: dict[str, Any] = {"ephemeral": True, **extra}
    if embed is not None:
        options["embed"] = embed
    if interaction.response.is_done():
        await interaction.followup.send(text or discord.utils.MISSING, **options)
    else:
        await interaction.response.send_message(text, **options)


def guild_of(interaction: Interaction) -> int:
    """Return the server an interaction came from; commands here are for servers only."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id


async def answer_error(
    interaction: Interaction, error: Exception, otherwise: str = wording.WENT_WRONG
) -> None:
    """Turn an error into one line for the person, and into a log line without words for the operator.

    `otherwise` is said of an error that is nobody's mistake.
    """
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, NoSuchCaseError):
        text = wording.NO_SUCH_CASE
    elif isinstance(cause, ClassifierError):
        text = wording.NO_MODEL
    elif isinstance(cause, app_commands.NoPrivateMessage):
        text = wording.SERVERS_ONLY
    elif isinstance(cause, app_commands.CheckFailure):
        text = wording.NOT_ALLOWED
    else:
        text = otherwise
        log.error("an interaction failed", exc_info=cause)
    try:
        await answer(interaction, text)
    except discord.HTTPException:
        log.warning("the answer came too late")
