#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""refactor rename with a language server: real ones where the machine has them, and one that does what it must not."""
import json
import os
import pathlib
import shutil
import signal
import time
import unittest

from check_test import is_running
from programs import main, wait_until
from terminal_test import TerminalTest

FAKE = pathlib.Path(__file__).with_name("fake_language_server.py").resolve()
A = """class A:
    def run(self):
        pass


class B:
    def run(self):
        pass


def f(x, y):
    x.run()
    y.run()  # run
"""
# Lines and characters from 0 on: the declaration, the other one, the two calls.
DECLARED, OTHER, X, Y = (1, 8, 1, 11), (6, 8, 6, 11), (11, 6, 11, 9), (12, 6, 12, 9)
GOOD = [["a.py", *DECLARED, "go"], ["a.py", *X, "go"]]
RENAMED = A.replace("run", "go", 1).replace("x.run", "x.go")
ALONE = A.replace("run", "go", 1)


class Renaming(TerminalTest):
    def setUp(self):
        super().setUp()
        (self.work / ".git").mkdir()
        self.plan_file = self.root / "plan.json"
        self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"] = f"python: python3 -B {FAKE} {self.plan_file}"

    def plan(self, **plan):
        self.plan_file.write_text(json.dumps(plan))

    def log(self):
        log = pathlib.Path(f"{self.plan_file}.log")
        return log.read_text() if log.exists() else ""

    def rename(self, *words, **popen):
        if not (self.work / "a.py").exists():
            self.file("a.py", A)
        return self.run_client("refactor", "rename", "A.run", "go", "--yes", *words, **popen)

    def with_server(self, *words):
        return self.rename("--language-server", *words)

    def assert_text(self, expected, name="a.py"):
        self.assertEqual((self.work / name).read_bytes().decode(), expected)

    def assert_went_on(self, done, *reasons):
        """The rename was made as without the server, and one line says why."""
        self.assert_done(done)
        lines = [line for line in done.err.splitlines() if line.startswith("going on without")]
        self.assertEqual(len(lines), 1, done)
        for reason in reasons:
            self.assertIn(reason, lines[0], done)
        self.assert_text(ALONE)


class Believing(Renaming):
    def test_what_it_names_is_changed_and_the_rest_is_explained(self):
        self.plan(edits=GOOD, definitions={"a.py:12:6": ["a.py", 6, 8]})
        done = self.with_server("--format", "json")
        self.assert_done(done)
        self.assert_text(RENAMED)
        answer = json.loads(done.out)
        self.assertEqual(answer["language_server"], "python3")
        self.assertEqual([place["line"] for place in answer["places"]], [2, 12])
        self.assertEqual(answer["not_named"], [])
        self.assertEqual([(d["line"], d["reason"]) for d in answer["not_dared"]],
                         [(13, "in a comment"),
                          (13, "the type of 'y' is not known; python3 says it is the one at a.py:7")])

    def test_a_definition_settles_a_doubt(self):
        self.plan(edits=GOOD, definitions={"a.py:12:6": ["a.py", 1, 8]})
        self.assert_done(self.with_server())
        self.assert_text(RENAMED.replace("y.run", "y.go"))

    def test_certain_places_do_not_need_it(self):
        self.file("a.py", A + "\n\nA.run(1)\n")
        self.plan(edits=GOOD)
        done = self.with_server()
        self.assert_text(RENAMED + "\n\nA.go(1)\n")
        self.assertIn("changed, though python3 does not name it: a.py:16", done.err, done)

    def test_whole_files_are_read_for_names(self):
        self.plan(edits=[["a.py", 0, 0, 99, 0, RENAMED]])
        self.assert_done(self.with_server())
        self.assert_text(RENAMED)

    def test_whole_files_with_more_in_them_are_not(self):
        self.plan(edits=GOOD[:1] + [["a.py", 0, 0, 99, 0, RENAMED + "import evil\n"]])
        done = self.with_server()
        self.assertIn("it would change more than the name", done.err, done)
        self.assert_text(ALONE)

    def test_units_are_those_it_chose(self):
        text = A.replace("x.run()", "print('ä😀', x.run())")
        for encoding in ("utf-8", "utf-16"):
            with self.subTest(encoding):
                line = text.splitlines()[11]
                before = line[:line.index("run")]
                at = len(before.encode()) if encoding == "utf-8" else len(before.encode("utf-16-le")) // 2
                self.file("a.py", text)
                self.plan(encoding=encoding, edits=GOOD[:1] + [["a.py", 11, at, 11, at + 3, "go"]])
                self.assert_done(self.with_server())
                self.assert_text(text.replace("run", "go", 1).replace("x.run", "x.go"))

    def test_names_of_files_are_encoded(self):
        name = "ä b#%.py"
        self.file(name, "def run():\n    pass\n")
        self.file("b.py", "x = 1\nx.run()\n")
        self.plan(edits=[["b.py", 1, 2, 1, 5, "go"], ["%C3%A4%20b%23%25.py", 0, 4, 0, 7, "go"]])
        self.assert_done(self.run_client("refactor", "rename", "run", "go", "--yes", "--language-server"))
        self.assert_text("def go():\n    pass\n", name)
        self.assert_text("x = 1\nx.go()\n", "b.py")


