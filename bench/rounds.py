# SPDX-License-Identifier: Apache-2.0
"""Takes samples: all programs in each round, in random order, so that what disturbs one disturbs the others, too."""

import random
import time


def interleave(jobs, rounds, warm_up=0, gap=0.0):
    """
    @jobs: (name of a program, function that returns {step: Sample}); @gap: seconds before each.
    ({step: {name: [the sample of each round, or None]}}, what failed)
    """
    jobs, samples, failures, order = list(jobs), {}, {}, {}
    for number in range(-warm_up, rounds):
        for place, (name, job) in random.sample(list(enumerate(jobs)), len(jobs)):
            time.sleep(gap)
            try:
                found = job()
            except RuntimeError as error:
                failures[f"{name}: {error}"] = 1
                continue
            for step, sample in found.items() if number >= 0 else ():
                order[step] = min(place, order.get(step, place))
                samples.setdefault(step, {}).setdefault(name, [None] * rounds)[number] = vars(sample)
    return {step: samples[step] for step in sorted(samples, key=order.get)}, list(failures)
