# SPDX-License-Identifier: Apache-2.0
"""What samples come to. A row is {program: [the sample of each round, or None]}."""

import statistics


def values(samples, field="wall"):
    return [sample[field] for sample in samples or [] if sample]


def median(samples, field="wall"):
    found = values(samples, field)
    return statistics.median(found) if found else None


def p95(samples, field="wall"):
    found = sorted(values(samples, field))
    return found[max(0, round(0.95 * len(found)) - 1)] if found else None


def ratio(row, mine, other, field="wall"):
    """The median of the ratios of samples from the same round; None when there are none."""
    pairs = [a[field] / b[field] for a, b in zip(row.get(mine) or [], row.get(other) or []) if a and b and b[field]]
    return statistics.median(pairs) if pairs else None


def ratio_of_p95(row, mine, other):
    a, b = p95(row.get(mine)), p95(row.get(other))
    return a / b if a and b else None


def difference(row, mine, other, field="wall"):
    """The median of what @mine took more, within a round."""
    pairs = [a[field] - b[field] for a, b in zip(row.get(mine) or [], row.get(other) or []) if a and b]
    return statistics.median(pairs) if pairs else None
