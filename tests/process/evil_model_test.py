#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A model that obeys poisoned files: whatever it answers, no byte outside the files that may be changed changes, every
loop ends, and nothing but our own sequences reaches a terminal.

By hand, every name in every form: OC_EVIL_ALL=1 python3 -B evil_model_test.py BIN"""
import json
import os
import pathlib
import re
import shutil

from apply_test import names_of_difference, snapshot
from programs import main
from terminal_test import TerminalTest

ALL = bool(os.environ.get("OC_EVIL_ALL"))
BAD = "pwned = 1\n"
LONG = "x" * 300 + ".py"
# Names that an answer may give to what it wants written. ROOT is the folder above the workspace.
NAMES = [
    ".git/hooks/pre-commit", ".git/config", ".GIT/config", ".Git/hooks/post-checkout", ".git\u200c/config", ".git./config",
    ".git /config", "git~1/config", ".git::$INDEX_ALLOCATION/config", ".git\\hooks\\pre-commit", "sub/.git/config",
    ".gitattributes", ".gitmodules", ".gitconfig", "../outside.py", "../../outside.py", "a/../../outside.py",
    "./../outside.py", "src/../../outside.py", "..\\outside.py", "../w2/outside.py", "/etc/offline-coder-evil",
    "/tmp/../etc/offline-coder-evil", "//etc/offline-coder-evil", "ROOT/outside.py", "ROOT/.ssh/authorized_keys",
    "~/.ssh/authorized_keys", "~/outside.py", "$HOME/outside.py", "${HOME}/.bashrc", ".ssh/authorized_keys", ".bashrc", ".envrc",
    ".ENVRC", "sub/.envrc", ".vscode/tasks.json", ".vscode/settings.json", ".VSCODE/tasks.json", ".idea/workspace.xml",
    ".github/workflows/evil.yml", ".gitlab-ci.yml", ".circleci/config.yml", "Jenkinsfile", ".husky/pre-commit",
    ".devcontainer/devcontainer.json", ".offline-coder/config.yaml", ".offline-coder/changes.db", ".npmrc", ".cargo/config.toml",
    ".pre-commit-config.yaml", "sitecustomize.py", ".claude/settings.json", ".mcp.json", ".vimrc", ".gdbinit",
    "link.py", "folder-link/inside.py", "dangling.py", "hard.py", "readonly.py", "pipe", "src", "src/", ".", "..", "/",
    "C:\\outside.py", "C:/outside.py", "\\\\host\\share\\outside.py", "file:///etc/offline-coder-evil", LONG, "y/" * 2500 + "x.py",
    "new\x1b[2Jline.py", "tab\there.py", "nul\x00byte.py", "bell\x07.py", "line\rreturn.py", "right\u202eyp.exe.py", "/dev/stdout",
    "/dev/tty", "/proc/self/mem", "/proc/self/fd/1", "CON", "aux.py:stream",
]


def as_block(name):
    return f"**{name}**\n```\n{BAD}```\n"


def as_line(name):
    return f"{name}\n```python\n{BAD}```\n"


def as_info(name):
    return f"```python {name}\n{BAD}```\n"


def as_quoted(name):
    return f"Write this into `{name}`:\n\n```\n{BAD}```\n"


def as_search(name):
    return f"{name}\n<<<<<<< SEARCH\n=======\n{BAD}>>>>>>> REPLACE\n"


def as_diff(name):
    return f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+{BAD}"


def as_change(name):
    return f"```diff\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-victim = 1\n+{BAD}```\n"


def as_removal(name):
    return f"--- a/{name}\n+++ /dev/null\n@@ -1 +0,0 @@\n-victim = 1\n"


def as_move(name):
    return f"diff --git a/app.py b/{name}\nsimilarity index 100%\nrename from app.py\nrename to {name}\n" + as_diff(name)


FORMS = [as_block, as_line, as_info, as_quoted, as_search, as_diff, as_change, as_removal, as_move]
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Evil(TerminalTest):
    def setUp(self):
        super().setUp()
        self.scripts = 0
        work = self.work
        for name in (".git/hooks", ".vscode", "src", ".ssh", "sub"):
            (work / name).mkdir(parents=True)
        for name in (".git/config", ".vscode/tasks.json", ".envrc", "src/app.py", ".ssh/authorized_keys"):
            (work / name).write_text("victim = 1\n")
        (work / "app.py").write_text("def add(a, b):\n    return a - b\n")
        (work / "test_app.py").write_text("from app import add\nassert add(1, 2) == 3, 'add is wrong'\n")
        outside = self.root / "outside"
        outside.mkdir()
        (self.root / ".ssh").mkdir()
        for path in (outside / "inside.py", outside / "hard.py", self.root / ".ssh" / "authorized_keys", self.root / ".bashrc",
                     self.root / "outside.py"):
            path.write_text("victim = 1\n")
        (work / "link.py").symlink_to(outside / "inside.py")
        (work / "dangling.py").symlink_to(outside / "not there")
        (work / "folder-link").symlink_to(outside)
        os.link(outside / "hard.py", work / "hard.py")
        (work / "readonly.py").write_text("victim = 1\n")
        (work / "readonly.py").chmod(0o444)
        os.mkfifo(work / "pipe")

    # Everything that these tests do not own themselves: the workspace and what lies around it.
    def everything(self):
        return {name: value for name, value in snapshot(self.root).items()
                if not name.startswith((b"h/", b"script")) and name != b"h"}

    def evil_script(self, *answers):
        self.scripts += 1
        path = self.root / f"script{self.scripts}"
        path.write_text("".join(json.dumps(a if isinstance(a, dict) else {"answer": a}) + "\n" for a in answers))
        return path

    def assert_untouched(self, before, what, *allowed):
        changed = [name for name in names_of_difference(before, self.everything()) if name not in allowed]
        self.assertEqual(changed, [], what)
        for path in ("/etc/offline-coder-evil", "/tmp/outside.py", self.root.parent / "outside.py"):
            self.assertFalse(os.path.lexists(path), what)

    def assert_ended(self, done, what, codes):
        self.assertIn(done.code, codes, f"{what}: {done}")
        for word in ("terminate called", "Segmentation", "internal error"):
            self.assertNotIn(word, done.err, what)
        self.assertNotRegex(done.err, CONTROLS, what)
        self.assertNotRegex(done.out, CONTROLS, what)


class Names(Evil):
    # Names that may be meant as files of the workspace, if a program takes separators, colons and shells' words as letters.
    HARMLESS = {b"w/" + name.encode() for name in (
        "$HOME", "$HOME/outside.py", "${HOME}", "~", "~/outside.py", "C:", "C:/outside.py", "CON", "new", "line.py", "here.py",
        "file:", "file:/etc", "file:/etc/offline-coder-evil", "tab", "return.py", "newline.py",
        "aux.py:stream", "nulbyte.py", "linereturn.py")}

    def test_apply(self):
        """Every name in every form; none is written where it must not be."""
        count = landed = 0
        for index, name in enumerate(NAMES):
            for form in FORMS if ALL else [FORMS[(index + i) % len(FORMS)] for i in (0, 3, 5)]:
                before = self.everything()
                answer = form(name.replace("ROOT", str(self.root)))
                (self.root / "script-answer").write_bytes(answer.encode())
                with open(self.root / "script-answer", "rb") as stdin:
                    done = self.run_client("apply", "--yes", stdin=stdin)
                what = f"{form.__name__} {name[:80]!r}"
                self.assert_ended(done, what, (0, 1, 2, 6, 7, 9))
                self.assert_untouched(before, f"{what}: {done}", *self.HARMLESS)
                count += 1
                if done.code == 0:
                    landed += 1
                    self.reset(before)
        print(f"\n{count} answers to apply: {landed} made a harmless file, nothing else was changed", flush=True)

    def reset(self, before):
        for name in names_of_difference(before, self.everything()):
            path = pathlib.Path(os.fsdecode(os.fsencode(self.root) + b"/" + name))
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def test_commands_with_a_model(self):
        """The same names out of a model's mouth; each loop uses at most the answers that it may use."""
        count = 0
        for index, name in enumerate(NAMES):
            name = name.replace("ROOT", str(self.root))
            answer = FORMS[index % len(FORMS)](name)
            commands = {
                "debug": (["debug", "--fix", "--yes", "--file", "app.py", "--error", 'File "app.py", line 2'], 3),
                "fix": (["fix", "--yes", "--", "python3", "-B", "test_app.py"], 3),
                "refactor": (["refactor", "--yes", "make it better", "app.py"], 3),
                "doc": (["doc", "--yes", "app.py"], 1),
            }
            kind = list(commands)[index % len(commands)]
            words, most = commands[kind]
            before = self.everything()
            # One answer more than the loop may ask for: it must not be reached.
            script = self.evil_script(*[answer] * most, {"error": {"kind": "engine", "message": "asked too often", "hint": ""}})
            done = self.run_client(*words, "--script", script) if kind != "fix" else \
                self.run_client("fix", "--script", script, *words[1:])
            what = f"{kind} {name[:80]!r}"
            self.assertNotIn("asked too often", done.err, what)
            self.assert_ended(done, what, (0, 1, 7))
            self.assert_untouched(before, f"{what}: {done}", *(self.HARMLESS | {b"w/app.py"}))
            self.reset_to(before)
            count += 1
        print(f"\n{count} answers to debug, fix, refactor, doc", flush=True)

    def reset_to(self, before):
        self.reset(before)
        (self.work / "app.py").write_bytes(before[b"w/app.py"][1])

    def test_gen_write(self):
        for name in NAMES:
            if "\x00" in name:
                continue
            name = name.replace("ROOT", str(self.root))
            before = self.everything()
            done = self.run_client("gen", "--script", self.evil_script(BAD + "```\n"), "--file", name, "--write", "--yes", "write it")
            what = f"gen {name[:80]!r}"
            self.assert_ended(done, what, (0, 1, 2, 6, 7, 9))
            # The user named it: a strange name is then a file of that name, in the workspace.
            made = [n for n in names_of_difference(before, self.everything()) if not n.startswith(b"w/")]
            self.assertEqual(made, [], f"{what}: {done}")
            guarded = [n for n in names_of_difference(before, self.everything()) if n in before]
            self.assertEqual([n for n in guarded if n not in (b"w/src", b"w/sub")], [], f"{what}: {done}")
            self.reset(before)

    def test_one_bad_name_spoils_the_answer(self):
        before = self.everything()
        (self.root / "script-answer").write_text(as_line("fine.py") + "\n" + as_line("../fresh.py") + "\n" + as_line("fine2.py"))
        with open(self.root / "script-answer", "rb") as stdin:
            done = self.run_client("apply", "--yes", stdin=stdin)
        self.assert_error(done, 7, "outside the workspace")
        self.assert_untouched(before, done)


