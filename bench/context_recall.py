# SPDX-License-Identifier: Apache-2.0
"""How much of a change the context of one of its files holds. Needs no model's answer, only its tokenizer.

    ./dev bench context_recall [REPOSITORY] [--commits N] [--every-file] [--format text|markdown|json]

Takes commits of a repository's history that touch 2 to 5 source files. For each, the state before it is checked out
and indexed, and `offline-coder context --show` is asked for the context of the commit's message in one of these files:
the one that it changed most. What of the other files is in the selection?

    files    the share of the other touched files of which a piece is there
    symbols  the share of the touched functions and types in them whose lines a piece covers: with their bodies, or as
             part of an outline

Beside it the same with words alone (BM25) and with links alone (PageRank). One workspace and one index serve all
commits, so that the index goes back through history in small steps, as it does when somebody switches branches.
"""
import argparse
import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/release/bin/offline-coder"
STARTER = ROOT / "models/starter.gguf"

BUDGETS = (1000, 2000, 4000)
EVIDENCE = {"all": "all evidence", "text": "words alone (BM25)", "links": "links alone (PageRank)"}
SOURCES = frozenset("""bash c cc cpp cs cts cxx go h hh hpp hxx java js jsx kt lua mjs mts php py pyi rb rs sh sql ts
                       tsx""".split())
HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


class Failed(Exception):
    """The bench cannot go on; the message says why."""


def run(command, **options):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, check=False,
                          **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}: "
                     f"{done.stderr.decode(errors='replace').strip()[-500:]}")
    return done.stdout.decode(errors="replace")


def git(repository, *words):
    return run(["git", "-C", repository, "-c", "core.quotePath=false", *words])


class Change:
    """A file as it was before a commit, with the lines of it that the commit touched."""

    def __init__(self, path):
        self.path = path
        self.lines = []  # (first, last)
        self.size = 0    # lines that went or came

    def add_hunk(self, first, count):
        # Lines that are only added come after line `first`: that one counts as touched.
        self.lines.append((max(1, first), max(1, first + max(count, 1) - 1)))


def changes_of(repository, commit):
    """Changes to files that were there before; renames without another change are none."""
    changes, current = [], None
    for line in git(repository, "show", "--format=", "--unified=0", "--find-renames", "--no-color", "--no-ext-diff",
                    commit).splitlines():
        if line.startswith("diff --git "):
            current = None
        elif line.startswith("--- a/"):
            current = Change(line[len("--- a/"):].rstrip("\t"))
            changes.append(current)
        elif current is not None:
            hunk = HUNK.match(line)
            if hunk:
                current.add_hunk(int(hunk[1]), int(hunk[2] if hunk[2] is not None else 1))
            elif line[:1] in "+-" and not line.startswith("+++ "):
                current.size += 1
    return changes


def is_source(path):
    return pathlib.PurePosixPath(path).suffix[1:].lower() in SOURCES


class Commit:
    def __init__(self, repository, name):
        self.name = name
        self.subject = git(repository, "show", "--no-patch", "--format=%s", name).strip()
        self.message = git(repository, "show", "--no-patch", "--format=%B", name).strip()
        self.sources = sorted((c for c in changes_of(repository, name) if is_source(c.path) and c.lines),
                              key=lambda c: c.path)

    def focuses(self, every):
        return self.sources if every else [max(self.sources, key=lambda c: (c.size, c.path))]


def choose_commits(repository, most, most_files):
    """The newest first."""
    chosen = []
    for line in git(repository, "rev-list", "--no-merges", "--parents", "HEAD").splitlines():
        name, *parents = line.split()
        if not parents or len(chosen) >= most:
            continue
        commit = Commit(repository, name)
        if 2 <= len(commit.sources) <= most_files:
            chosen.append(commit)
    return chosen


class Workspace:
    """A clone that goes back through history, and the index of it."""

    def __init__(self, repository, folder, options):
        self.path = pathlib.Path(folder) / "workspace"
        self.options = options
        self.environment = dict(os.environ, OFFLINE_CODER_HOME=str(pathlib.Path(folder) / "home"))
        run(["git", "clone", "--quiet", "--shared", "--no-checkout", repository, self.path])
        self.index = None

    def ask(self, *words):
        output = run([self.options.program, *words, "--format", "json"], cwd=self.path,
                     env=self.environment)
        return json.loads(output)

    def go_to(self, name):
        git(self.path, "checkout", "--quiet", "--detach", "--force", name)
        self.index = self.ask("scan")["index"]

    def symbols_of(self, path):
        """(first line, last line) of the functions and types of a file, out of the index."""
        with sqlite3.connect(f"file:{self.index}?mode=ro", uri=True) as database:
            return database.execute("SELECT first_line,last_line FROM symbols JOIN files ON files.id=symbols.file "
                                    "WHERE path=?", (path.encode(),)).fetchall()

    def pieces(self, request, file, evidence, budget):
        reply = self.ask("context", "--show", "--for", request, "--file", file, "--evidence", evidence,
                         "--context-tokens", str(budget), "--map-tokens", "0", "--model", self.options.model)
        return reply["context"]["items"]

    def close(self):
        subprocess.run([str(self.options.program), "engine", "stop"], env=self.environment, capture_output=True, check=False)


def touched_symbols(workspace, change):
    """The innermost symbol round each touched line that has one."""
    symbols = workspace.symbols_of(change.path)
    touched = set()
    for first, last in change.lines:
        for line in range(first, min(last, first + 2000) + 1):
            inside = [s for s in symbols if s[0] <= line <= s[1]]
            if inside:
                touched.add(min(inside, key=lambda s: (s[1] - s[0], s)))
    return touched


