# SPDX-License-Identifier: Apache-2.0
"""Pictures, as text."""

import html

COLOURS = {"yacr": "#2a7ae2", "crun": "#e08a2a", "runc": "#8a8a8a", "floor": "#4caf50"}


class Picture:
    def __init__(self, width, height, title):
        self.width, self.height, self.shapes = width, height, []
        self.text(10, 20, title, size=14)

    def text(self, x, y, text, size=10, anchor="start", colour="#222"):
        self.shapes.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
                           f'{html.escape(str(text))}</text>')

    def box(self, x, y, width, height, colour, title=""):
        inside = f"<title>{html.escape(title)}</title>" if title else ""
        self.shapes.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.3):.1f}" height="{height:.1f}" '
                           f'fill="{colour}">{inside}</rect>')

    def line(self, points, colour="#ccc", width=1.0, dashes=""):
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        more = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.shapes.append(f'<polyline points="{where}" fill="none" stroke="{colour}" stroke-width="{width}"{more}/>')

    def dot(self, x, y, colour):
        self.shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>')

    def legend(self, x, y, names):
        for name in names:
            self.box(x, y - 8, 9, 9, COLOURS.get(name, "#999"))
            self.text(x + 13, y, name)
            x += 60

    def save(self, path):
        path.write_text("\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:.0f}" height="{self.height:.0f}" '
            'font-family="sans-serif">', '<rect width="100%" height="100%" fill="white"/>', *self.shapes, "</svg>", ""]))