class Disbelieving(Renaming):
    def refused(self, edit, reason):
        """An edit beside a good one is listed and not made."""
        self.file("a.py", A)
        self.plan(edits=GOOD + [edit])
        done = self.with_server()
        self.assert_done(done)
        self.assertIn(reason, done.err, done)
        self.assert_text(RENAMED)

    def test_edits_outside_of_the_project(self):
        other = self.root / "other.py"
        other.write_text("run\n")
        for name in (f"file://{other}", "../other.py", "%2e%2e/other.py", "x/../../other.py", "http://evil/a.py",
                     "file://evil/a.py", "untitled:1"):
            with self.subTest(name):
                self.refused([name, 0, 0, 0, 3, "go"], "it is outside of the project")
        self.assertEqual(other.read_text(), "run\n")

    def test_edits_of_files_that_nobody_looks_at(self):
        self.file(".gitignore", "made.py\n")
        self.file("made.py", "run\n")
        for name in (".git/hooks/post-commit", "made.py", "b.txt", "no/such.py"):
            with self.subTest(name):
                self.refused([name, 0, 0, 0, 3, "go"], "it is not among the files that are looked at")
        self.assertEqual((self.work / "made.py").read_text(), "run\n")

    def test_a_link_out_of_the_project(self):
        (self.root / "other.py").write_text("run\n")
        (self.work / "link.py").symlink_to(self.root / "other.py")
        self.refused(["link.py", 0, 0, 0, 3, "go"], "not dared: link.py:1")
        self.assertEqual((self.root / "other.py").read_text(), "run\n")

    def test_ranges_where_the_old_name_does_not_stand(self):
        for range_ in ((1, 7, 1, 10), (1, 8, 1, 8), (0, 0, 0, 3), (400, 0, 400, 3), (1, 8, 0, 0), (-1, 0, 0, 3)):
            with self.subTest(range_):
                self.refused(["a.py", *range_, "go"], "not dared: a.py:")

    def test_other_text(self):
        self.refused(["a.py", *Y, "evil"], "not dared: a.py:13: python3 names it, but it would put something else there")
        self.refused(["a.py", *Y, "go()\nevil"], "not dared: a.py:13")

    def test_edits_that_overlap(self):
        self.refused(["a.py", *X, "go"], "2 places")
        self.refused(["a.py", 11, 4, 11, 9, "x.evil"], "not dared: a.py:12")
        self.refused(["a.py", 11, 6, 12, 9, "go()\n    y.evil"], "not dared: a.py:1")

    def test_halves_of_a_character(self):
        text = A + "\n\nprint('😀😀', f(run, run))\n"
        self.file("a.py", text)
        self.plan(edits=GOOD + [["a.py", 15, 8, 15, 11, "go"]])
        done = self.with_server()
        self.assertIn("its range is no range of this text", done.err, done)
        self.assert_text(text.replace("run", "go", 1).replace("x.run", "x.go"))

    def test_words_of_comments_stay(self):
        self.plan(edits=GOOD + [["a.py", 12, 15, 12, 18, "go"]])
        self.assert_done(self.with_server())
        self.assert_text(RENAMED)

    def test_files_that_were_not_named_on_the_command_line(self):
        self.file("b.py", "def g(x):\n    x.run()\n")
        self.plan(edits=GOOD + [["b.py", 1, 6, 1, 9, "go"]])
        done = self.with_server("a.py")
        self.assertIn("not dared: b.py:2: python3 names it, but it is not among the files", done.err, done)
        self.assert_text("def g(x):\n    x.run()\n", "b.py")

    def test_nothing_is_done_for_it(self):
        self.plan(edits=GOOD, at={"textDocument/rename": ["ask", "wrong answers"]})
        self.assert_done(self.with_server())
        self.assert_text(RENAMED)
        answers = [json.loads(line[7:]) for line in self.log().splitlines() if line.startswith("answer ")]
        results = {answer["id"]: answer.get("result", "error") for answer in answers}
        self.assertEqual(results, {"s0": {"applied": False}, "s1": [None, None], "s2": None, "s3": None, "s4": None,
                                   "s5": "error"})

    def test_its_words_cannot_control_the_terminal(self):
        self.plan(edits=GOOD + [["\x1b]0;x\x07\u202e.py", 0, 0, 0, 3, "go"]],
                  at={"shutdown": ["noise"]})
        done = self.with_server()
        self.assertNotRegex(done.err, "[\x00-\x09\x0b-\x1f\x7f\u202e]")


