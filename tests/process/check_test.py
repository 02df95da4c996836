#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands that the program runs: asked for at a terminal, without one of their own, and gone when it is."""
import os
import pathlib
import signal

from programs import main, wait_until
from terminal_test import TerminalTest


def is_running(process):
    """A zombie is not: whoever should wait for it may be slow to do so."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Checks(TerminalTest):
    def project_file(self, *commands):
        folder = self.work / ".offline-coder"
        folder.mkdir(exist_ok=True)
        lines = "".join(f"    - '{command}'\n" for command in commands)
        (folder / "config.yaml").write_text("check:\n  commands:\n" + lines)

    def ids(self, count):
        """The process ids that a command wrote to the file `ids`."""
        file = self.work / "ids"
        wait_until(lambda: file.exists() and file.read_text().count("\n") >= count, "a command that has started")
        return [int(line) for line in file.read_text().split()]

    def assert_gone(self, ids):
        wait_until(lambda: not any(map(is_running, ids)), f"the end of {ids}")


class Asking(Checks):
    def ask(self, answer, *words):
        terminal = self.terminal("check", *words, NO_COLOR="1")
        terminal.wait_for("[y/N]")
        terminal.type(answer)
        return terminal.finish()

    def test_yes_is_remembered(self):
        self.project_file("sh: echo x >>ran", "ls ran")
        done = self.ask("y\n")
        self.assert_done(done)
        self.assertIn("  sh: echo x >>ran\n  ls ran\n", done.out)
        self.assertEqual((self.work / "ran").read_text(), "x\n")
        self.assert_done(self.in_terminal("check"))
        self.assert_done(self.run_client("check"))
        self.assertEqual((self.work / "ran").read_text(), "x\nx\nx\n")

    def test_no_is_not(self):
        self.project_file("sh: echo x >>ran")
        for answer in ("n\n", "\n", "yess\n", "\x04"):
            self.assertEqual(self.ask(answer).code, 7)
            self.assertEqual(self.ask(answer, "--trust").code, 7)
        self.assertFalse((self.work / "ran").exists())

    def test_only_what_is_new_is_asked_for(self):
        self.project_file("ls", "sh: exit 0")
        self.assert_done(self.ask("y\n", "--trust"))
        self.project_file("ls", "sh: exit 0 #")
        done = self.ask("y\n")
        self.assert_done(done)
        self.assertNotIn("  ls\n", done.out)
        self.assertIn("  sh: exit 0 #\n", done.out)

    def test_a_command_cannot_hide_behind_controls(self):
        self.project_file("ls")
        text = (self.work / ".offline-coder" / "config.yaml").read_text()
        (self.work / ".offline-coder" / "config.yaml").write_text(text.replace("'ls'", '"ls \\u202Etxt.\\u2066 \\u200B"'))
        done = self.ask("n\n")
        self.assertIn(r"ls \xe2\x80\xaetxt.\xe2\x81\xa6 \xe2\x80\x8b", done.out)

    def test_a_pipe_is_nobody_to_ask(self):
        self.project_file("sh: echo x >>ran")
        self.assert_error(self.run_client("check"), 7, "offline-coder check --trust")
        self.assertFalse((self.work / "ran").exists())


class Running(Checks):
    def setUp(self):
        super().setUp()
        self.env["OFFLINE_CODER_CHECK_SECONDS"] = "300"

    def commands(self, *lines):
        self.env["OFFLINE_CODER_CHECK_COMMANDS"] = "\n".join(lines)

    def test_without_the_users_terminal(self):
        self.commands("sh: for fd in 0 1 2; do test -t $fd && echo fd $fd; done; (: </dev/tty) 2>/dev/null && echo tty; exit 1")
        done = self.in_terminal("check", NO_COLOR="1")
        self.assertEqual(done.code, 1, done)
        self.assertNotIn("fd ", done.out.split("exit code 1")[1])
        self.assertNotIn("tty", done.out.split("exit code 1")[1])

    def test_what_it_prints_cannot_control_the_terminal(self):
        self.commands(r"sh: printf '\033]0;title\007\033[2Jred\r\n'; exit 1")
        for words in (["check"], ["check", "--verbose"]):
            done = self.in_terminal(*words, NO_COLOR="1", TERM="dumb")
            self.assertIn("red", done.out)
            self.assertNotRegex(done.out, r"[\x00-\x09\x0b-\x1f\x7f]", done)

    def test_ends_with_ctrl_c(self):
        self.commands("sh: echo $$ >>ids; setsid sh -c \"echo \\$\\$ >>ids; exec sleep 1000\" & wait")
        terminal = self.terminal("check")
        ids = self.ids(2)
        terminal.type("\x03")
        self.assertEqual(terminal.finish().code, 130)
        self.assert_gone(ids)

    def test_ends_when_this_program_is_killed(self):
        self.commands("sh: trap \"\" TERM; echo $$ >>ids; setsid sh -c \"echo \\$\\$ >>ids; exec sleep 1000\" & wait")
        process = self.start("check")
        ids = self.ids(2)
        os.kill(process.pid, signal.SIGKILL)
        self.assert_gone(ids)


if __name__ == "__main__":
    main()
