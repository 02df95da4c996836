#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Complexity as `offline-coder quality` counts it, beside tools that others wrote: pmccabe for C, radon for Python.

    ./dev bench measures FOLDER…      both are packages of Debian; what is not installed is passed over

Compared are the functions that both know by their file, line and name: those above one of quality's limits one by one, and
how many functions there are at all. Where they differ is printed."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "build/release/bin/offline-coder"
FILES_A_RUN = 200


def run(words, **more):
    return subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, **more).stdout


def in_runs(files):
    return (files[at:at + FILES_A_RUN] for at in range(0, len(files), FILES_A_RUN))


def by_pmccabe(folder, files):
    """{(path, first line, name): complexity}: the traditional figure, in which each case of a switch counts."""
    found = {}
    for some in in_runs(files):
        for line in run(["pmccabe", *some], cwd=folder).splitlines():
            parts = line.split("\t")
            if len(parts) == 6 and parts[5].count("(") == 1:
                path, number = parts[5].split(": ")[0].rstrip(")").split("(")
                found[path, int(number), parts[5].split(": ")[1]] = int(parts[1])
    return found


def by_radon(folder, files):
    """By their last lines: decorators make the first ones a question of taste."""
    found = {}

    def add(path, block):
        if block["type"] != "class":
            found[path, block["endline"], block["name"]] = block["complexity"]
            for inner in block.get("closures", []):
                add(path, inner)

    for some in in_runs(files):
        for path, blocks in json.loads(run(["radon", "cc", "--no-assert", "-j", *some], cwd=folder) or "{}").items():
            for block in blocks if isinstance(blocks, list) else []:
                add(path, block)
    return found


# name, endings, measure, which of its lines tells a function from others
TOOLS = [("pmccabe", (".c",), by_pmccabe, 0), ("radon", (".py",), by_radon, 1)]


def by_quality(folder, files, which_line):
    """(functions there are, {(path, line, name): complexity} of those above a limit)"""
    with tempfile.TemporaryDirectory() as home:
        for file in files:
            copy = pathlib.Path(home, "w", file)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / file, copy)
        result = json.loads(run([PROGRAM, "quality", "--format", "json", "--top", "100000", "--no-history"],
                                cwd=copy_root(home), env=dict(os.environ, OFFLINE_CODER_HOME=str(pathlib.Path(home, "h")))))
    return result["sums"]["functions"], {
        (each["path"], each["lines"][which_line], each["name"].split(".")[-1]): each["complexity"] for each in result["above_limit"]}


def copy_root(home):
    root = pathlib.Path(home, "w")
    (root / ".offline-coder").mkdir(exist_ok=True)
    return root


def compare(folder, tool, endings, measure, which_line):
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                   if path.suffix in endings and path.is_file() and not path.is_symlink())
    if not files:
        return
    if not shutil.which(tool):
        print(f"{folder}: {tool} is not installed")
        return
    theirs = measure(folder, files)
    functions, ours = by_quality(folder, files, which_line)
    both = [place for place in ours if place in theirs]
    same = [place for place in both if ours[place] == theirs[place]]
    close = [place for place in both if abs(ours[place] - theirs[place]) == 1]
    print(f"{folder}: {len(files)} files, {functions} functions ({tool}: {len(theirs)}); "
          f"of {len(ours)} above a limit {tool} knows {len(both)}, with the same complexity {len(same)}, one apart {len(close)}")
    for place in both:
        if place not in same:
            print(f"  {place[0]}:{place[1]} {place[2]}: {ours[place]}, {tool}: {theirs[place]}")


def main(folders):
    if not folders:
        sys.exit(__doc__)
    for folder in folders:
        for tool in TOOLS:
            compare(pathlib.Path(folder).resolve(), *tool)


if __name__ == "__main__":
    main(sys.argv[1:])
