# SPDX-License-Identifier: Apache-2.0
"""Cuts a text as `complete` will ask for it: what stands before the cursor, what is wanted, what stands behind."""
import re
from typing import NamedTuple

import syntax_nodes

WORD_ENDS = re.compile(r"(?<=\w)(?=\W)|(?<=[^\w\s])|(?<=\s)(?=\S)")
MOST_MIDDLE = 1200  # bytes: longer ones are not asked of a small model


class Cut(NamedTuple):
    kind: str
    prefix: str
    middle: str
    suffix: str


def cut_line(text, random):
    """The rest of a line: mostly behind a word, as people stop typing, else anywhere."""
    lines = text.split("\n")
    wanted = [i for i, line in enumerate(lines) if len(line.strip()) > 3]
    if not wanted:
        return None
    i = random.choice(wanted)
    line = lines[i]
    indent = len(line) - len(line.lstrip())
    ends = [match.start() for match in WORD_ENDS.finditer(line) if indent <= match.start() < len(line)]
    column = random.choice(ends) if ends and random.random() < 0.7 else random.randrange(indent, len(line))
    at = sum(len(before) + 1 for before in lines[:i]) + column
    return Cut("line", text[:at], line[column:], text[at + len(line) - column:])


def _cut_bytes(kind, text, begin, end):
    raw = text.encode()
    return Cut(kind, raw[:begin].decode(), raw[begin:end].decode(), raw[end:].decode())


def cut_block(text, nodes, random):
    """From the beginning of a block or of a line in it to the block's last line."""
    raw = text.encode()
    blocks = [node for node in nodes if node.kind in syntax_nodes.BLOCKS and b"\n" in raw[node.begin:node.end]
              and node.end - node.begin < MOST_MIDDLE]
    if not blocks:
        return None
    block = random.choice(blocks)
    begin, end = block.begin, block.end
    if raw[begin:begin + 1] == b"{":  # the bracket is typed, and its partner stands where the block is over
        begin += 1
        end -= raw[end - 1:end] == b"}"
    if random.random() < 0.5:
        starts = [m.end() for m in re.finditer(rb"\n[ \t]*(?=\S)", raw[begin:end])]
        begin += random.choice(starts) if starts else 0
    middle = raw[begin:end].rstrip()
    return _cut_bytes("block", text, begin, begin + len(middle)) if middle else None


def cut_symbol(text, nodes, random):
    """A whole function, method or type."""
    symbols = [node for node in nodes if node.kind in syntax_nodes.SYMBOLS and 40 < node.end - node.begin < MOST_MIDDLE]
    if not symbols:
        return None
    symbol = random.choice(symbols)
    return _cut_bytes("symbol", text, symbol.begin, symbol.end)


def make_cut(text, nodes, random):
    choice = random.random()
    if choice < 0.25:
        cut = cut_block(text, nodes, random)
    elif choice < 0.35:
        cut = cut_symbol(text, nodes, random)
    else:
        cut = None
    return cut or cut_line(text, random)


def near_cursor(cut, above, below):
    """Whole lines around the cursor, at most so many characters of them."""
    prefix, suffix = cut.prefix, cut.suffix
    if len(prefix) > above:
        prefix = prefix[prefix.find("\n", len(prefix) - above) + 1:] if "\n" in prefix[-above:] else prefix[-above:]
    if len(suffix) > below:
        end = suffix.rfind("\n", 0, below)
        suffix = suffix[:end + 1 if end >= 0 else below]
    return cut._replace(prefix=prefix, suffix=suffix)


def encode(cut, tokenizer, order="spm", repository="", path="", files=()):
    """(tokens, how many of them at the end are wanted), in the layout of the engine's infill prompt. In the order "spm" what
    stands behind the cursor comes first, and what is wanted follows what it continues, with nothing between them: a
    small model has nothing to learn for that. (Code Llama's, https://arxiv.org/abs/2308.12950, section 2.3.)"""
    special, encode_text = tokenizer.special, tokenizer.encode
    tokens = []
    if files:
        tokens += [special["<|repo_name|>"], *encode_text(repository + "\n")]
        for name, text in files:
            tokens += [special["<|file_sep|>"], *encode_text(name + "\n" + text)]
        tokens += [special["<|file_sep|>"], *encode_text(path + "\n")]
    prefix, suffix, middle = (special[f"<|fim_{part}|>"] for part in ("prefix", "suffix", "middle"))
    if order == "psm":
        tokens += [prefix, *encode_text(cut.prefix), suffix, *encode_text(cut.suffix), middle]
    else:
        tokens += [prefix, suffix, *encode_text(cut.suffix), middle, *encode_text(cut.prefix)]
    wanted = [*encode_text(cut.middle), special["<|endoftext|>"]]
    return tokens + wanted, len(wanted)
