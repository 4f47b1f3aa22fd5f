# SPDX-License-Identifier: Apache-2.0
"""What was measured, as bench.py keeps it in a file: {part: {layout: {"samples" or "values" or …}}} and the facts."""

import json


class Results:
    def __init__(self, path):
        self.path = path
        found = json.loads(path.read_text()) if path.exists() else {}
        self.facts, self.parts = found.get("facts", {}), found.get("parts", {})

    def add(self, part, layout, found):
        self.parts.setdefault(part, {})[layout] = found

    def save(self):
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps({"facts": self.facts, "parts": self.parts}))

    @property
    def names(self):
        """Of the programs, yacr first and the floor last."""
        return [*self.facts["runtimes"], "floor"]

    def layout(self, layout):
        return [found[layout] for found in self.parts.values() if layout in found]

    def rows(self, layout):
        """{step: {program: samples}} of all parts."""
        return {step: row for found in self.layout(layout) for step, row in found.get("samples", {}).items()}

    def row(self, layout, step):
        return self.rows(layout).get(step, {})

    def value(self, layout, measure):
        """{program: figure}."""
        if layout == "file":
            return {name: runtime[measure] for name, runtime in self.facts["runtimes"].items()}
        return next((found["values"][measure] for found in self.layout(layout) if measure in found.get("values", {})), {})

    def data(self, part, layout):
        return self.parts.get(part, {}).get(layout, {}).get("data")

    def failures(self):
        for part, layouts in self.parts.items():
            for layout, found in layouts.items():
                for failure in found["failures"]:
                    yield f"{part}, {layout}: {failure}"
