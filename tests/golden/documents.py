#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command line of the documents.

    documents.py BIN [FILE...]      without files: README.md and docs/*.md

A command line is one in a ```sh or ```console block that runs offline-coder, also at the end of a pipe; in a console block
it begins with "$ ". It must exit with 0, or with N where it ends in "# exit N". Each runs in a fresh copy of a small project;
the user's folders are shared by the lines of one document, so a model that was imported can be used further down.
Answers come from a script, a model that a line names is a copy of the starter model, and --write is not asked about.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TIMEOUT_S = 60
SOURCE = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^\s*```+\s*(\w*)")
RUNS_IT = re.compile(r"(?:^|[|;&(]\s*|\s&&\s+)(?:[A-Z_]+=\S*\s+)*offline-coder\s")
EXIT = re.compile(r"\s#.*\bexit (\d+)\s*$")
NAMES_MODEL = re.compile(r"(?:--model|model use|model info)[ =]([\w.-]+)(?=\s|$)")

PROJECT = {
    "app.py": 'from utils import total\n\n\ndef greet(name):\n    return "Hello " + name\n\n\nprint(greet("you"), total([1, 2]))\n',
    "utils.py": "def total(items):\n    result = 0\n    for item in items:\n        result += item\n    return result\n\n\ndef mean(items):\n    return total(items) / len(items)\n\n\nLIMIT = 10\n",
    "main.py": 'from utils import total\n\nprint(total([1, "2"]))\n',
    "answer.md": "Put this into `app.py`:\n\n```python\ndef greet(name):\n    return f\"Hello {name}\"\n```\n",
    "test_app.py": "import app\n",
    "script.js": "".join(f"function f{i}(x) {{\n  return x + {i};\n}}\n\n" for i in range(12)),
}


def command_lines(document):
    """(line number, command, exit code) of each; a line that ends in a backslash goes on in the next."""
    language, begun, first = None, "", 0
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if fence:
            language = None if language is not None else fence.group(1)
            continue
        if language not in ("sh", "console"):
            continue
        if not begun:
            first = number
            if language == "console":
                if not line.startswith("$ "):
                    continue
                line = line[2:]
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        command, begun = (begun + line).strip(), ""
        if RUNS_IT.search(command) and not command.startswith("#"):
            stated = EXIT.search(command)
            yield first, command, int(stated.group(1)) if stated else 0


def make_project(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in PROJECT.items():
        (folder / name).write_text(text)
    if not shutil.which("git"):
        return
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        subprocess.run(git + arguments, cwd=folder, check=True, capture_output=True)
    (folder / "utils.py").write_text(PROJECT["utils.py"].replace("LIMIT = 10", "LIMIT = 100"))


def make_models(command, project, home):
    """The models that the line expects to be there: files by their path, names in the project's models/."""
    starter = SOURCE / "models" / "starter.gguf"
    places = [pathlib.Path(str(home) + word[1:] if word.startswith("~") else word) for word in re.findall(r"\S+\.gguf", command)]
    places += [pathlib.Path("models", name + ".gguf") for name in NAMES_MODEL.findall(command) if name != "starter" and not name.endswith(".gguf")]
    for place in places:
        place = project / place
        if home.parent not in place.parents:
            raise ValueError(f"{place} is outside the example's folders: write a path that begins with ~/ or a relative one")
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            shutil.copy(starter, place)


def make_program(folder, bin_folder, script):
    """An offline-coder that takes its answers from the script and says yes."""
    folder.mkdir()
    program = folder / "offline-coder"
    program.write_text(f"""#!/bin/sh
case " $* " in *" --write "*) set -- "$@" --yes;; esac
case " $1 $2 " in " apply "*|" undo  "|" redo  ") set -- "$@" --yes;; esac
case $1 in
  gen|ask|explain|debug|complete|fix|refactor|doc|commit-message|chat|review) command=$1; shift; exec "{bin_folder}/offline-coder" "$command" --script "{script}" "$@";;
esac
exec "{bin_folder}/offline-coder" "$@"
""")
    program.chmod(0o755)


def failures_of(document, bin_folder):
    with tempfile.TemporaryDirectory(prefix="oc-documents-", ignore_cleanup_errors=True) as temporary:
        root = pathlib.Path(temporary).resolve()
        home, project, script = root / "home", root / "project", root / "script"
        home.mkdir()
        script.write_text("".join('{"answer": "x = %d\\n```\\n"}\n' % i for i in range(500)))
        make_program(root / "bin", bin_folder, script)
        env = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "HOME": str(home), "OFFLINE_CODER_HOME": str(root / "own"), "LANG": "C.UTF-8", "TERM": "dumb",
               "OFFLINE_CODER_ENGINE_WARM_UP": "never"}  # nothing goes on in folders that are removed
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        try:
            for number, command, wanted in command_lines(document):
                if "git " in command and not shutil.which("git"):
                    print(f"{document.name}:{number}: skipped, there is no git: {command}")
                    continue
                make_project(project)
                try:
                    make_models(command, project, home)
                    done = subprocess.run(["bash", "-c", command], cwd=project, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S)
                    code, said = done.returncode, done.stderr.decode(errors="replace")
                except (subprocess.TimeoutExpired, ValueError) as problem:
                    code, said = "no code", str(problem)
                print(f"{document.name}:{number}: exit {code}: {command}")
                if code != wanted:
                    yield f"{document}:{number}: exit {code}, not {wanted}: {command}\n{said}"
        finally:
            subprocess.run([str(bin_folder / "offline-coder"), "engine", "stop"], env=env, cwd=root, capture_output=True, timeout=TIMEOUT_S)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    bin_folder = pathlib.Path(sys.argv[1]).resolve()
    documents = [pathlib.Path(name) for name in sys.argv[2:]] or [SOURCE / "README.md", *sorted((SOURCE / "docs").glob("*.md"))]
    failures = [failure for document in documents for failure in failures_of(document, bin_folder)]
    print(*failures, sep="\n")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