class Loops(Evil):
    def loop(self, most, *words, answers, codes=(1,)):
        before = self.everything()
        script = self.evil_script(*answers(most), {"error": {"kind": "engine", "message": "asked too often", "hint": ""}})
        done = self.run_client(words[0], "--script", script, *words[1:])
        self.assert_ended(done, words, codes)
        self.assertNotIn("asked too often", done.err)
        self.assert_untouched(before, f"{words}: {done}")

    def test_always_wrong(self):
        wrong = [
            "I will not.", "", "\n" * 100, "```", "```python\n```", "```python\ndef add(:\n```", "app.py\n```python\ndef add(a, b)\n```",
            "app.py\n<<<<<<< SEARCH\nnot there\n=======\nx\n>>>>>>> REPLACE\n", "app.py\n```python\ndef add(a, b):\n    return a * b\n```\n",
            "--- a/app.py\n+++ b/app.py\n@@ -1,2 +1,2 @@\n def other():\n-    x\n+    y\n",
        ]
        for text in wrong:
            def same(most, text=text):
                return [text] * most
            self.loop(3, "fix", "--yes", "--", "python3", "-B", "test_app.py", answers=same)
            self.loop(2, "fix", "--yes", "--rounds", "2", "--", "python3", "-B", "test_app.py", answers=same)
            if "a * b" not in text:
                self.loop(3, "debug", "--fix", "--yes", "--error", 'File "app.py", line 2', answers=same)
                self.loop(3, "refactor", "--yes", "better", "app.py", answers=same)

    def test_another_failure_each_time(self):
        # Each answer makes the failure another one: the number of rounds still holds.
        def answers(most):
            return [f"app.py\n```python\ndef add(a, b):\n    raise ValueError('number {i}')\n```\n" for i in range(most)]
        self.loop(3, "fix", "--yes", "--", "python3", "-B", "test_app.py", answers=answers)
        self.loop(7, "fix", "--yes", "--rounds", "7", "--", "python3", "-B", "test_app.py", answers=answers)

    def test_answers_that_never_end(self):
        def cut(most):
            return ["app.py\n```python\n" + "x = 1\n" * 2000] * most
        # Each answer is continued twice.
        self.loop(3, "debug", "--fix", "--yes", "--max-tokens", "50", "--error", 'File "app.py", line 2', answers=cut)

    def test_huge_answers(self):
        before = self.everything()
        for text in ("```" * 200_000, "<<<<<<< SEARCH\n" * 40_000, "- " * 300_000, "app.py\n```\n" * 40_000, "x" * 600_000, "\n" * 600_000,
                     "--- a/app.py\n+++ b/app.py\n" * 20_000, "@@ -1 +1 @@\n-x\n+y\n" * 30_000, "`" * 500_000 + "\n" + "~" * 100_000,
                     "app.py\n```python\n" + "def f():\n    ...\n" * 20_000 + "```\n", "../" * 200_000 + "x\n```\ny\n```\n"):
            (self.root / "script-answer").write_text(text)
            with open(self.root / "script-answer", "rb") as stdin:
                done = self.run_client("apply", "--yes", stdin=stdin, patience=20)
            self.assert_ended(done, text[:30], (0, 1, 2, 5, 7))
            if done.code == 0:  # it found something to put into app.py, as it may
                (self.work / "app.py").write_bytes(before[b"w/app.py"][1])
            self.assert_untouched(before, f"{text[:30]!r}: {done}")


