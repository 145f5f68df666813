"""
A score as a picture: one bar a moment, a line for the target, a dot for each earlier exercise.

SVG made on the server, without style or script of its own: classes are coloured by our style sheet, light and dark.
What the picture shows stands in a table beside it too, so it is marked as that table's twin and hidden from readers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

#: The picture's own units; at 390 px one of them is about one pixel.
WIDTH, LEFT, RIGHT = 360, 2, 358
ROW, TOP, FOOT = 46, 4, 30
#: Longer than this many times the longest target, a bar runs out of the picture and says so.
LONGEST = 2.0


@dataclass(frozen=True)
class Bar:
    """One moment: what it is called, how long it took (None: it has not come), said in words, and its target."""

    name: str
    seconds: float | None
    said: str
    target: float | None = None
    earlier: tuple[float, ...] = ()


def picture(bars: Sequence[Bar], ends: str) -> str:
    """Return the bars as SVG. `ends` is what the right end of the picture is called."""
    scale = scale_of(bars)
    height = TOP + ROW * len(bars) + FOOT
    rows = "".join(_row(bar, TOP + ROW * number, scale) for number, bar in enumerate(bars))
    foot = TOP + ROW * len(bars)
    axis = (
        f'<line class="axis" x1="{LEFT}" y1="{foot}" x2="{RIGHT}" y2="{foot}"/>'
        f'<text class="faint" x="{LEFT}" y="{foot + 18}">0</text>'
        f'<text class="faint" x="{RIGHT}" y="{foot + 18}" text-anchor="end">{escape(ends)}</text>'
    )
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f'<svg class="score" {size} aria-hidden="true" focusable="false">{rows}{axis}</svg>'


def scale_of(bars: Sequence[Bar]) -> float:
    """Return how many seconds the whole width is: room for every target and every bar that is not far beyond them."""
    targets = [bar.target for bar in bars if bar.target is not None]
    values = [bar.seconds for bar in bars if bar.seconds is not None]
    values += [one for bar in bars for one in bar.earlier]
    most = LONGEST * max(targets) if targets else max(values, default=60)
    return max(60.0, min(most, max([*values, *(1.1 * one for one in targets)], default=60)))


def _row(bar: Bar, y: int, scale: float) -> str:
    name = f'<text class="name" x="{LEFT}" y="{y + 14}">{escape(bar.name)}</text>'
    said = f'<text class="value" x="{RIGHT}" y="{y + 14}" text-anchor="end">{escape(bar.said)}</text>'
    back = f'<rect class="room" x="{LEFT}" y="{y + 20}" width="{RIGHT - LEFT}" height="14" rx="2"/>'
    inside = [min(_x(one, scale), RIGHT - 6) for one in bar.earlier]
    dots = "".join(f'<circle class="before" cx="{x}" cy="{y + 27}" r="4.5"/>' for x in inside)
    return name + said + back + _bar(bar, y + 20, scale) + _target(bar, y + 17, scale) + dots


def _bar(bar: Bar, y: int, scale: float) -> str:
    if bar.seconds is None:
        return ""
    late = bar.target is not None and bar.seconds > bar.target
    kind = "late" if late else "met" if bar.target is not None else "plain"
    width = max(2.0, _x(bar.seconds, scale) - LEFT)
    drawn = f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:g}" height="14" rx="2"/>'
    if bar.seconds > scale:  # the arrow says that it goes on outside
        drawn += f'<path class="on" d="M{RIGHT - 14} {y + 2} l8 5 l-8 5 z"/>'
    return drawn


def _target(bar: Bar, y: int, scale: float) -> str:
    if bar.target is None:
        return ""
    x = _x(bar.target, scale)
    return f'<line class="target" x1="{x}" y1="{y}" x2="{x}" y2="{y + 20}"/>'


def _x(seconds: float, scale: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * min(1.0, seconds / scale), 1)