class Failing(Renaming):
    def test_whatever_it_does(self):
        for action, reason in (("die", "exit code 3"), ("crash", "SIGSEGV"), ("complain and die", "no toolchain"),
                               ("half a message", "exit code 0"), ("garbage", "text instead of messages"),
                               ("flood", "text instead of messages"), ("endless line", "too long"),
                               ("huge header", "header that is too long"), ("huge body", "1000000000000 bytes"),
                               ("negative length", "makes no sense"), ("no json", "no JSON object"),
                               ("deep json", "no JSON object")):
            for method in ("initialize", "textDocument/didOpen", "textDocument/rename", "textDocument/definition"):
                with self.subTest(f"{action} at {method}"):
                    self.file("a.py", A)
                    self.plan(edits=GOOD, at={method: [action]})
                    begin = time.monotonic()
                    self.assert_went_on(self.with_server(), "going on without python3: ", reason)
                    self.assertLess(time.monotonic() - begin, 20)

    def test_noise_is_told_and_passed_over(self):
        self.plan(edits=GOOD, at={"textDocument/rename": ["noise"], "initialize": ["noise"]})
        done = self.with_server()
        self.assertIn("python3 printed 66 bytes between its messages", done.err, done)
        self.assert_text(RENAMED)

    def test_one_that_never_answers(self):
        self.env["OFFLINE_CODER_REFACTOR_SERVER_SECONDS"] = "5"
        for plan in ({"initialize": ["stubborn", "children", "never"]}, {"textDocument/rename": ["never"]},
                     {"textDocument/documentSymbol": ["busy"]}):
            with self.subTest(plan):
                self.file("a.py", A)
                self.plan(edits=GOOD, at=plan)
                begin = time.monotonic()
                self.assert_went_on(self.with_server(), "in time")
                self.assertLess(time.monotonic() - begin, 25)
        self.assert_gone()

    def test_one_that_does_not_leave(self):
        self.plan(edits=GOOD, at={"shutdown": ["stubborn", "children", "never"]})
        self.assert_done(self.with_server())
        self.assert_text(RENAMED)
        self.assert_gone()

    def assert_gone(self):
        children = [int(line.split()[1]) for line in self.log().splitlines() if line.startswith("child ")]
        self.assertTrue(children)
        wait_until(lambda: not any(map(is_running, children)), f"the end of {children}")

    def test_ends_with_this_program(self):
        self.plan(edits=GOOD, at={"textDocument/rename": ["children", "never"]})
        for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
            with self.subTest(number):
                self.file("a.py", A)
                pathlib.Path(f"{self.plan_file}.log").unlink(missing_ok=True)
                process = self.start("refactor", "rename", "A.run", "go", "--yes", "--language-server")
                wait_until(lambda: self.log().count("child ") == 2, "a server with children")
                os.kill(process.pid, number)
                self.assertEqual(self.finish(process).code, code)
                self.assert_gone()
                self.assert_text(A)

    def test_one_that_finds_nothing(self):
        self.plan(edits=[])
        self.assert_went_on(self.with_server(), "it names no place of the symbol")

    def test_one_that_is_not_there(self):
        self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"] = "python: no-such-server-there-is"
        self.assert_went_on(self.with_server(), "none is installed for this language")

    def test_a_list_that_makes_no_sense(self):
        self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"] = "pylsp"
        self.assert_error(self.with_server(), 3, "does not begin with a language and a colon")


