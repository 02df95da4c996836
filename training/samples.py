# SPDX-License-Identifier: Apache-2.0
"""What prepare.py wrote, as rows for the network."""
import numpy
import torch

from fitting import Fitting

WHOLE_FILES = "code"  # the kind of which any part is worth learning
SHORTEST = 48  # tokens: what is left of a row stays empty below that


class Samples:
    """`are_cut`: a row may begin and end within one."""

    def __init__(self, path, are_cut):
        saved = numpy.load(path)
        self.ids, self.weight, self.start = saved["ids"], saved["weight"], saved["start"].astype("i8")
        self.tags, self.are_cut = saved["tag"], are_cut
        self.lengths = numpy.diff(numpy.append(self.start, len(self.ids)))
        self.fitting = Fitting(self.lengths.tolist())

    def choose(self, left, random):
        """(begin, end) of a random sample that fits into `left` tokens, of a part if they are cut; None where none fits."""
        if self.are_cut:
            i = random.integers(len(self.start))
            over = self.lengths[i] - left
            begin = self.start[i] + (random.integers(over + 1) if over > 0 else 0)
            return begin, begin + min(self.lengths[i], left)
        i = self.fitting.choose(left, random)
        return None if i is None else (self.start[i], self.start[i] + self.lengths[i])

    def row(self, length, random):
        """`length` + 1 tokens and what each of them counts: samples one after the other, and nothing where none fits."""
        ids, weights = numpy.zeros(length + 1, "i8"), numpy.zeros(length + 1, "f4")
        filled = 0
        while length + 1 - filled >= SHORTEST:
            chosen = self.choose(length + 1 - filled, random)
            if chosen is None:
                break
            begin, end = chosen
            ids[filled:filled + end - begin] = self.ids[begin:end]
            weights[filled:filled + end - begin] = self.weight[begin:end] / 255
            filled += end - begin
        return ids, weights


def load(folder, kinds, split):
    return {name: Samples(folder / f"{name}.{split}.npz", name == WHOLE_FILES) for name in kinds}


def make_batch(kinds, mix, rows, length, random):
    """(ids, weights of what is to be predicted); `mix`: how often each kind is taken."""
    names = sorted(kinds)
    chosen = random.choice(names, size=rows, p=[mix[name] for name in names])
    ids, weights = zip(*(kinds[name].row(length, random) for name in chosen))
    return torch.from_numpy(numpy.stack(ids)), torch.from_numpy(numpy.stack(weights)[:, 1:])
