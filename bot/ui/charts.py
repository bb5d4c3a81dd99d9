"""The digest's chart, drawn so that it reads at Discord's preview size."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from bot.domain.digests import Digest
from bot.ui import wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT, DPI = 8.0, 4.0, 120
"""Inches, inches, dots per inch: 960 × 480 pixels."""

INK, GROUND, FLAGGED, UPHELD, DISMISSED = "#e6e6e6", "#2b2d31", "#e8a317", "#5b9bd5", "#8a8f98"
"""Colours that colour-blind readers can tell apart (orange, blue, grey), on Discord's dark ground."""


def digest_chart(digest: Digest) -> bytes:
    """Draw flags per day and per technique as a PNG; call it off the event loop."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=GROUND, layout="constrained")
    FigureCanvasAgg(figure)
    days, techniques = figure.subplots(1, 2, width_ratios=(1.15, 1))
    labels = ["\n".join(label.split(" ")[:2]) for label, _ in digest.per_day]
    days.bar(range(len(labels)), [n for _, n in digest.per_day], color=FLAGGED)
    days.set_xticks(range(len(labels)), labels, fontsize=9)
    days.set_title("Cases per day")
    rows = list(digest.techniques.items())[:6][::-1]
    names = [wording.MEANINGS[t].name for t, _ in rows]
    left = [0] * len(rows)
    for label, colour, values in (
        ("upheld", UPHELD, [t.upheld for _, t in rows]),
        ("dismissed", DISMISSED, [t.dismissed for _, t in rows]),
        ("open", FLAGGED, [t.flagged - t.upheld - t.dismissed for _, t in rows]),
    ):
        techniques.barh(names, values, left=left, color=colour, label=label)
        left = [a + b for a, b in zip(left, values, strict=True)]
    techniques.set_title("Techniques, by ruling")
    if rows:
        techniques.legend(
            loc="upper center",
            bbox_to_anchor=(0.4, -0.08),
            ncols=3,
            labelcolor=INK,
            facecolor=GROUND,
            edgecolor=GROUND,
        )
    for axes in (days, techniques):
        _dress(axes)
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def chart_alt_text(digest: Digest) -> str:
    """Describe the chart for those who cannot see it."""
    days = ", ".join(f"{label} {n}" for label, n in digest.per_day)
    techniques = ", ".join(f"{wording.MEANINGS[t].name} {n.flagged}" for t, n in digest.techniques.items())
    return f"Cases per day: {days}. Techniques: {techniques or 'none'}."[:1024]


def _dress(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_facecolor(GROUND)
    axes.title.set_color(INK)
    axes.tick_params(colors=INK)
    for side in axes.spines.values():
        side.set_visible(False)
    counted = axes.xaxis if axes.get_title().startswith("Techniques") else axes.yaxis
    counted.set_major_locator(MaxNLocator(integer=True))
