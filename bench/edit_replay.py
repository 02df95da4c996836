# SPDX-License-Identifier: Apache-2.0
"""Texts for the latency benchmark, made of this repository's own files: contexts, questions, prose, and edits to replay.

All are of a wanted length in tokens, in the vocabulary of the model that is measured.
"""
import difflib
import functools
import pathlib
import random
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
# More characters than a token ever has here on average.
CHARACTERS_A_TOKEN = 8


def plain(path):
    """ASCII only, so that a token's text is a text."""
    return path.read_text(encoding="utf-8").encode("ascii", "ignore").decode()


class Texts:
    """`tokenize`: gives the texts of a text's tokens."""

    def __init__(self, tokenize):
        self._tokenize = tokenize
        self._files = [(path.relative_to(ROOT), plain(path)) for path in sorted((ROOT / "src").rglob("*.cpp"))]
        documents = [plain(path) for path in sorted(ROOT.glob("docs/*.md")) + sorted(ROOT.glob("*.md"))]
        self._words = sorted(set(re.findall(r"[a-z]{3,9}", " ".join(documents))))
        paragraphs = [" ".join(part.split()) for text in documents for part in re.sub(r"```.*?```", "", text, flags=re.S).split("\n\n")]
        self._prose = " ".join(p for p in paragraphs if len(p) > 200 and "|" not in p)

    def cut(self, text, tokens):
        length, pieces = tokens * CHARACTERS_A_TOKEN, []
        while len(pieces) < tokens:
            if pieces and length > 2 * len(text):
                raise ValueError(f"there is no text of {tokens} tokens")
            pieces = self._tokenize(text[:length])
            length *= 2  # of long lines a token has more
        return "".join(pieces[:tokens])

    def copied(self, before, after):
        """Of each token of `after`, whether it is copied from `before`."""
        pieces = self._tokenize(after)
        match = difflib.SequenceMatcher(None, self._tokenize(before), pieces, autojunk=False)
        is_copied = [False] * len(pieces)
        for _, begin, count in match.get_matching_blocks():
            is_copied[begin:begin + count] = [True] * count
        return is_copied

    def code(self, tokens, which):
        """Source files of one project; texts with different `which` have nothing in common for thousands of tokens."""
        first = which * 37 % len(self._files)
        files = self._files[first:] + self._files[:first]
        return self.cut("".join(f"// {path}\n{text}\n" for path, text in files), tokens)

    def words(self, tokens, seed):
        """Words in no order: nothing to guess from."""
        source = random.Random(f"words {seed}")
        return self.cut(" ".join(source.choice(self._words) for _ in range(tokens * 2)), tokens)

    def question(self, tokens, seed):
        return self.cut(f"Question {seed}: what do the files say about {self.words(tokens, seed)}", tokens)

    def prose(self, tokens, which):
        """Documentation, as people write it; no two that overlap."""
        begin = which * tokens * CHARACTERS_A_TOKEN % max(1, len(self._prose) - tokens * CHARACTERS_A_TOKEN)
        return self.cut(self._prose[begin:], tokens)

    def file(self, lines, which):
        """The first lines of a source file that is long enough."""
        long = [text.splitlines() for _, text in self._files if text.count("\n") >= lines]
        return long[which * 5 % len(long)][:lines]


IDENTIFIER = re.compile(r"\b[a-z][a-z_]{4,}\b")


def changed_lines(lines, count, seed):
    """The file with `count` of its lines changed, as edits do: a name, an argument more, a note."""
    source = random.Random(f"edit {seed}")
    after, candidates = list(lines), [i for i, line in enumerate(lines) if IDENTIFIER.search(line)]
    for number in range(count):
        share = candidates[len(candidates) * number // count:len(candidates) * (number + 1) // count]
        at = source.choice(share)
        name = IDENTIFIER.search(lines[at])
        new = f"{source.choice(['checked', 'next', 'known', 'wanted'])}_{name.group()}_{number}"
        after[at] = lines[at][:name.start()] + new + lines[at][name.end():]
    return after


def git(*words):
    command = ["git", "-C", str(ROOT), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


@functools.cache
def past_changes():
    """Commit, subject, file and number of lines of the changes in this repository's history, the newest first."""
    changes, commit, subject = [], "", ""
    for line in git("log", "--no-renames", "--no-merges", "--numstat", "--format=%x01%H%x09%s", "--", "src").splitlines():
        if line.startswith("\x01"):
            commit, subject = line[1:].split("\t", 1)
        elif line.endswith(".cpp"):
            added, removed, path = line.split("\t")
            if added.isdigit() and removed.isdigit():
                changes.append((commit, subject, path, max(int(added), int(removed))))
    return changes


def real_edit(lines, which):
    """The subject of a commit, and a file of about so many lines before and after it; None where there is no history.

    Five lines of 200 are changed: at least 3 of 200, at most 8; of 60 lines one or two."""
    found, fewest, most = 0, max(1, lines // 66), max(2, lines // 25)
    for commit, subject, path, changed in past_changes():
        if not fewest <= changed <= most:
            continue
        after = git("show", f"{commit}:{path}")
        if not 0.75 * lines <= after.count("\n") <= 1.25 * lines or not after.isascii():
            continue
        if found == which:
            return subject, git("show", f"{commit}~:{path}"), after
        found += 1
    return None


def asked_for(subject, before, after):
    """The prompt that asks for the change, the answer to replay, and the text that it changes."""
    return chat(f"File:\n```cpp\n{before}\n```\n", f"Make this change, and write the whole file:\n{subject}\n"), after, before


def chat(*segments):
    system = {"role": "system", "text": "You are a careful programmer."}
    return {"chat": [system] + [{"role": "user", "text": text} for text in segments]}


def rewrite(lines, after):
    """The prompt that asks for a file with changes, the answer to replay, and the text that it changes."""
    old, new = "\n".join(lines), "\n".join(after)
    wanted = "\n".join(line for before, line in zip(lines, after) if before != line)
    return chat(f"File:\n```cpp\n{old}\n```\n", f"Change it so that these lines are in it, and write the whole file:\n{wanted}\n"), new, old
