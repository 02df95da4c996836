# SPDX-License-Identifier: Apache-2.0
"""What prepare.py wrote, as rows for the network."""
import numpy
import torch


class Samples:
    def __init__(self, path):
        saved = numpy.load(path)
        self.ids, self.weight, self.start = saved["ids"], saved["weight"], saved["start"].astype("i8")
        self.tags = saved["tag"]
        self.end = numpy.append(self.start[1:], len(self.ids))

    def row(self, length, random):
        """`length` + 1 tokens from a random sample on, filled up with more; of a long sample any part."""
        ids, weight = [], []
        left = length + 1
        while left > 0:
            i = random.integers(len(self.start))
            begin, end = self.start[i], self.end[i]
            if end - begin > 2048:
                begin = random.integers(begin, end - left) if end - begin > left else begin
            end = min(end, begin + left)
            ids.append(self.ids[begin:end])
            weight.append(self.weight[begin:end])
            left -= end - begin
        return numpy.concatenate(ids).astype("i8"), numpy.concatenate(weight).astype("f4") / 255


def make_batch(kinds, mix, rows, length, random):
    """(ids, weights of what is to be predicted); `mix`: how often each kind is taken."""
    names = sorted(kinds)
    chosen = random.choice(names, size=rows, p=[mix[name] for name in names])
    ids, weights = zip(*(kinds[name].row(length, random) for name in chosen))
    return torch.from_numpy(numpy.stack(ids)), torch.from_numpy(numpy.stack(weights)[:, 1:])
