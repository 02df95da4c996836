# SPDX-License-Identifier: Apache-2.0
"""Byte-level BPE with Qwen2's way of cutting text into words first, and Qwen's special tokens by name."""
import collections
import heapq
import json
import re
import sys
import unicodedata

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
           "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_call>", "</tool_call>")


def _ranges(kind):
    """What \\p{L} or \\p{N} stands for, as the inside of a character class: `re` has no names for it."""
    out, start = [], None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code))[0] == kind
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            out.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(out)


def _word_pattern():
    letter, number = _ranges("L"), _ranges("N")
    return re.compile(
        rf"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n{letter}{number}]?[{letter}]+|[{number}]"
        rf"| ?[^\s{letter}{number}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


WORDS = _word_pattern()


def _byte_characters():
    """GPT-2's printable stand-in for every byte, which GGUF writes tokens with."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in plain)
    return {**{byte: chr(byte) for byte in plain}, **{byte: chr(256 + i) for i, byte in enumerate(others)}}


TO_CHARACTER = _byte_characters()
TO_BYTE = {character: byte for byte, character in TO_CHARACTER.items()}


def to_characters(raw):
    return "".join(TO_CHARACTER[byte] for byte in raw)


def to_bytes(characters):
    return bytes(TO_BYTE[character] for character in characters)


class Tokenizer:
    """`tokens`: bytes of each ordinary token, by id; `merges`: pairs of bytes, the most frequent first."""

    def __init__(self, tokens, merges, special=SPECIAL):
        self.tokens, self.merges, self.special_names = list(tokens), list(merges), tuple(special)
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self.special = {name: len(self.tokens) + i for i, name in enumerate(self.special_names)}
        self._rank = {pair: i for i, pair in enumerate(self.merges)}
        self._known = {}

    def __len__(self):
        return len(self.tokens) + len(self.special_names)

    def _encode_word(self, word):
        found = self._known.get(word)
        if found is None:
            parts = [bytes([byte]) for byte in word.encode()]
            while len(parts) > 1:
                best = min(range(len(parts) - 1), key=lambda i: self._rank.get((parts[i], parts[i + 1]), len(self._rank)))
                if (parts[best], parts[best + 1]) not in self._rank:
                    break
                parts[best:best + 2] = [parts[best] + parts[best + 1]]
            found = self._known[word] = [self.ids[part] for part in parts]
        return found

    def encode(self, text):
        """Text alone: the names of special tokens in it are text too."""
        out = []
        for word in WORDS.findall(text):
            out += self._encode_word(word)
        return out

    def decode(self, ids):
        names = {i: name for name, i in self.special.items()}
        return b"".join(names[i].encode() if i in names else self.tokens[i] for i in ids).decode(errors="replace")

    def save(self, path):
        with open(path, "w") as file:
            json.dump({"tokens": [token.hex() for token in self.tokens], "special": self.special_names,
                       "merges": [[part.hex() for part in pair] for pair in self.merges]}, file)

    @classmethod
    def load(cls, path):
        with open(path) as file:
            saved = json.load(file)
        merges = [tuple(bytes.fromhex(part) for part in pair) for pair in saved["merges"]]
        return cls([bytes.fromhex(token) for token in saved["tokens"]], merges, saved["special"])

    def metadata(self):
        """The tokenizer.ggml.* of a GGUF. Control tokens are never text; the others may be asked for by name."""
        control = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}
        return {
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": "qwen2",
            "tokenizer.ggml.tokens": [to_characters(token) for token in self.tokens] + list(self.special_names),
            "tokenizer.ggml.token_type": [1] * len(self.tokens) + [3 if name in control else 4 for name in self.special_names],
            "tokenizer.ggml.merges": [" ".join(map(to_characters, pair)) for pair in self.merges],
            "tokenizer.ggml.eos_token_id": self.special["<|im_end|>"],
            "tokenizer.ggml.padding_token_id": self.special["<|endoftext|>"],
            "tokenizer.ggml.bos_token_id": self.special["<|endoftext|>"],
            "tokenizer.ggml.add_bos_token": False,
            "tokenizer.ggml.fim_order": "spm",  # as fim.encode puts it; read by the engine alone
        }

    @classmethod
    def from_metadata(cls, metadata):
        """From the tokenizer.ggml.* of a GGUF."""
        texts, types = metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.token_type"]
        ordinary = types.index(next(kind for kind in types if kind != 1)) if any(kind != 1 for kind in types) else len(texts)
        merges = [tuple(to_bytes(part) for part in line.split(" ")) for line in metadata["tokenizer.ggml.merges"]]
        return cls([to_bytes(text) for text in texts[:ordinary]], merges, texts[ordinary:])

    @classmethod
    def learned(cls, texts, size):
        """A new vocabulary of `size` tokens from scratch."""
        counts = collections.Counter()
        for text in texts:
            counts.update(WORDS.findall(text))
        return cls(*_learn_merges(counts, size - len(SPECIAL)))


def _learn_merges(counts, size):
    """Joins the most frequent pair again and again; pairs are counted anew only in the words that change."""
    words = [([bytes([byte]) for byte in word.encode()], count) for word, count in counts.items() if count > 2]
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, (parts, count) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += count
            where[pair].add(i)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(heap)
    tokens, merges = [bytes([byte]) for byte in range(256)], []
    known = set(tokens)
    while len(tokens) < size and heap:
        count, pair = heapq.heappop(heap)
        if -count != pairs[pair]:  # counted anew since
            if pairs[pair] > 0:
                heapq.heappush(heap, (-pairs[pair], pair))
            continue
        joined = pair[0] + pair[1]
        merges.append(pair)
        if joined not in known:
            known.add(joined)
            tokens.append(joined)
        for i in where.pop(pair):
            parts, times = words[i]
            for old in zip(parts, parts[1:]):
                pairs[old] -= times
            at = 0
            while at + 1 < len(parts):
                if (parts[at], parts[at + 1]) == pair:
                    parts[at:at + 2] = [joined]
                at += 1
            for new in zip(parts, parts[1:]):
                pairs[new] += times
                where[new].add(i)
                if joined in new:
                    heapq.heappush(heap, (-pairs[new], new))
        pairs[pair] = 0
    return tokens, merges
