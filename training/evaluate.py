#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The held-out loss of models by kind and language, in nats for each token that is wanted.

    training/evaluate.py models/starter.gguf build/training/starter.gguf

Of whole files that is every token, of a completion the middle, of a question the answer. All models see the same samples;
they have to have the vocabulary of OUT/tokenizer.json.
"""
import argparse
import collections
import pathlib

import numpy
import torch
import torch.nn.functional as F

import gguf
from model import Model, Shape
from samples import Samples

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ("code", "fim", "pairs")
MOST_TOKENS = 1024


def choose(samples, count, random):
    """[(tag, ids, which of them are wanted)]: some of each tag."""
    by_tag = collections.defaultdict(list)
    for i in random.permutation(len(samples.start)):
        begin, end = samples.start[i], samples.end[i]
        is_file = " " not in samples.tags[i]
        if is_file:
            end = min(end, begin + MOST_TOKENS)
        if end - begin <= MOST_TOKENS and len(by_tag[samples.tags[i]]) < count:
            by_tag[samples.tags[i]].append((samples.ids[begin:end].astype("i8"), samples.weight[begin:end] > 127))
    return [(tag, *row) for tag, rows in sorted(by_tag.items()) for row in rows]


@torch.no_grad()
def losses(model, chosen):
    """{(language, form): (sum, tokens)}"""
    sums = collections.defaultdict(lambda: [0.0, 0])
    for tag, ids, wanted in chosen:
        row = torch.from_numpy(ids)[None]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(row[:, :-1])[0]
        mask = torch.from_numpy(wanted[1:])
        loss = F.cross_entropy(logits.float()[mask], row[0, 1:][mask], reduction="sum").item()
        language, _, form = tag.partition(" ")
        for key in ((language, form), ("all", form)):
            sums[key][0] += loss
            sums[key][1] += int(mask.sum())
    return sums


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/training")
    parser.add_argument("--count", type=int, default=12, help="samples of each language and form")
    options = parser.parse_args()
    torch.set_num_threads(1)
    chosen = []
    for kind in KINDS:
        chosen += choose(Samples(options.out / f"{kind}.held-out.npz"), options.count, numpy.random.default_rng(3))
    columns = []
    for path in options.models:
        metadata, tensors = gguf.read(path)
        model = Model(Shape.from_metadata(metadata))
        model.load_tensors(tensors)
        columns.append(losses(model, chosen))
    print("| what | language | tokens | " + " | ".join(path.parent.name + "/" + path.name for path in options.models) + " |")
    print("| --- | --- | ---: |" + " ---: |" * len(columns))
    for language, form in sorted(columns[0], key=lambda key: (key[1], key[0] != "all", key[0])):
        count = columns[0][language, form][1]
        cells = " | ".join(f"{column[language, form][0] / count:.2f}" for column in columns)
        print(f"| {form or 'whole files'} | {language} | {count} | {cells} |")


if __name__ == "__main__":
    main()