class Consenting(Renaming):
    def setUp(self):
        super().setUp()
        self.plan(edits=GOOD)

    def assert_not_started(self):
        self.assertEqual(self.log(), "")

    def test_off_unless_asked_for(self):
        self.assert_done(self.rename())
        self.assert_not_started()
        self.assert_text(ALONE)

    def test_the_setting_alone_starts_nothing_in_an_unknown_project(self):
        self.env["OFFLINE_CODER_REFACTOR_USE_LANGUAGE_SERVER"] = "true"
        self.assert_went_on(self.rename(), "not confirmed for this project")
        self.assert_not_started()

    def test_no_option_wins(self):
        self.env["OFFLINE_CODER_REFACTOR_USE_LANGUAGE_SERVER"] = "true"
        self.assert_done(self.rename("--no-language-server"))
        self.assert_not_started()
        self.assertEqual(self.with_server("--no-language-server").code, 2)

    def test_a_yes_is_remembered(self):
        self.env["OFFLINE_CODER_REFACTOR_USE_LANGUAGE_SERVER"] = "true"
        for answer, expected in (("n\n", ALONE), ("y\n", RENAMED)):
            self.file("a.py", A)
            terminal = self.terminal("refactor", "rename", "A.run", "go", "--yes", NO_COLOR="1")
            terminal.wait_for("[y/N]")
            terminal.type(answer)
            done = terminal.finish()
            self.assert_done(done)
            self.assertIn("fake_language_server.py", done.out)
            self.assert_text(expected)
        self.file("a.py", A)
        self.assert_done(self.rename())
        self.assert_text(RENAMED)
        self.plan_file.rename(self.plan_file.with_name("other.json"))
        self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"] = f"python: python3 {FAKE} {self.plan_file}"
        self.file("a.py", A)
        self.assert_went_on(self.rename(), "not confirmed for this project")

    def test_a_project_can_only_switch_it_off(self):
        settings = self.work / ".offline-coder" / "config.yaml"
        settings.parent.mkdir()
        settings.write_text("refactor:\n  use_language_server: true\n")
        self.assert_error(self.rename(), 3, "may only be false in a project's file")
        settings.write_text("refactor:\n  language_servers: ['python: evil']\n")
        self.assert_error(self.rename(), 3, "may not be set by a project")
        del self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"]
        own = self.home / "config" / "config.yaml"
        own.parent.mkdir(parents=True)
        own.write_text("refactor:\n  use_language_server: true\n")
        settings.write_text("refactor:\n  use_language_server: false\n")
        done = self.rename()
        self.assert_done(done)
        self.assertNotIn("going on without", done.err)

    def test_programs_of_the_project_are_not_found(self):
        self.file("pylsp", "#!/bin/sh\ntouch started\n").chmod(0o755)
        self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"] = "python: ./pylsp"
        self.assert_error(self.with_server(), 3, "begins at the project's folder")
        self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"] = "python: pylsp"
        self.env["PATH"] = f".:{self.env['PATH']}"
        self.with_server()
        self.assertFalse((self.work / "started").exists())


class Real(Renaming):
    """With servers as people have them. What is not installed is skipped, and said."""

    def setUp(self):
        super().setUp()
        del self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"]

    def need(self, program):
        if shutil.which(program) is None:
            self.skipTest(f"{program} is not installed here")

    def test_clangd(self):
        self.need("clangd")
        self.file("box.hpp", "#pragma once\nstruct Box {\n  int size() const;\n};\nstruct Bag {\n  int size() const;\n};\n")
        self.file("box.cpp", '#include "box.hpp"\nint Box::size() const { return 1; }\nint Bag::size() const { return 2; }\n')
        use = '#include "box.hpp"\n// size\nint f(const Box& a, const Bag& b) { return /* ä😀 */ a.size() + b.size(); }\n'
        self.file("use.cpp", use)
        done = self.run_client("refactor", "rename", "Box::size", "length", "--yes", "--language-server", "--format", "json")
        self.assert_done(done)
        self.assert_text(use.replace("a.size", "a.length"), "use.cpp")
        self.assert_text('#include "box.hpp"\nint Box::length() const { return 1; }\nint Bag::size() const { return 2; }\n',
                         "box.cpp")
        answer = json.loads(done.out)
        self.assertEqual(answer["language_server"], "clangd", done)
        self.assertEqual(answer["not_named"], [], done)
        self.assertIn("b' is not known; clangd says it is the one at", answer["not_dared"][-1]["reason"])
        self.assertEqual(sorted(p.name for p in self.work.iterdir()), [".git", "box.cpp", "box.hpp", "use.cpp"])

    def test_pylsp(self):
        self.need("pylsp")
        self.env["OFFLINE_CODER_REFACTOR_LANGUAGE_SERVERS"] = "python: pylsp"
        self.file("a.py", A)
        use = "from a import A, B\n\na = A()\nb = B()\na.run()\nb.run()\nprint('run')\n"
        self.file("b.py", use)
        done = self.with_server("--format", "json")
        self.assert_done(done)
        self.assert_text(use.replace("a.run", "a.go"), "b.py")
        answer = json.loads(done.out)
        self.assertEqual(answer["language_server"], "pylsp", done)
        self.assertTrue(any("pylsp says it is the one at a.py:7" in d["reason"] for d in answer["not_dared"]), done)


if __name__ == "__main__":
    main()
