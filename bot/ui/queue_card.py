"""The queue of open cases, a page at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Sequence
from typing import Any, Protocol, Self

import discord
from discord.ui import Button, DynamicItem, View

from bot.domain.cases import Case
from bot.ui import wording
from bot.ui.text import cut, one_line

PER_PAGE = 8
COLOUR = 0xE8A317


class Pages(Protocol):
    """Whoever shows another page; the client carries one as `desk`."""

    async def turned(self, interaction: discord.Interaction[Any], page: int) -> None:
        """Show another page in place."""
        ...


class PageButton(DynamicItem[Button[Any]], template=r"cases:page:(?P<page>[0-9]{1,6})"):
    """Turn to a page of the queue; works after a restart."""

    def __init__(self, page: int, label: str = "Page", *, is_disabled: bool = False) -> None:
        super().__init__(Button(label=label, custom_id=f"cases:page:{page}", disabled=is_disabled))
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the button from its custom id."""
        return cls(int(match["page"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the desk."""
        pages: Pages = interaction.client.desk
        await pages.turned(interaction, self.page)


def queue_embed(
    cases: Sequence[Case], total: int, page: int, *, hidden: Container[int] = ()
) -> discord.Embed:
    """Show one page of the queue (pages count from 0); an empty queue says so.

    Cases whose ids are `hidden` are shown without words and link: the person cannot read their channels.
    """
    if not total:
        return discord.Embed(title="No open cases", description="Everything is ruled on. 🌿", colour=COLOUR)
    embed = discord.Embed(
        title=wording.count(total, "open case"),
        description="Highest score first, then the oldest. `/case` shows one in full.",
        colour=COLOUR,
    )
    for case in cases:
        embed.add_field(
            name=cut(_heading(case), 256), value=cut(_line(case, case.id in hidden), 560), inline=False
        )
    embed.set_footer(text=f"Page {page + 1} of {_pages(total)}")
    return embed


def queue_pages(total: int, page: int) -> View:
    """Return the buttons that turn pages; at either end one is greyed out."""
    view = View(timeout=None)
    last = _pages(total) - 1
    page = min(max(page, 0), last)
    # A page number may stand once only, so a greyed button points past the end it stands at.
    view.add_item(PageButton(page - 1 if page else last + 1, "◀ Earlier", is_disabled=page == 0))
    view.add_item(PageButton(page + 1 if page < last else last + 2, "Later ▶", is_disabled=page == last))
    return view


def _pages(total: int) -> int:
    return max(1, math.ceil(total / PER_PAGE))


def _heading(case: Case) -> str:
    return f"Case {case.number} · {wording.possible(case.flag.technique)}"


def _line(case: Case, is_hidden: bool) -> str:
    when = discord.utils.format_dt(case.opened_at, "R")
    more = f" · {wording.count(len(case.sightings), 'post')}" if len(case.sightings) > 1 else ""
    if is_hidden:
        return f"(in a channel that you cannot read)\n{when}{more}"
    words = one_line(case.flag.evidence[0].quote or case.first.text, 160) or "(words removed)"
    return f"“{words}”\n<#{case.first.channel_id}> · {when}{more} · [go to message]({case.url})"
