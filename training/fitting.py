# SPDX-License-Identifier: Apache-2.0
"""Which samples fit into what is left of a row."""
import bisect


class Fitting:
    """What asks for something at its end is never cut: its question alone teaches nothing. `lengths`: of the samples, in
    tokens."""

    def __init__(self, lengths):
        self.order = sorted(range(len(lengths)), key=lambda i: lengths[i])
        self.lengths = [lengths[i] for i in self.order]

    def choose(self, left, random):
        """The number of a random one of those with at most `left` tokens; None where there is none."""
        count = bisect.bisect_right(self.lengths, left)
        return self.order[int(random.random() * count)] if count else None
