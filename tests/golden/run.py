#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs golden cases through the shipped programs.

    run.py [--update] BIN CASE...

A case is a folder:
    cmd         shell commands, run by bash in a copy of workspace/; $SCRIPT is the case's script
    workspace/  the project as it is before (optional: empty)
    script      scripted answers (optional)
    stdin       standard input of cmd (optional: empty)
    out, err    what must be printed; missing: nothing
    exit        the exit code; missing: 0
    after/      the project as it must be afterwards; missing: unchanged
In out and err paths are written with $WORKSPACE, $HOME (the user's folders of offline-coder), $ROOT (where both are), $CASE,
$BIN and $SOURCE; numbers of milliseconds, process ids and the like are written 0. $MODELS is the folder of the starter model.
--update writes out, err, exit and after/ from what happened: look at the diff before you commit.
"""
import filecmp
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TIMEOUT_S = 60
OLD = 1_700_000_000
NUMBERS = re.compile(r'("(?:[a-z_]+_ms|tokens_per_second|process_id|uptime_s|idle_exit_s|resident_bytes)":)[-0-9.e+]+')


def normalised(text, names):
    for path, name in names:
        text = text.replace(os.path.realpath(path), name).replace(str(path), name)
    return NUMBERS.sub(r"\g<1>0", text)


def read_or(file, default):
    """The text with its own line ends."""
    return file.read_bytes().decode() if file.exists() else default


def files_below(folder):
    return {p.relative_to(folder): p for p in sorted(folder.rglob("*")) if p.is_file()} if folder.is_dir() else {}


def tree_differences(wanted, got):
    wanted_files, got_files = files_below(wanted), files_below(got)
    for name in sorted(set(wanted_files) | set(got_files)):
        if name not in got_files:
            yield f"after: {name} is missing"
        elif name not in wanted_files:
            yield f"after: {name} should not be there"
        elif not filecmp.cmp(wanted_files[name], got_files[name], shallow=False):
            yield f"after: {name} differs: {got_files[name].read_bytes()!r}"


def make_equally_old(folder):
    """What was changed last matters to the program; the order in which a checkout wrote the files must not."""
    for path in folder.rglob("*"):
        os.utime(path, (OLD, OLD), follow_symlinks=False)


def run_case(case, bin_folder, update):
    with tempfile.TemporaryDirectory(prefix="oc-golden-", ignore_cleanup_errors=True) as temporary:
        root = pathlib.Path(temporary)
        workspace, home = root / "ws", root / "home"
        if (case / "workspace").is_dir():
            shutil.copytree(case / "workspace", workspace, symlinks=True)
            make_equally_old(workspace)
        else:
            workspace.mkdir()
        env = {
            "PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(root), "LANG": "C.UTF-8", "TERM": "dumb",
            # What goes on after a command has ended would be seen or not, as it happens: tests/process/saved_test.py.
            "OFFLINE_CODER_ENGINE_WARM_UP": "never",
            "OFFLINE_CODER_HOME": str(home), "SCRIPT": str(case / "script"), "CASE": str(case), "MODELS": str(bin_folder.parents[2] / "models"),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        stdin = (case / "stdin").read_bytes() if (case / "stdin").exists() else b""
        try:
            done = subprocess.run(["bash", str(case / "cmd")], cwd=workspace, env=env, input=stdin, capture_output=True, timeout=TIMEOUT_S)
        finally:
            subprocess.run([str(bin_folder / "offline-coder"), "engine", "stop"], env=env, cwd=root, capture_output=True, timeout=TIMEOUT_S)
        names = ((workspace, "$WORKSPACE"), (home, "$HOME"), (root, "$ROOT"), (case, "$CASE"), (bin_folder, "$BIN"), (bin_folder.parents[2], "$SOURCE"))
        got = {
            "out": normalised(done.stdout.decode(errors="backslashreplace"), names),
            "err": normalised(done.stderr.decode(errors="backslashreplace"), names),
            "exit": f"{done.returncode}\n",
        }
        if update:
            return write_expectations(case, got, workspace)
        wanted = {name: read_or(case / name, "") for name in ("out", "err")}
        wanted["exit"] = read_or(case / "exit", "0\n")
        problems = [f"{name}:\n--- wanted\n{wanted[name]}\n--- got\n{got[name]}" for name in got if wanted[name] != got[name]]
        after = case / "after" if (case / "after").is_dir() else case / "workspace"
        return problems + list(tree_differences(after, workspace))


def write_expectations(case, got, workspace):
    for name, text in got.items():
        if text == ("0\n" if name == "exit" else ""):
            (case / name).unlink(missing_ok=True)
        else:
            (case / name).write_bytes(text.encode())
    if (case / "after").is_dir():
        shutil.rmtree(case / "after")
    if list(tree_differences(case / "workspace", workspace)):
        shutil.copytree(workspace, case / "after", symlinks=True)
    return []


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    arguments = [a for a in arguments if a != "--update"]
    if len(arguments) < 2:
        sys.exit(__doc__)
    bin_folder = pathlib.Path(arguments[0]).resolve()
    failed = 0
    for name in arguments[1:]:
        case = pathlib.Path(name).resolve()
        problems = run_case(case, bin_folder, update)
        if problems:
            failed += 1
            print(f"FAILED {case}", *problems, sep="\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