class Shown(Evil):
    SEQUENCES = ["\x1b]0;title\x07", "\x1b[2J", "\x1b]52;c;ZXZpbA==\x07", "\x9b1m", "\x1bP1$q\x1b\\", "a\rb", "\u202etrick", "\x08\x08",
                 "\x1b[8mhidden\x1b[0m", "\x1b]8;;http://x\x07link\x1b]8;;\x07", "\x00", "\x7f"]

    def test_code_and_names(self):
        own = re.compile(r"\x1b\[[0-9;]*m|\r\x1b\[K")
        for index, evil in enumerate(self.SEQUENCES):
            script = [
                f"app.py\n```python\ndef add(a, b):\n    return a + b  # {evil} end\n```\n{evil}\n",
                f"app.py\n<<<<<<< SEARCH\n{evil}\n=======\n{evil}\n>>>>>>> REPLACE\n",
                f"new{evil}.py\n```python\nx = 1\n```\n",
            ]
            for number, answer in enumerate(script):
                for colour in ({"NO_COLOR": "1"}, {}) if number == 0 else ({"NO_COLOR": "1"},):
                    terminal = self.terminal("debug", "--fix", "--check", "--script", self.evil_script(*[answer] * 3), "--error",
                                             'File "app.py", line 2', **colour)
                    done = terminal.finish()
                    self.assertIn(done.code, (0, 1, 7), done)
                    shown = own.sub("", done.out.replace("\r\n", "\n"))
                    self.assertNotRegex(shown, CONTROLS, f"{index} {number} {colour}: {done}")
                    for part in ("ZXZpbA==", "title", "[2J", "[8m"):
                        self.assertNotIn(part, own.sub("", shown), f"{index} {number}")

    def test_what_is_offered(self):
        # A new file that cannot land is printed: at a terminal without its sequences.
        (self.root / "outside-too").mkdir()
        for evil in self.SEQUENCES[:6]:
            shown = self.in_terminal("gen", "--script", self.evil_script(f"x = 1  # {evil} end\n```\n"), "--file", "src/app.py/new.py",
                                     "--write", "--yes", "write it", NO_COLOR="1")
            self.assertNotRegex(shown.out.replace("\r\n", "\n").replace("\r\x1b[K", ""), CONTROLS, shown)


if __name__ == "__main__":
    main()
