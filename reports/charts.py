"""Small charts as SVG text: no script, no font, no picture from elsewhere; the same numbers give the same text.

Coordinates are integers of the picture's own units, so that no float is ever printed.
"""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from hotel.figures import NightPoint
from reports.display import short_date

_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 22, 10, 26
WIDTH: Final = _LEFT + 31 * 19 + _RIGHT  # 31 nights fill it without a rest
HEIGHT: Final = 200
_STEPS: Final = (1, 2, 3, 4, 5, 6, 8)
_DAYS_A_WEEK: Final = 7
_SHORT_FROM: Final = 10_000


def nights_chart(
    nights: Sequence[NightPoint], values: Sequence[int], before: Sequence[int | None], title: str
) -> Markup:
    """Draw one bar per night, the last one strong, and last year's nights as a line.

    `values` and `before` are non-negative and stand in the order of the nights; None breaks the line.
    """
    top = _ceiling(max([*values, *(value for value in before if value is not None)], default=0))
    slot = (WIDTH - _LEFT - _RIGHT) // max(len(nights), 1)
    parts = [*_grid(top), *_bars(values, top, slot), *_line(before, top, slot), *_dates(nights, slot)]
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, HEIGHT, title)
    return head + Markup("").join(parts) + Markup("</svg>")


def _ceiling(largest: int) -> int:
    """Give the end of an axis with four round steps that holds the largest value."""
    power = 1
    while True:
        for step in _STEPS:
            if 4 * step * power >= largest:
                return 4 * step * power
        power *= 10


def _y(value: int, top: int) -> int:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (top - value) // top


def _grid(top: int) -> list[Markup]:
    lines = []
    for quarter in range(5):
        value = top * quarter // 4
        y = _y(value, top)
        kind = "base" if quarter == 0 else "grid"
        lines.append(
            Markup(
                '<path class="{}" d="M{} {}H{}"/><text class="axis" x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(kind, _LEFT, y, WIDTH - _RIGHT, _LEFT - 6, y + 5, _short(value))
        )
    return lines


def _short(value: int) -> str:
    return f"{value // 1000:,}k" if value >= _SHORT_FROM and value % 1000 == 0 else f"{value:,}"


def _bars(values: Sequence[int], top: int, slot: int) -> list[Markup]:
    width = slot * 7 // 10
    return [
        Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
            "today" if i == len(values) - 1 else "bar",
            _LEFT + i * slot + (slot - width) // 2,
            _y(value, top),
            width,
            _y(0, top) - _y(value, top),
        )
        for i, value in enumerate(values)
    ]


def _line(values: Sequence[int | None], top: int, slot: int) -> list[Markup]:
    path: list[str] = []
    is_down = False
    for i, value in enumerate(values):
        if value is not None:
            path.append(f"{'L' if is_down else 'M'}{_LEFT + i * slot + slot // 2} {_y(value, top)}")
        is_down = value is not None
    return [Markup('<path class="before" d="{}"/>').format("".join(path))] if path else []


def _dates(nights: Sequence[NightPoint], slot: int) -> list[Markup]:
    shown = [(i, night.stay_on) for i, night in enumerate(nights) if (len(nights) - 1 - i) % _DAYS_A_WEEK == 0]
    return [
        Markup('<text class="axis" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            _LEFT + i * slot + slot // 2, HEIGHT - 6, short_date(day)
        )
        for i, day in shown
    ]


def share_bar(part: int, whole: int) -> Markup:
    """Draw a share of a whole as a bar a thousandth fine; nothing where there is no whole."""
    thousandths = 1000 * max(part, 0) // whole if whole > 0 else 0
    return Markup(
        '<svg class="share" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="1000" height="10"/><rect class="bar" width="{}" height="10"/></svg>'
    ).format(thousandths)
