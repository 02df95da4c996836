#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clang 19 as the second compiler, and clang-tidy, over the compile commands of a build folder.

    clang_checks.py BUILD [-j N]     prints what is found, exit 1 when something is

Files of src/ go through clang-tidy, which reports the compiler's own errors and warnings too; files of tests/ through
the compiler alone. Nothing is generated, so this costs half of a build. A file is looked at again only when it, a
header of ours that it includes, its command, clang or the settings have changed since it was last found in order by this
user, in this checkout or another (as with ccache): what was in order is remembered in ~/.cache/offline-coder-checks.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.M)
SETTINGS = (ROOT / ".clang-tidy", pathlib.Path(__file__))
IN_ORDER = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "offline-coder-checks"


class Files:
    """Contents and includes of our own files, each read once."""

    def __init__(self, folders):
        self.folders = folders
        self.known = {}
        self.clang = subprocess.run(["clang-tidy-19", "--version"], capture_output=True, check=True).stdout

    def read(self, path):
        if path not in self.known:
            content = path.read_bytes()
            found = (folder / name.decode() for name in INCLUDE.findall(content) for folder in (*self.folders, path.parent))
            self.known[path] = content, [p for p in dict.fromkeys(found) if p.is_file()]
        return self.known[path]

    def fingerprint(self, path, command):
        """Changes when the file, anything of ours that it includes at any depth, or its command changes."""
        seen, todo = set(), [path]
        while todo:
            current = todo.pop()
            if current not in seen:
                seen.add(current)
                todo.extend(self.read(current)[1])
        digest = hashlib.sha256(self.clang + command.replace(str(ROOT), ".").encode())
        for current in sorted(seen):
            digest.update(str(current.relative_to(ROOT)).encode() + b"\0" + self.read(current)[0] + b"\0")
        for current in SETTINGS:
            digest.update(current.read_bytes())
        return digest.hexdigest()


def is_of(path, folder):
    return (ROOT / folder) in path.parents


def check_command(entry, path, build):
    if is_of(path, "src"):
        return ["clang-tidy-19", "--quiet", "-p", str(build), str(path)]
    words = shlex.split(entry["command"])
    # Without the launcher before the compiler (cmake -E env … ccache), and without the output.
    compiler = next(i for i, word in enumerate(words) if pathlib.Path(word).name.startswith("clang++"))
    output = words.index("-o")
    return words[compiler:output] + words[output + 2:] + ["-fsyntax-only"]


def look_at(entry, files, build):
    """What was found in one file, as text; nothing when it is in order."""
    path = pathlib.Path(entry["file"])
    stamp = IN_ORDER / files.fingerprint(path, entry["command"])
    if stamp.exists():
        return ""
    done = subprocess.run(check_command(entry, path, build), cwd=entry["directory"], capture_output=True, text=True, check=False)
    if done.returncode == 0 and not done.stdout.strip():
        IN_ORDER.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        return ""
    # clang-tidy counts the findings that it hides on its error stream; the compiler reports there.
    return done.stdout if is_of(path, "src") else done.stderr or f"{path}: ended with {done.returncode}\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("-j", dest="jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    build = options.build.resolve()
    entries = [entry for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
               if entry["file"].endswith(".cpp")  # the few files in C are glue of the grammars
               and (is_of(pathlib.Path(entry["file"]), "src") or is_of(pathlib.Path(entry["file"]), "tests"))]
    files = Files((ROOT / "src", ROOT / "tests"))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(lambda entry: look_at(entry, files, build), entries):
            if found:
                failed += 1
                print(found, flush=True)
    print(f"clang: {failed} of {len(entries)} files need work" if failed else f"clang: {len(entries)} files are in order")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
