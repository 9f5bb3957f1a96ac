"""Curves on logarithmic axes as one SVG picture, in light and dark; its numbers stand in a table beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 40, 48
_INKS = ("#0b5fa5", "#a3450b", "#2f7d32", "#7a3ea1", "#8a6d00", "#555")
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 4", "10 4")
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.axis{stroke:#888}.grid{stroke:#ddd}"
    "@media(prefers-color-scheme:dark){.paper{fill:#1b1b1b}text{fill:#ddd}.grid{stroke:#3a3a3a}"
    ".ink{filter:brightness(1.7)}}"
)


@dataclass(frozen=True, slots=True)
class Series:
    """One curve; x and y are positive."""

    name: str
    points: tuple[tuple[float, float], ...]


def curves_svg(title: str, series: Sequence[Series], x_says: str, y_says: str) -> str:
    """The picture of some curves. Each has a colour, dashes and its name beside it."""
    drawn = [one for one in series if one.points]
    axes = _Axes([x for one in drawn for x, _ in one.points] or [1], [y for one in drawn for _, y in one.points] or [1])
    names = "; ".join(one.name for one in drawn)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title><desc id="d">Curves: {escape(names)}. A table has the numbers.</desc>',
        f'<style>{_STYLE}</style><rect class="paper" width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" style="font-weight:bold">{escape(title)}</text>',
        *axes.lines(x_says, y_says),
    ]
    lines += [line for number, one in enumerate(drawn) for line in _curve(number, one, axes)]
    lines += _legend([one.name for one in drawn], axes, drawn)
    return "\n".join([*lines, "</svg>", ""])


class _Axes:
    def __init__(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        self._x = math.floor(math.log10(min(xs))), max(math.ceil(math.log10(max(xs))), 1)
        self._y = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)) + 1e-9)

    def x(self, value: float) -> float:
        return self._place(math.log10(value), self._x, LEFT, WIDTH - RIGHT)

    def y(self, value: float) -> float:
        return self._place(math.log10(value), self._y, HEIGHT - BOTTOM, TOP)

    @staticmethod
    def _place(value: float, ends: tuple[int, int], first: float, last: float) -> float:
        return round(first + (value - ends[0]) / max(1, ends[1] - ends[0]) * (last - first), 1)

    def lines(self, x_says: str, y_says: str) -> Iterator[str]:
        """The grid, a line for each power of ten, and what the axes are."""
        for power in range(self._x[0], self._x[1] + 1):
            x = self.x(10.0**power)
            yield f'<path class="grid" d="M{x} {TOP}V{HEIGHT - BOTTOM}"/>'
            yield f'<text x="{x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{10.0**power:,g}</text>'
        for power in range(self._y[0], self._y[1] + 1):
            y = self.y(10.0**power)
            yield f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{10.0**power:,g}</text>'
        yield f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>'
        yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x_says)}</text>'
        yield f'<text x="{LEFT}" y="{TOP - 4}">{escape(y_says)}</text>'


def _curve(number: int, one: Series, axes: _Axes) -> Iterator[str]:
    ink, dash = _INKS[number % len(_INKS)], _DASHES[number % len(_DASHES)]
    places = [(axes.x(x), axes.y(y)) for x, y in one.points]
    path = " ".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y) in enumerate(places))
    yield f'<path class="ink" fill="none" stroke="{ink}" stroke-width="2" stroke-dasharray="{dash}" d="{path}"/>'
    for (x, y), (at, value) in zip(places, one.points, strict=True):
        said = escape(f"{one.name}: {at:,g}, {value:.3g}")
        yield f'<circle class="ink" cx="{x}" cy="{y}" r="3" fill="{ink}"><title>{said}</title></circle>'


def _legend(names: Sequence[str], axes: _Axes, drawn: Sequence[Series]) -> Iterator[str]:
    """A name for each curve, from the top in the order of their ends."""
    order = sorted(range(len(names)), key=lambda n: axes.y(drawn[n].points[-1][1]))
    for row, number in enumerate(order):
        y, ink, dash = TOP + 14 + 20 * row, _INKS[number % len(_INKS)], _DASHES[number % len(_DASHES)]
        x = WIDTH - RIGHT + 10
        yield f'<path class="ink" stroke="{ink}" stroke-width="2" stroke-dasharray="{dash}" d="M{x} {y - 4}h24"/>'
        yield f'<text x="{x + 30}" y="{y}">{escape(names[number])}</text>'
