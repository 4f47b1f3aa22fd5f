# SPDX-License-Identifier: Apache-2.0
"""Pictures of growth: a small plot for each {size: {program: samples}}, both axes logarithmic."""

import math

import stats
import svg

COLUMNS, WIDTH, HEIGHT, LEFT, TOP, GAP = 3, 300, 200, 50, 60, 34


def points(sizes, name):
    """(size, milliseconds) of a program."""
    return [(int(size), stats.median(row[name]) / 1000) for size, row in sizes.items() if stats.median(row.get(name))]


def names_of(sizes):
    return [name for name in svg.COLOURS if any(row.get(name) for row in sizes.values())]


def scale(values, low, high):
    """A function from values, logarithmically, to [low, high]; and the powers of ten among them."""
    least, most = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    most = max(most, least + 1)
    return (lambda v: low + (high - low) * (math.log10(v) - least) / (most - least),
            [10.0 ** power for power in range(least, most + 1)])


def label(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def panel(picture, x, y, what, sizes):
    lines = {name: points(sizes, name) for name in names_of(sizes)}
    across, ticks_x = scale([size for line in lines.values() for size, _ in line], x + LEFT, x + WIDTH - 12)
    up, ticks_y = scale([ms for line in lines.values() for _, ms in line], y + HEIGHT - 24, y + 22)
    picture.text(x + LEFT, y + 12, what, size=11)
    for tick in ticks_x:
        picture.line([(across(tick), y + 22), (across(tick), y + HEIGHT - 24)], "#eee")
        picture.text(across(tick), y + HEIGHT - 11, label(tick), size=9, anchor="middle")
    for tick in ticks_y:
        picture.line([(x + LEFT, up(tick)), (x + WIDTH - 12, up(tick))], "#eee")
        picture.text(x + LEFT - 5, up(tick) + 3, label(tick) + " ms", size=9, anchor="end")
    for name, line in lines.items():
        where = [(across(size), up(ms)) for size, ms in line]
        picture.line(where, svg.COLOURS[name], 1.6)
        for point in where:
            picture.dot(*point, svg.COLOURS[name])


def draw(path, title, data):
    rows = math.ceil(len(data) / COLUMNS)
    picture = svg.Picture(COLUMNS * WIDTH + 10, TOP + rows * (HEIGHT + GAP), title)
    picture.legend(10, 42, [name for name in svg.COLOURS if any(name in names_of(sizes) for sizes in data.values())])
    for number, (what, sizes) in enumerate(data.items()):
        panel(picture, number % COLUMNS * WIDTH, TOP + number // COLUMNS * (HEIGHT + GAP), what, sizes)
    picture.save(path)
