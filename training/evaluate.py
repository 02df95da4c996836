#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The held-out loss of models by kind and language, in bits for each byte that is wanted.

    training/evaluate.py models/starter.gguf build/training/starter.gguf

Of whole files that is every byte, of a completion the middle, of a question the answer. All models see the same texts, each in
the tokens of its own vocabulary; the end of an answer counts as a token without bytes.
"""
import argparse
import collections
import itertools
import math
import pathlib

import numpy
import torch
import torch.nn.functional as F

import gguf
from model import Model, Shape
from samples import load
from tokenizer import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ("code", "fim", "pairs")
MOST_TOKENS = 1024


def choose(samples, count, random):
    """[(tag, ids, which of them are wanted)]: some of each tag."""
    by_tag = collections.defaultdict(list)
    for i in random.permutation(len(samples.start)):
        begin, length = samples.start[i], samples.lengths[i]
        if samples.are_cut:
            length = min(length, MOST_TOKENS)
        if length <= MOST_TOKENS and len(by_tag[samples.tags[i]]) < count:
            rows = slice(begin, begin + length)
            by_tag[samples.tags[i]].append((samples.ids[rows].astype("i8"), samples.weight[rows] > 127))
    return [(tag, *row) for tag, rows in sorted(by_tag.items()) for row in rows]


def translated(ids, wanted, old, new):
    """(ids of `new`, which are wanted, bytes that are wanted): the same text in another vocabulary. Special tokens keep
    their names, and no token reaches from what is given into what is wanted."""
    names = {i: name for name, i in old.special.items()}
    result, marks, size = [], [], 0
    for (is_special, is_wanted), run in itertools.groupby(zip(ids.tolist(), wanted.tolist()), lambda pair: (pair[0] in names, pair[1])):
        run = [token for token, _ in run]
        tokens = [new.special[names[token]] for token in run] if is_special else new.encode(old.decode(run))
        result += tokens
        marks += [is_wanted] * len(tokens)
        size += 0 if is_special or not is_wanted else len(old.decode(run).encode())
    return numpy.array(result), numpy.array(marks), size


@torch.no_grad()
def losses(model, chosen):
    """{(language, form): (sum, bytes)}; `chosen`: [(tag, ids, which are wanted, bytes that are wanted)]"""
    sums = collections.defaultdict(lambda: [0.0, 0])
    for tag, ids, wanted, size in chosen:
        row = torch.from_numpy(ids)[None, :model.shape.context]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(row[:, :-1])[0]
        mask = torch.from_numpy(wanted[1:row.shape[1]])
        loss = F.cross_entropy(logits.float()[mask], row[0, 1:][mask], reduction="sum").item()
        language, _, form = tag.partition(" ")
        for key in ((language, form), ("all", form)):
            sums[key][0] += loss / math.log(2)
            sums[key][1] += size
    return sums


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/training")
    parser.add_argument("--count", type=int, default=12, help="samples of each language and form")
    options = parser.parse_args()
    torch.set_num_threads(1)
    chosen = []
    for samples in load(options.out, KINDS, "held-out").values():
        chosen += choose(samples, options.count, numpy.random.default_rng(3))
    own = Tokenizer.load(options.out / "tokenizer.json")
    columns = []
    for path in options.models:
        metadata, tensors = gguf.read(path)
        model = Model(Shape.from_metadata(metadata))
        model.load_tensors(tensors)
        vocabulary = Tokenizer.from_metadata(metadata)
        columns.append(losses(model, [(tag, *translated(ids, wanted, own, vocabulary)) for tag, ids, wanted in chosen]))
    print("| what | language | bytes | " + " | ".join(path.parent.name + "/" + path.name for path in options.models) + " |")
    print("| --- | --- | ---: |" + " ---: |" * len(columns))
    for language, form in sorted(columns[0], key=lambda key: (key[1], key[0] != "all", key[0])):
        size = columns[0][language, form][1]
        cells = " | ".join(f"{column[language, form][0] / size:.2f}" for column in columns)
        print(f"| {form or 'whole files'} | {language} | {size} | {cells} |")


if __name__ == "__main__":
    main()
