#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes what is trained on from the collected files: token ids by kind and split.

    training/prepare.py --from models/starter.gguf      with the vocabulary of a model
    training/prepare.py --vocabulary 8192               with a new one, learned from the training split

Reads OUT/files.jsonl; writes OUT/tokenizer.json and, for each kind (code, fim, pairs) and split, OUT/KIND.SPLIT.npz:
ids, weight (which tokens are wanted), start and tag (language and form) of each sample.
"""
import argparse
import collections
import json
import pathlib
import random

import numpy

import fim
import gguf
import pairs
import prompts
import syntax_nodes
import tokenizer as tokenizers

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_TOKENS = 2000  # of a sample that is asked for; the model's window is 2048
# What stands around an answer is learned too, but what is wanted of the model counts more.
CONTEXT_WEIGHT, WANTED_WEIGHT = 64, 255
NEIGHBOUR_CHARACTERS = 900  # of each file of the project that a completion is shown
PSM_SHARE = 0.15  # of the completions; the model asks for the other order
CHARACTERS_A_CUT = 1200  # of a file: so many cuts are made
# How much of a file a completion is shown, in characters above and below the cursor. Short ones are learned from sooner,
# long ones are what the program sends.
VIEWS = ((250, 80), (500, 200), (900, 300), (1600, 600), (3200, 1200), (5000, 1600))


class Samples:
    """Token ids one after the other, as numpy wants them."""

    def __init__(self):
        self.ids, self.weights, self.starts, self.tags = [], [], [], []

    def add(self, ids, wanted, tag):
        self.starts.append(sum(map(len, self.ids[-1:])) + (self.starts[-1] if self.starts else 0))
        self.ids.append(numpy.array(ids, "u2"))
        weights = numpy.full(len(ids), WANTED_WEIGHT, "u1")
        weights[:len(ids) - wanted] = CONTEXT_WEIGHT
        self.weights.append(weights)
        self.tags.append(tag)

    def save(self, path):
        numpy.savez(path, ids=numpy.concatenate(self.ids), weight=numpy.concatenate(self.weights),
                    start=numpy.array(self.starts, "u4"), tag=numpy.array(self.tags))
        return sum(map(len, self.ids))


def load_files(path):
    repositories = collections.defaultdict(list)
    for line in open(path):
        file = json.loads(line)
        repositories[file["repository"]].append(file)
    for files in repositories.values():  # headers and packages' own files before what uses them
        files.sort(key=lambda file: (file["path"].rpartition("/")[0], not file["path"].endswith((".h", ".hpp", "__init__.py")),
                                     file["path"]))
    return repositories


def add_whole_files(samples, files, tokenizer):
    """A repository file by file, in order, under its name."""
    special = tokenizer.special
    for number, file in enumerate(files):
        head = [special["<|repo_name|>"], *tokenizer.encode(file["repository"] + "\n")] if number == 0 else []
        head += [special["<|file_sep|>"], *tokenizer.encode(file["path"] + "\n")]
        text = tokenizer.encode(file["text"])
        samples.add([*head, *text, special["<|endoftext|>"]], len(text) + 1, file["language"])


def neighbours(files, file, chance):
    """Some files of the same folder, as the program shows them: the beginning of each."""
    others = [other for other in files if other is not file and other["language"] == file["language"]]
    if not others or chance.random() > 0.35:
        return []
    chosen = chance.sample(others, min(len(others), chance.randint(1, 2)))
    chosen.sort(key=lambda other: other["path"])
    return [(other["path"], other["text"][:other["text"].find("\n", NEIGHBOUR_CHARACTERS) + 1]) for other in chosen]


def add_cuts(samples, files, file, nodes, tokenizer, chance):
    for _ in range(max(1, len(file["text"]) // CHARACTERS_A_CUT)):
        cut = fim.make_cut(file["text"], nodes, chance)
        if cut is None:
            continue
        view = chance.choices(VIEWS, weights=(3, 4, 4, 3, 2, 1))[0]
        cut = fim.near_cursor(cut, *view)
        order = "psm" if chance.random() < PSM_SHARE else "spm"
        others = neighbours(files, file, chance) if view[0] >= NEIGHBOUR_CHARACTERS else []
        ids, wanted = fim.encode(cut, tokenizer, order, file["repository"], file["path"], others)
        if len(ids) <= MOST_TOKENS:
            samples.add(ids, wanted, f"{file['language']} {cut.kind}")


def add_pairs(samples, file, nodes, tokenizer, chance):
    functions = list(pairs.find_functions(file["language"], file["text"], nodes))
    for pair in pairs.make_pairs(file["language"], file["path"], functions, chance):
        ids, wanted = prompts.encode_chat(pair.question, pair.answer, tokenizer)
        if len(ids) <= MOST_TOKENS:
            samples.add([*ids, tokenizer.special["<|endoftext|>"]], wanted + 1, f"{file['language']} {pair.kind}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/training")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--from", dest="model", type=pathlib.Path)
    source.add_argument("--vocabulary", type=int)
    options = parser.parse_args()
    repositories = load_files(options.out / "files.jsonl")
    if options.model:
        tokenizer = tokenizers.Tokenizer.from_metadata(gguf.read(options.model)[0])
    else:
        tokenizer = tokenizers.Tokenizer.learned(
            (file["text"] for files in repositories.values() for file in files if file["split"] == "train"), options.vocabulary)
    tokenizer.save(options.out / "tokenizer.json")
    parser_of_code, chance = syntax_nodes.Parser(), random.Random(1)
    kinds = collections.defaultdict(Samples)
    for files in repositories.values():
        split = files[0]["split"]
        add_whole_files(kinds["code", split], files, tokenizer)
        for file in files:
            nodes = parser_of_code.find_nodes(file["language"], file["text"])
            add_cuts(kinds["fim", split], files, file, nodes, tokenizer, chance)
            add_pairs(kinds["pairs", split], file, nodes, tokenizer, chance)
    for (kind, split), samples in sorted(kinds.items()):
        count = samples.save(options.out / f"{kind}.{split}.npz")
        print(f"{kind} {split}: {len(samples.tags)} samples, {count / 1e6:.2f} million tokens,",
              dict(collections.Counter(tag.split(" ")[-1] for tag in samples.tags)), flush=True)


if __name__ == "__main__":
    main()