def is_covered(symbol, path, pieces):
    return any(p["path"] == path and p["lines"][0] <= symbol[1] and symbol[0] <= p["lines"][1] for p in pieces)


def measure_case(workspace, commit, focus):
    """{(evidence, budget): (files, symbols or None)} for one commit and one of its files."""
    others = [c for c in commit.sources if c.path != focus.path]
    symbols = [(s, c.path) for c in others for s in sorted(touched_symbols(workspace, c))]
    recalls = {}
    for evidence in EVIDENCE:
        for budget in BUDGETS:
            pieces = workspace.pieces(commit.message, focus.path, evidence, budget)
            found = {p["path"] for p in pieces}
            missing = [c.path for c in others if c.path not in found]
            files = 1 - len(missing) / len(others)
            share = sum(is_covered(s, path, pieces) for s, path in symbols) / len(symbols) if symbols else None
            recalls[evidence, budget] = (files, share, missing)
    return recalls


def measure(options):
    cases = []
    with tempfile.TemporaryDirectory(prefix="oc-recall-") as folder:
        workspace = Workspace(options.repository, folder, options)
        try:
            commits = choose_commits(options.repository, options.commits, options.most_files)
            if not commits:
                raise Failed("no commit touches so many source files")
            for number, commit in enumerate(commits, 1):
                workspace.go_to(f"{commit.name}^")
                for focus in commit.focuses(options.every_file):
                    recalls = measure_case(workspace, commit, focus)
                    cases.append((commit, focus, recalls))
                    if options.verbose:
                        explain_case(commit, focus, recalls)
                if sys.stderr.isatty():
                    print(f"\r{number} of {len(commits)} commits", end="", file=sys.stderr, flush=True)
        finally:
            workspace.close()
    return cases


def explain_case(commit, focus, recalls):
    print(f"{commit.name[:8]} {commit.subject}\n    in {focus.path}", file=sys.stderr)
    for (evidence, budget), (files, _, missing) in recalls.items():
        if budget == BUDGETS[1]:
            print(f"    {evidence:<6} {files:4.0%}  without {' '.join(missing) or 'nothing'}", file=sys.stderr)


def averages(cases):
    table = {}
    for evidence in EVIDENCE:
        for budget in BUDGETS:
            rows = [recalls[evidence, budget] for _, _, recalls in cases]
            symbols = [row[1] for row in rows if row[1] is not None]
            table[evidence, budget] = (statistics.mean(row[0] for row in rows), statistics.mean(symbols) if symbols else 0)
    return table


def text_table(table):
    lines = ["  " + " " * 26 + "".join(f"{f'{budget} tokens':>20}" for budget in BUDGETS),
             "  " + " " * 26 + "     files   symbols" * len(BUDGETS)]
    for evidence, name in EVIDENCE.items():
        lines.append(f"  {name:<26}" + "".join(f"{files:>10.0%}{symbols:>10.0%}" for files, symbols in
                                               (table[evidence, budget] for budget in BUDGETS)))
    return "\n".join(lines)


def markdown_table(table):
    header = "".join(f" files, {budget} | symbols, {budget} |" for budget in BUDGETS)
    lines = [f"| evidence |{header}", "| --- |" + " ---: |" * (2 * len(BUDGETS))]
    for evidence, name in EVIDENCE.items():
        cells = "".join(" {:.0%} | {:.0%} |".format(*table[evidence, budget]) for budget in BUDGETS)
        lines.append(f"| {name} |{cells}")
    return "\n".join(lines)


def to_json(cases, table):
    return json.dumps({
        "budgets": BUDGETS,
        "recall": {e: {str(b): dict(zip(("files", "symbols"), table[e, b])) for b in BUDGETS} for e in EVIDENCE},
        "cases": [{"commit": commit.name, "subject": commit.subject, "file": focus.path,
                   "recall": {e: {str(b): dict(zip(("files", "symbols", "missing"), recalls[e, b])) for b in BUDGETS}
                              for e in EVIDENCE}} for commit, focus, recalls in cases]}, indent=1)


def existing(kind, check):
    def read(text):
        path = pathlib.Path(text).resolve()
        if not check(path):
            raise argparse.ArgumentTypeError(f"there is no {kind} '{text}'")
        return path
    return read


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench context_recall", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("repository", nargs="?", type=existing("folder", pathlib.Path.is_dir), default=ROOT, metavar="REPOSITORY",
                        help="a git repository with history (default: this one)")
    parser.add_argument("--commits", type=int, default=100, metavar="N", help="at most so many, the newest (default: 100)")
    parser.add_argument("--most-files", type=int, default=5, metavar="N", help="pass over commits that touch more (default: 5)")
    parser.add_argument("--every-file", action="store_true", help="ask for each touched file in turn, not for one")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    parser.add_argument("--verbose", action="store_true", help="say of each commit what was not found")
    parser.add_argument("--program", type=existing("program", pathlib.Path.is_file), default=PROGRAM, metavar="FILE",
                        help="offline-coder (default: of the release build)")
    parser.add_argument("--model", type=existing("model", pathlib.Path.is_file), default=STARTER, metavar="FILE",
                        help="whose tokenizer counts (default: the bundled one)")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    try:
        cases = measure(options)
    except (Failed, OSError, sqlite3.Error, KeyError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    table = averages(cases)
    if options.format == "json":
        print(to_json(cases, table))
        return 0
    commits = len({commit.name for commit, _, _ in cases})
    print(f"\nrecall: what the context of one touched file holds of the others; {commits} commits, {len(cases)} questions")
    print(markdown_table(table) if options.format == "markdown" else text_table(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
