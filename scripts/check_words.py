#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the text of every file of the repository: what is there would be found by every user.

    check_words.py        one line for each finding, exit 1 when there is one

Findings: unfinished work left as a note; a path of somebody's machine; the host of a package registry; a C++ file
without its licence line or longer than a room should be; a line with spaces at its end.
The patterns are written so that this file does not find itself.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LICENCE_LINE = "// SPDX-License-Identifier: Apache-2.0"
LONGEST_FILE = 500
TEXT_ENDINGS = {".cpp", ".hpp", ".py", ".sh", ".cmake", ".md", ".json", ".yaml", ".yml", ".txt", ".supp", ".suppressions"}
# Data is compared byte by byte, and may hold any words.
DATA_FOLDERS = ("tests/golden/", "tests/unit/syntax/samples/", "tests/data/", "models/")

PATTERNS = [
    # A note, not the word: at the beginning of a comment, or with a colon or somebody's name behind it.
    (re.compile(r"(?:(?://|#|\*|<!--)\s*(?:TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b)|\b(?:TO[D]O|FIX[M]E|XX[X]|HA[C]K)[:(]"), "unfinished work: do it, or write it down as an issue"),
    (re.compile(r"(?<![\w.}\])])/(?:wo[r]k|fa[r]m|ro[o]t)/"), "a path of one machine"),
    (re.compile(r"https?://[\w.-]*(?:debia[n]|npmj[s]|pyp[i]|pythonhoste[d]|crate[s]|rubygem[s]|conan[.]i[o])[\w.-]*"), "the host of a package registry"),
]


def tracked_files():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [name for name in listing.decode().split("\0") if name]


def findings_of(name):
    path = ROOT / name
    is_script = path.suffix == "" and path.is_file() and path.read_bytes()[:2] == b"#!"
    if not path.is_file() or name.startswith(DATA_FOLDERS) or (path.suffix not in TEXT_ENDINGS and not is_script):
        return
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    if path.suffix in (".cpp", ".hpp"):
        if lines[0] != LICENCE_LINE:
            yield 1, f"the first line is not '{LICENCE_LINE}'"
        if len(lines) > LONGEST_FILE:
            yield len(lines), f"{len(lines)} lines: more than {LONGEST_FILE}, so more than one room"
    for number, line in enumerate(lines, 1):
        for pattern, complaint in PATTERNS:
            if pattern.search(line):
                yield number, f"{complaint}: {line.strip()[:100]}"
        if line != line.rstrip() and path.suffix != ".md":
            yield number, "spaces at the end of the line"


def main():
    findings = [f"{name}:{number}: {text}" for name in tracked_files() for number, text in findings_of(name)]
    print("\n".join(findings) if findings else "words: nothing is wrong")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
