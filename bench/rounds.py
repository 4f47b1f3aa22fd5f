# SPDX-License-Identifier: Apache-2.0
"""Takes samples: all programs in each round, in random order, so that what disturbs one disturbs the others, too."""

import collections
import random
import time

ENOUGH = 3  # failures of a job, after which it is not tried again


def interleave(jobs, rounds, warm_up=0, gap=0.0):
    """
    @jobs: (name of a program, function that returns {step: Sample}); @gap: seconds before each.
    ({step: {name: [the sample of each round, or None]}}, what failed)
    """
    jobs, samples, failures, order = list(jobs), {}, collections.Counter(), {}
    failed = collections.Counter()
    for number in range(-warm_up, rounds):
        for place, (name, job) in random.sample(list(enumerate(jobs)), len(jobs)):
            if failed[place] >= ENOUGH:
                continue
            time.sleep(gap)
            try:
                found = job()
            except RuntimeError as error:
                failures[f"{name}: {error}"] += 1
                failed[place] += 1
                continue
            for step, sample in found.items() if number >= 0 else ():
                order[step] = min(place, order.get(step, place))
                samples.setdefault(step, {}).setdefault(name, [None] * rounds)[number] = vars(sample)
    return ({step: samples[step] for step in sorted(samples, key=order.get)},
            [f"{what} ({count} times)" for what, count in failures.items()])
