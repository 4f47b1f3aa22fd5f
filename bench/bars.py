# SPDX-License-Identifier: Apache-2.0
"""A picture of ratios: each verb's time as a part of crun's."""

import stats
import svg

LEFT, RIGHT, WIDTH, BAR = 190, 130, 760, 11


def draw(path, title, rows):
    """@rows: {step: {program: samples}}; a mark shows the ratio of the p95."""
    shown = {step: row for step, row in rows.items() if stats.ratio(row, "yacr", "crun")}
    if not shown:
        return False
    picture = svg.Picture(WIDTH, 60 + sum((BAR + 1) * count(row) + 8 for row in shown.values()), title)
    picture.legend(LEFT, 38, ["yacr", "floor"])
    unit, y = WIDTH - LEFT - RIGHT, 48
    for step, row in shown.items():
        middle = y + (BAR + 1) * count(row) / 2
        picture.text(LEFT - 6, middle + 3, step, anchor="end")
        runc = stats.ratio(row, "runc", "crun")
        picture.text(LEFT + unit + 6, middle + 3, f"runc: {runc:.1f} times crun" if runc else "")
        for name in ("yacr", "floor"):
            value, late = stats.ratio(row, name, "crun"), stats.ratio_of_p95(row, name, "crun")
            if value is None:
                continue
            picture.box(LEFT, y, unit * min(value, 1), BAR, svg.COLOURS[name])
            picture.box(LEFT + unit * min(late, 1) - 1, y, 2, BAR, "#222")
            end = late if value <= late < value + 0.07 else value  # beside the bar, but not on the mark
            picture.text(LEFT + unit * min(end, 1) + 4, y + 9, f"{value:.2f}", size=9)
            y += BAR + 1
        y += 8
    picture.line([(LEFT + unit, 44), (LEFT + unit, y)], svg.COLOURS["crun"], 1.5)
    picture.text(LEFT + unit, 40, "crun", anchor="middle", colour=svg.COLOURS["crun"])
    picture.save(path)
    return True


def count(row):
    return sum(1 for name in ("yacr", "floor") if row.get(name))
