# SPDX-License-Identifier: Apache-2.0
"""A picture of what host and init do when."""

import svg

LEFT, WIDTH, LANE, TOP = 90, 900, 26, 96
COLOURS = {"starts up": "#9aa5b1", "own program protected": "#6b4fa0", "config.json": "#2a7ae2", "state": "#c2a22a",
           "namespaces": "#b03a2e", "cgroup": "#e08a2a", "device program": "#8c564b", "network": "#17a2b8", "mounts": "#4caf50",
           "identity": "#e377c2", "seccomp": "#333333", "waits": "#eeeeee"}


def legend(picture, y):
    x = 10
    for name, colour in COLOURS.items():
        if x + 20 + 6 * len(name) > WIDTH:
            x, y = 10, y + 16
        picture.box(x, y - 8, 9, 9, colour)
        picture.text(x + 13, y, name)
        x += 28 + 5.6 * len(name)


def axis(picture, y, end, across):
    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if end / step <= 16)
    for number in range(int(end / step) + 1):
        x = across(number * step)
        picture.line([(x, TOP - 14), (x, y)], "#ddd")
        picture.text(x, TOP - 18, f"{number * step:g} ms", size=9, anchor="middle")


def draw(path, title, data):
    """@data: {program: {lane: [[phase, begin, end]]}} in milliseconds."""
    end = max(lane[-1][2] for lanes in data.values() for lane in lanes.values() if lane)
    picture = svg.Picture(WIDTH + 20, TOP + sum(LANE * len(lanes) + 16 for lanes in data.values()) + 8, title)
    legend(picture, 38)

    def across(ms):
        return LEFT + (WIDTH - LEFT) * ms / end

    y = TOP
    axis(picture, TOP + sum(LANE * len(lanes) + 16 for lanes in data.values()) - 12, end, across)
    for name, lanes in data.items():
        for lane, phases in lanes.items():
            picture.text(LEFT - 6, y + 14, f"{name} {lane}", anchor="end")
            for phase, begin, finish in phases:
                picture.box(across(begin), y, across(finish) - across(begin), LANE - 6, COLOURS[phase],
                            f"{phase}: {finish - begin:.2f} ms")
            y += LANE
        y += 16
    picture.save(path)
