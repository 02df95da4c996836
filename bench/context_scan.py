# SPDX-License-Identifier: Apache-2.0
"""How fast the index of a workspace is made, brought up to date and asked, beside ctags and ripgrep on the same files.

    ./dev bench context [--large] [--tree FOLDER]…

10 000 made files; with --large also 165 000; and the real trees of this machine, /usr/include and Python's library, or
those named with --tree. Everything is a whole command: its start, reading the index and writing the answer included.
Where two programs are compared they take turns (A B B A), so that what else the machine does weighs on both. The files
lie in the page cache. Close other programs first.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from source_tree import make_tree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/release/bin/offline-coder"
STARTER = ROOT / "models/starter.gguf"

MADE_LANGUAGES = "C,C++,Python,TypeScript,Go"
REAL_LANGUAGES = "C,C++,C#,CSS,Go,HTML,Java,JavaScript,JSON,Lua,Markdown,PHP,Python,Ruby,Rust,Sh,SQL,TypeScript"
# What our index holds too: kind, line, end, signature, and references where ctags knows them.
CTAGS = ["ctags", "-R", "-f", "-", "--links=no", "--totals=yes", "--fields=+KneS", "--extras=+r"]
MEGABYTE = 1e6


class Failed(Exception):
    """The bench cannot go on; the message says why."""


class Outcome:
    def __init__(self, seconds, peak_bytes, output, errors):
        self.seconds, self.peak_bytes, self.output, self.errors = seconds, peak_bytes, output, errors


def run(command, keep_output=True, **options):
    """Runs a command to its end; unlike subprocess.run() it knows the memory of this one command."""
    with tempfile.TemporaryFile() if keep_output else open(os.devnull, "w+b") as output, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                   **options)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}: {texts[1].strip()[-500:]}")
    return Outcome(seconds, usage.ru_maxrss * 1024, *texts)


class Table:
    def __init__(self, title):
        self.title, self.rows, self.missed = title, [], []

    def row(self, name, figure, target="", met=True):
        self.rows.append((name, figure, target + ("" if met else "  MISSED")))
        if not met:
            self.missed.append(f"{self.title}: {name}")
        print(f"  {name:<34} {figure:<44} {self.rows[-1][2]}", flush=True)


def shown(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def spread(seconds):
    return f"{shown(statistics.median(seconds))} (of {len(seconds)}: {shown(min(seconds))} to {shown(max(seconds))})"


class Tree:
    """A folder, and the program with an index of its own for it."""

    def __init__(self, path, home, options):
        self.path, self.home, self.options = pathlib.Path(path), pathlib.Path(home), options
        self.environment = dict(os.environ, OFFLINE_CODER_HOME=str(home))

    def forget(self):
        subprocess.run([str(self.options.program), "engine", "stop"], env=self.environment, capture_output=True, check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def scan(self):
        return run([self.options.program, "scan", "--directory", self.path, "--format", "json"], cwd=self.path,
                   env=self.environment)

    def show_context(self, request, file):
        return run([self.options.program, "context", "--show", "--for", request, "--file", file, "--model", self.options.model,
                    "--format", "json"], cwd=self.path, env=self.environment)


def first_scan(table, tree, languages, turns):
    """Our scan from nothing and ctags, in turns."""
    ours, theirs = [], []
    for who in turns:
        if who == "A":
            tree.forget()
            ours.append(tree.scan())
        elif shutil.which("ctags"):
            theirs.append(run([*CTAGS, f"--languages={languages}", "."], keep_output=False, cwd=tree.path))
    files = json.loads(ours[0].output)["indexed"]
    seconds = statistics.median(o.seconds for o in ours)
    table.row("first scan", f"{spread([o.seconds for o in ours])}, {files / seconds:,.0f} files/s")
    if theirs:
        parsed = int(re.search(r"(\d+) files", theirs[0].errors)[1])
        rate = parsed / statistics.median(o.seconds for o in theirs)
        table.row("ctags", f"{spread([o.seconds for o in theirs])}, {rate:,.0f} files/s")
        ratio = files / seconds / rate
        table.row("  our files/s ÷ those of ctags", f"{ratio:.2f}", "≥ 1", ratio >= 1)
    return max(o.peak_bytes for o in ours), files


def second_scan(table, tree, limit, rounds):
    ours, theirs = [], []
    tree.scan()  # what was written a moment ago is read once more
    for who in "ABBA" * rounds:
        if who == "A":
            ours.append(tree.scan())
        elif shutil.which("rg"):
            theirs.append(run(["rg", "--files", "--hidden", "--sort", "none"], cwd=tree.path))
    seconds = [o.seconds for o in ours]
    read = json.loads(ours[-1].output)["read"]
    table.row("second scan", f"{spread(seconds)}, {read} files read", f"< {shown(limit)}" if limit else "",
              not limit or (statistics.median(seconds) < limit and read == 0))
    if theirs:
        table.row("rg --files", f"{spread([o.seconds for o in theirs])}")
    return max(o.peak_bytes for o in ours)


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise Failed(f"'{path}' has no '{old}'")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def change_one(table, name, tree, paths, old, new, limit):
    """Five files, one after the other; each is edited, and the next scan timed."""
    seconds = []
    for number in range(5):
        path = tree.path / paths[len(paths) // 7 * (number + 1)]
        time.sleep(0.05)
        edit(path, old, new(number))
        outcome = tree.scan()
        changed = json.loads(outcome.output)["changed"]
        if changed != 1:
            raise Failed(f"one file was changed, the scan says {changed}")
        seconds.append(outcome.seconds)
    time.sleep(0.05)
    tree.scan()
    table.row(name, spread(seconds), f"< {shown(limit)}" if limit else "", not limit or statistics.median(seconds) < limit)


def ask(table, tree, request, file, limit):
    tree.show_context(request, file)  # counts tokens that are remembered from then on
    outcomes = [tree.show_context(request, file) for _ in range(7)]
    seconds = [o.seconds for o in outcomes]
    table.row("context --show --for … --file …", spread(seconds), f"< {shown(limit)}" if limit else "",
              not limit or statistics.median(seconds) < limit)
    return max(o.peak_bytes for o in outcomes)


def memory_row(table, peak, limit):
    table.row("memory at its most", f"{peak / MEGABYTE:.0f} MB", f"< {limit / MEGABYTE:.0f} MB" if limit else "",
              not limit or peak < limit)


def bench_made(options, folder, files, functions, size, limits):
    path = pathlib.Path(folder) / "tree"
    print(f"\nmaking {files:,} files …", flush=True)
    paths = make_tree(path, files, functions, size)
    total = sum((path / name).stat().st_size for name in paths)
    table = Table(f"{len(paths):,} made files")
    print(f"{table.title}, {total / MEGABYTE:.0f} MB, {total / len(paths) / 1000:.1f} KB each", flush=True)
    tree = Tree(path, pathlib.Path(folder) / "home", options)
    try:
        peak, _ = first_scan(table, tree, MADE_LANGUAGES, limits["turns"])
        peak = max(peak, second_scan(table, tree, limits["second"], limits["rounds"]))
        bodies = [name for name in paths if name.endswith((".c", ".cpp", ".ts"))]
        change_one(table, "one function's body changed", tree, bodies, "return size + count;",
                   lambda n: f"return size - count - {n};", limits["change"])
        scripts = [name for name in paths if name.endswith(".py")]
        change_one(table, "one signature changed", tree, scripts, "(size, count):", lambda n: f"(size, count, more_{n}=0):",
                   limits["change"])
        peak = max(peak, ask(table, tree, "Why does the cache of the session table load the wrong request? See load_session.",
                             scripts[len(scripts) // 2], limits["ask"]))
        memory_row(table, peak, limits["memory"])
    finally:
        tree.forget()
        shutil.rmtree(path)
    return table


def bench_real(options, folder, path):
    table = Table(str(path))
    print(f"\n{table.title}", flush=True)
    tree = Tree(path, pathlib.Path(folder) / "home", options)
    try:
        peak, files = first_scan(table, tree, REAL_LANGUAGES, "ABBA")
        print(f"  ({files:,} files are indexed)", flush=True)
        peak = max(peak, second_scan(table, tree, None, 2))
        memory_row(table, peak, None)
    finally:
        tree.forget()
    return table


SMALL = {"turns": "ABBA", "rounds": 3, "second": 0.3, "change": 0.05, "ask": 0.15, "memory": None}
LARGE = {"turns": "AB", "rounds": 1, "second": 3, "change": None, "ask": 1, "memory": 300 * MEGABYTE}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench context", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--large", action="store_true", help="165 000 files too; takes some minutes and 2 GB of disk")
    parser.add_argument("--only-large", action="store_true", help="nothing but these")
    parser.add_argument("--tree", type=pathlib.Path, action="append", metavar="FOLDER", help="a real tree (default: the system's)")
    parser.add_argument("--files", type=int, default=10_000, metavar="N", help="made files (default: 10000)")
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM, metavar="FILE", help="offline-coder")
    parser.add_argument("--model", type=pathlib.Path, default=STARTER, metavar="FILE", help="whose tokenizer counts")
    options = parser.parse_args(arguments)
    options.program, options.model = options.program.resolve(), options.model.resolve()
    return options


def real_trees(options):
    if options.tree is not None:
        return [path.resolve() for path in options.tree]
    libraries = sorted(pathlib.Path("/usr/lib").glob("python3*"), key=lambda p: sum(1 for _ in p.rglob("*.py")))
    return [path for path in (pathlib.Path("/usr/include"), *libraries[-1:]) if path.is_dir()]


def main(arguments=None):
    options = parse(arguments)
    tables = []
    try:
        with tempfile.TemporaryDirectory(prefix="oc-scan-") as folder:
            if not options.only_large:
                tables.append(bench_made(options, folder, options.files, 8, 9, SMALL))
                tables += [bench_real(options, folder, path) for path in real_trees(options)]
            if options.large or options.only_large:
                tables.append(bench_made(options, folder, 165_000, 3, 4, LARGE))
    except (Failed, OSError, KeyError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    missed = [name for table in tables for name in table.missed]
    print(f"\nmissed: {'; '.join(missed)}" if missed else "\nall targets are met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
