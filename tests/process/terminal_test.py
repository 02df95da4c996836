#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With a person at a terminal: progress, colours, questions, Ctrl-C by keyboard."""
import os
import pty
import re
import select
import time

from programs import CLIENT, PATIENCE_S, Done, ProcessTest, main, wait_until

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
STATUS = "\r\x1b[K"


class Terminal:
    """A program in a pseudo-terminal of its own."""

    def __init__(self, words, folder, env):
        self.text = b""
        self.process, self.fd = pty.fork()
        if self.process == 0:
            try:
                os.chdir(folder)
                os.execve(str(CLIENT), [str(CLIENT), *map(str, words)], env)
            finally:
                os._exit(127)

    def read(self, seconds):
        """False at the program's end."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            got = os.read(self.fd, 65536)
        except OSError:  # Linux: the other end is closed
            got = b""
        self.text += got
        return bool(got)

    def wait_for(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text.encode() not in self.text:
            if not self.read(0.05) or time.monotonic() > end:
                raise AssertionError(f"{text!r} is not in {self.text!r}")

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def finish(self):
        end = time.monotonic() + PATIENCE_S
        while self.read(0.05):
            if time.monotonic() > end:
                self.kill()
                raise AssertionError(f"still running: {self.text!r}")
        _, status = os.waitpid(self.process, 0)
        self.process = None
        return Done(os.waitstatus_to_exitcode(status), self.text.decode().replace("\r\n", "\n"), "")

    def kill(self):
        if self.process:
            os.kill(self.process, 9)
            os.waitpid(self.process, 0)
            self.process = None
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


class TerminalTest(ProcessTest):
    def terminal(self, *words, **env):
        terminal = Terminal(words, self.work, {**self.env, "TERM": "xterm", **env})
        self.addCleanup(terminal.kill)
        return terminal

    def in_terminal(self, *words, **env):
        return self.terminal(*words, **env).finish()


MARKDOWN = "# Title\nSome `code` here.\n```python\nx = 1\n```\n"


class Showing(TerminalTest):
    def test_progress_is_shown_and_removed(self):
        script = self.script({"answer": "the answer\n", "prefill_ms": 300})
        terminal = self.terminal("explain", "--script", script, "why?")
        terminal.wait_for("reading: ")
        shown = terminal.finish()
        self.assert_done(shown)
        status = shown.out.rindex("reading: ")
        self.assertGreater(shown.out.index(STATUS, status), status, shown)
        self.assertTrue(shown.out.endswith(STATUS + "the answer\n"), shown)

    def test_waiting_for_another_request_is_shown(self):
        first = self.script({"answer": "x" * 400, "delay_ms": 100}, "second")
        other = self.start("explain", "--script", first, "why?")
        other.stdout.read(1)
        terminal = self.terminal("explain", "--script", first, "why?")
        terminal.wait_for("waiting: 1 request ahead")
        other.terminate()
        self.assertIn("second", terminal.finish().out)

    def test_text_is_coloured(self):
        shown = self.in_terminal("explain", "--script", self.script(MARKDOWN), "why?")
        self.assert_done(shown)
        # A piece has its own sequences: the text is shown as it comes, four bytes at a time.
        self.assertIn("\x1b[1;34m# Ti\x1b[0m\x1b[1;34mtle\x1b[0m", shown.out)
        self.assertIn("\x1b[36mx = ", shown.out)
        self.assertTrue(COLOUR.sub("", shown.out).endswith(STATUS + MARKDOWN), shown)

    def test_no_color(self):
        shown = self.in_terminal("explain", "--script", self.script(MARKDOWN), "why?", NO_COLOR="1")
        self.assert_done(shown)
        self.assertNotRegex(shown.out, COLOUR)
        self.assertTrue(shown.out.endswith(MARKDOWN), shown)

    def test_dumb_terminal(self):
        script = self.script({"answer": MARKDOWN, "prefill_ms": 100})
        self.assertEqual(self.in_terminal("explain", "--script", script, "why?", TERM="dumb").out, MARKDOWN)

    def test_quiet(self):
        script = self.script({"answer": MARKDOWN, "prefill_ms": 100})
        shown = self.in_terminal("explain", "--quiet", "--script", script, "why?", NO_COLOR="1")
        self.assertEqual(shown.out, MARKDOWN)

    def test_json_is_no_place_for_colours(self):
        script = self.script(MARKDOWN)
        shown = self.in_terminal("explain", "--format", "json", "--quiet", "--script", script, "why?")
        self.assert_done(shown)
        self.assertNotIn("\x1b", shown.out)
        self.assertEqual(shown.out.count("\n"), 1)

    def test_an_answer_cannot_control_the_terminal(self):
        evil = "safe\x1b]0;title\x07 \x1b[31mred\x1b[2J \x9b1m \x1bP1$q\x1b\\ a\rb \x1b]52;c;ZXZpbA==\x07 \u202etrick\u202c \x08\x08 end\n"
        for words in (["explain", "--script", self.script(evil), "why?"], ["gen", "--script", self.script(evil, name="s2"), "write it"]):
            shown = self.in_terminal(*words, NO_COLOR="1")
            self.assert_done(shown)
            answer = shown.out[shown.out.index("safe"):]
            self.assertTrue(answer.endswith(" end\n"), shown)
            self.assertNotRegex(answer, r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
            for part in ("ZXZpbA==", "title", "[31m", "[2J"):
                self.assertNotIn(part, answer)

    def test_an_error_cannot_control_the_terminal(self):
        evil = {"error": {"kind": "engine", "message": "no \x1b[2J\x1b]0;x\x07 way", "hint": "try \x1b[31m that"}}
        shown = self.in_terminal("explain", "--script", self.script(evil), "why?", NO_COLOR="1")
        self.assertEqual(shown.code, 8)
        message = shown.out[shown.out.index("offline-coder: "):]
        self.assertNotIn("\x1b", message, shown)
        missing = self.in_terminal("explain", "--file", "a\x1b[2Jb.py", NO_COLOR="1")
        self.assertNotIn("\x1b", missing.out, missing)

    def test_ctrl_c_by_keyboard(self):
        script = self.script({"answer": "partial words " * 300, "delay_ms": 50})
        terminal = self.terminal("explain", "--script", script, "why?")
        terminal.wait_for("partial")
        started = time.monotonic()
        terminal.type("\x03")
        shown = terminal.finish()
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual(shown.code, 130, shown)
        self.assertTrue(shown.out.endswith("\n"), shown)
        # The key goes to every process of the terminal's group; the engine is in none.
        self.assertEqual(len(self.engines()), 1)
        self.assert_usable()

    def test_ctrl_c_during_the_prefill_removes_the_progress(self):
        terminal = self.terminal("explain", "--script", self.script({"answer": "x", "prefill_ms": 60000}), "why?")
        terminal.wait_for("reading: ")
        terminal.type("\x03")
        shown = terminal.finish()
        self.assertEqual(shown.code, 130, shown)
        self.assertTrue(shown.out.rstrip("\n").endswith(STATUS), shown)

    def test_closing_the_terminal_stops_the_answer(self):
        script = self.script({"answer": "partial words " * 300, "delay_ms": 50})
        terminal = self.terminal("explain", "--script", script, "why?")
        terminal.wait_for("partial")
        os.close(terminal.fd)
        terminal.fd = None
        _, status = os.waitpid(terminal.process, 0)
        terminal.process = None
        self.assertNotEqual(status, 0)
        wait_until(lambda: self.peer().status()["queued"] == 0, "an engine that has stopped the answer", 5)
        self.assert_usable()


class Asking(TerminalTest):
    def setUp(self):
        super().setUp()
        self.target = self.file("app.py", "x = 1\ny = 2\n")

    def ask(self):
        script = self.script("x = 1\ny = 3\n```\n")
        terminal = self.terminal("gen", "--script", script, "--file", "app.py", "--write", "make y three")
        terminal.wait_for("Write app.py? [y/N]")
        return terminal

    def assert_untouched(self):
        self.assertEqual(self.target.read_text(), "x = 1\ny = 2\n")
        self.assertEqual(sorted(p.name for p in self.work.iterdir()), ["app.py", "script"])

    def test_yes(self):
        terminal = self.ask()
        self.assert_untouched()
        terminal.type("y\n")
        shown = terminal.finish()
        self.assert_done(shown)
        for line in ("\x1b[31m-y = 2", "\x1b[32m+y = 3", "wrote app.py"):
            self.assertIn(line, shown.out)
        self.assertEqual(self.target.read_text(), "x = 1\ny = 3\n")
        self.assertEqual(sorted(p.name for p in self.work.iterdir()), ["app.py", "script"])

    def test_no_and_everything_that_is_not_yes(self):
        for answer in ("n\n", "\n", "yesterday\n", "\x04"):
            terminal = self.ask()
            terminal.type(answer)
            shown = terminal.finish()
            self.assertEqual(shown.code, 7, (answer, shown))
            self.assertIn("'app.py' was not changed", shown.out)
            self.assert_untouched()

    def test_ctrl_c_at_the_question(self):
        terminal = self.ask()
        terminal.type("\x03")
        shown = terminal.finish()
        self.assertEqual(shown.code, 130, shown)
        self.assertNotIn("was not changed: nobody said yes", shown.out)
        self.assert_untouched()

    def test_changed_while_being_asked(self):
        terminal = self.ask()
        self.target.write_text("x = 1\ny = 2\nmine = 3\n")
        terminal.type("y\n")
        shown = terminal.finish()
        self.assertEqual(shown.code, 6, shown)
        self.assertIn("it was changed meanwhile", shown.out)
        self.assertEqual(self.target.read_text(), "x = 1\ny = 2\nmine = 3\n")

    def test_a_new_file_is_not_asked_for(self):
        script = self.script("z = 3\n```\n")
        shown = self.in_terminal("gen", "--script", script, "--file", "new.py", "--write", "write z")
        self.assert_done(shown)
        self.assertNotIn("[y/N]", shown.out)
        self.assertEqual((self.work / "new.py").read_text(), "z = 3\n")

    def test_nobody_there_to_ask(self):
        script = self.script("x = 1\ny = 3\n```\n")
        done = self.run_client("gen", "--script", script, "--file", "app.py", "--write", "make y three")
        self.assert_error(done, 7, "'app.py' was not changed: nobody said yes", "hint: add --yes")
        self.assert_untouched()

    def test_the_diff_cannot_control_the_terminal(self):
        script = self.script("x = 1\ny = 3  # \x1b[2J\x1b]0;x\x07\n```\n")
        self.target.write_text("x = 1\ny = 2  # \x1b]0;old\x07\n")
        terminal = self.terminal("gen", "--script", script, "--file", "app.py", "--write", "make y three", NO_COLOR="1")
        terminal.wait_for("[y/N]")
        terminal.type("n\n")
        shown = terminal.finish().out
        self.assertNotIn("\x1b", shown[shown.index("app.py"):])


if __name__ == "__main__":
    main()
