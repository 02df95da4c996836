#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes of files: whole or not at all, whatever happens in between, and taken back byte for byte.

By hand, much longer: OC_APPLY_KILLS=10000 OC_APPLY_TREES=1000 python3 -B apply_test.py BIN"""
import json
import os
import pathlib
import pty
import random
import re
import shutil
import stat
import subprocess
import time

from programs import CLIENT, main, wait_until
from terminal_test import Terminal, TerminalTest

KILLS = int(os.environ.get("OC_APPLY_KILLS", "60"))
TREES = int(os.environ.get("OC_APPLY_TREES", "40"))
SEED = int(os.environ.get("OC_APPLY_SEED", "1"))


def snapshot(folder):
    """Every name below: mode and bytes of files, where links lead, that a folder is there."""
    tree = {}
    for path in sorted(folder.rglob("*")):
        facts = path.lstat()
        name = os.fsencode(path.relative_to(folder))
        if stat.S_ISLNK(facts.st_mode):
            tree[name] = os.readlink(path)
        elif stat.S_ISREG(facts.st_mode):
            tree[name] = (stat.S_IMODE(facts.st_mode), path.read_bytes())
        else:
            tree[name] = stat.S_IFMT(facts.st_mode)
    return tree


def names_of_difference(one, other):
    return sorted(name for name in set(one) | set(other) if one.get(name) != other.get(name))


def block(name, text, language=""):
    return f"**{name}**\n```{language}\n{text}```\n\n"


def search_replace(name, old, new):
    return f"{name}\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n\n"


def removal(name, text):
    lines = text.splitlines()
    return f"--- a/{name}\n+++ /dev/null\n@@ -1,{len(lines)} +0,0 @@\n" + "".join(f"-{line}\n" for line in lines) + "\n"


class Applying(TerminalTest):
    def setUp(self):
        super().setUp()
        self.answer = self.root / "answer"

    def apply(self, answer, *words, env=None, cwd=None):
        self.answer.write_bytes(answer.encode() if isinstance(answer, str) else answer)
        with open(self.answer, "rb") as stdin:
            return self.run_client("apply", *words, stdin=stdin, env=env)

    def undo(self, *words, command="undo"):
        return self.run_client(command, "--yes", *words)

    def any_command(self):
        return self.run_client("model", "list")

    def journals(self):
        return [p for folder in (self.home, self.work) for p in folder.rglob("changes.db")]

    def journal(self):
        found = self.journals()
        self.assertEqual(len(found), 1, found)
        return found[0]

    def leftovers(self):
        return [p for p in self.root.rglob(".offline-coder-*")]

    def assert_same(self, before, why=""):
        now = snapshot(self.work)
        self.assertEqual(names_of_difference(before, now), [], why)


class Killed(Applying):
    """SIGKILL at any moment of a change of several files."""

    BEFORE = {
        "one.py": (0o644, b"a = 1\nb = 2\nc = 3\n"),
        "two.py": (0o755, b"a = 1\r\nb = 2\r\nc = '\xff\xfe'"),
        "gone.py": (0o750, b"x = 1\ny = 2\n"),
        "sub/gone.txt": (0o600, b"only\n"),
        "large.txt": (0o644, b"first\n" + b"".join(b"line %d of many\n" % i for i in range(9000))),
    }
    ANSWER = (search_replace("one.py", "a = 1\n", "a = 10\n") + search_replace("two.py", "b = 2\n", "b = 20\n")
              + removal("gone.py", "x = 1\ny = 2\n") + search_replace("large.txt", "first\n", "one\n")
              + block("new/deep/er/x.py", "x = 1\n", "python") + block("new/y.py", "y = 1\n", "python")
              + removal("sub/gone.txt", "only\n"))

    def rebuild(self):
        for path in self.work.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name, (mode, data) in self.BEFORE.items():
            path = self.work / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            path.chmod(mode)

    def launch(self, command, checks):
        self.answer.write_text(self.ANSWER)
        env = {"OFFLINE_CODER_CHECK_COMMANDS": "sh: exit 0"} if checks else {}
        with open(self.answer, "rb") as stdin:
            words = ["apply", "--yes", "--quiet"] if command == "apply" else [command, "--yes", "--quiet"]
            return subprocess.Popen([CLIENT, *words], cwd=self.work, env={**self.env, **env}, stdin=stdin,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def seconds(self, command, checks):
        started = time.monotonic()
        self.assertEqual(self.launch(command, checks).wait(), 0, command)
        return time.monotonic() - started

    def bring_to(self, state):
        """Through the program where there is something to go back to: no state of the journal may stand in the way."""
        for command in ("undo", "redo"):
            if snapshot(self.work) != state:
                self.run_client(command, "--yes", "--quiet")
        self.assert_same(state, "undo or redo after a kill")

    def check_files(self, before, after, what):
        """What is there before anything recovers: no file is half of anything."""
        for name, value in snapshot(self.work).items():
            if not isinstance(value, tuple) or pathlib.Path(os.fsdecode(name)).name.startswith(".offline-coder-"):
                continue
            known = [state[name][1] for state in (before, after) if name in state]
            self.assertIn(value[1], known, f"{name} is neither before nor after: {what}")

    def check_recovery(self, before, after, what):
        mixed = snapshot(self.work)
        done = self.run_client("undo", "--list", "--format", "json")
        self.assertEqual(done.code, 0, done)
        now = snapshot(self.work)
        self.assertIn(now, (before, after), f"{what}: {names_of_difference(now, before)}, {names_of_difference(now, after)}, {done}")
        self.assertEqual(self.leftovers(), [], what)
        if mixed not in (before, after):
            self.assertIn("a change that had been interrupted", done.err, what)
        if "was finished" in done.err or "was taken back" in done.err:
            self.told += 1
        changes = json.loads(done.out)["changes"]
        stands = not all(change["undone"] for change in changes)
        self.assertEqual(stands, now == after, f"{what}: the list says otherwise: {changes[:1]}")
        again = self.run_client("undo", "--list", "--quiet")
        self.assertEqual((again.code, again.err), (0, ""), "recovered twice")
        return now

    def test_every_file_is_before_or_after_and_the_next_command_ends_it(self):
        chance = random.Random(SEED)
        self.rebuild()
        before = snapshot(self.work)
        times = {("apply", False): self.seconds("apply", False)}
        after = snapshot(self.work)
        self.assertEqual(len(names_of_difference(before, after)), 10, names_of_difference(before, after))
        times["undo", False] = self.seconds("undo", False)
        self.assert_same(before)
        times["redo", False] = self.seconds("redo", False)
        self.assert_same(after)
        self.undo()
        times["apply", True] = self.seconds("apply", True)
        self.bring_to(before)
        self.told, mixed, states = 0, 0, {True: 0, False: 0}
        for number in range(KILLS):
            if number % 20 == 19:
                shutil.rmtree(self.home)
                self.rebuild()
            kind = chance.choice([("apply", False), ("apply", False), ("apply", True), ("undo", False), ("redo", False)])
            if kind[0] != "apply":
                self.rebuild()
                self.assert_done(self.apply(self.ANSWER, "--yes", "--quiet"))
                if kind[0] == "redo":
                    self.assert_done(self.undo())
            process = self.launch(*kind)
            delay = chance.uniform(0, times[kind] * 1.05)
            time.sleep(delay)
            process.kill()
            process.wait()
            what = f"kill {number}, {kind}, after {delay * 1000:.2f} ms"
            self.check_files(before, after, what)
            mixed += snapshot(self.work) not in (before, after)
            states[self.check_recovery(before, after, what) == after] += 1
            if snapshot(self.work) != before:
                self.bring_to(before)
        print(f"\n{KILLS} kills: {mixed} left a tree between before and after, {self.told} changes were ended by the next "
              f"command; {states[False]} trees were before at the end, {states[True]} after", flush=True)

    def test_a_killed_trial_is_taken_back(self):
        self.rebuild()
        before = snapshot(self.work)
        self.answer.write_text(self.ANSWER)
        env = {"OFFLINE_CODER_CHECK_COMMANDS": f"sh: echo >'{self.root}/begun'; exec sleep 100"}
        with open(self.answer, "rb") as stdin:
            process = self.start("apply", "--yes", stdin=stdin, env=env)
        wait_until((self.root / "begun").exists, "a check that runs")
        self.assertNotEqual(snapshot(self.work), before)
        process.kill()
        process.wait()
        # Any command does it.
        done = self.any_command()
        self.assertIn("a change that had been interrupted was taken back (apply)", done.err)
        self.assert_same(before)
        self.assertEqual(json.loads(self.run_client("undo", "--list", "--format", "json").out)["changes"], [])

    def test_what_somebody_changed_after_the_kill_stays(self):
        self.test_a_killed_trial_is_taken_back()
        (self.root / "begun").unlink()
        before = snapshot(self.work)
        env = {"OFFLINE_CODER_CHECK_COMMANDS": f"sh: echo >'{self.root}/begun'; exec sleep 100"}
        with open(self.answer, "rb") as stdin:
            process = self.start("apply", "--yes", stdin=stdin, env=env)
        wait_until((self.root / "begun").exists, "a check that runs")
        process.kill()
        process.wait()
        (self.work / "one.py").write_bytes(b"mine\n")
        (self.work / "new" / "mine").write_bytes(b"mine\n")
        done = self.run_client("undo", "--list")
        self.assertIn("'one.py' was left alone: it was changed by something else meanwhile", done.err)
        now = snapshot(self.work)
        self.assertEqual(names_of_difference(before, now), [b"new", b"new/mine", b"one.py"])
        self.assertEqual(now[b"one.py"][1], b"mine\n")


class Undone(Applying):
    """Undo is byte for byte, in trees as they are."""

    def random_tree(self, chance):
        """{name: lines}; each line is unique and some are plain enough to be quoted in an answer."""
        tree = {}
        for number in range(chance.randint(1, 5)):
            folder = chance.choice(["", "", "a/", "a/b/", "ü/"])
            ending = chance.choice([b"\n", b"\n", b"\r\n"])
            count = chance.randint(1, 30)
            lines = []
            for i in range(count):
                text = b"word %d of %d" % (i, number)
                if i and chance.random() < 0.2:
                    text += chance.choice([b" \xff\xfe", b" \xc3\xa4", b"\t\t", b"   ", b" \xf0\x9f", b" \xe2\x80\xae"])
                lines.append(text + (chance.choice([b"\n", b"\r\n"]) if chance.random() < 0.05 else ending))
            if chance.random() < 0.4:
                lines[-1] = lines[-1].rstrip(b"\r\n")
            if chance.random() < 0.2:
                lines[0] = b"\xef\xbb\xbf" + lines[0]
            tree[f"{folder}file{number}.txt"] = lines
        return tree

    def write(self, tree, chance):
        for path in self.work.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name, lines in tree.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(lines))
            path.chmod(chance.choice([0o644, 0o755, 0o600, 0o640, 0o700]))

    def random_answer(self, tree, chance):
        """(answer, what each file may hold afterwards; None: gone): the end of a line that is replaced is free in mixed files"""
        answer, wanted = "", {}
        for name, lines in tree.items():
            plain = [i for i, line in enumerate(lines) if re.fullmatch(rb"word \d+ of \d+(\r?\n)?", line)]
            whole = b"".join(lines)
            if whole.isascii() and b"\r" not in whole and whole.endswith(b"\n") and chance.random() < 0.3:
                answer += removal(name, whole.decode())
                wanted[name] = [None]
            elif plain:
                at = chance.choice(plain)
                old = lines[at].rstrip(b"\r\n")
                answer += search_replace(name, old.decode() + "\n", "other words\n")
                wanted[name] = [b"".join(lines[:at]) + b"other words" + end + b"".join(lines[at + 1:])
                                for end in ([b"\n", b"\r\n"] if lines[at] != old else [b""])]
        if chance.random() < 0.5:
            answer += block("fresh/deep/new.txt", "new words\n", "text")
            wanted["fresh/deep/new.txt"] = [b"new words\n"]
        return answer, wanted

    def test_byte_exact_in_random_trees(self):
        chance = random.Random(SEED)
        changed = 0
        for number in range(TREES):
            if self.home.exists():
                shutil.rmtree(self.home)  # 'redo' is about this tree alone
            tree = self.random_tree(chance)
            self.write(tree, chance)
            before = snapshot(self.work)
            answer, wanted = self.random_answer(tree, chance)
            if not wanted:
                continue
            done = self.apply(answer, "--yes", "--quiet")
            self.assert_done(done)
            after = snapshot(self.work)
            for name, data in wanted.items():
                got = after.get(os.fsencode(name))
                self.assertIn(got[1] if got else None, data, f"tree {number}: {name}\n{answer}")
                if got and os.fsencode(name) in before:
                    self.assertEqual(got[0], before[os.fsencode(name)][0], f"tree {number}: mode of {name}")
            changed += len(wanted)
            for command, state in (("undo", before), ("redo", after), ("undo", before)):
                self.assert_done(self.undo("--quiet", command=command))
                self.assert_same(state, f"tree {number}: {command}\n{answer}")
        print(f"\n{TREES} trees, {changed} files changed and taken back", flush=True)

    def test_a_removed_secret_comes_back_for_its_owner_alone(self):
        self.file("secret.txt", "s\n").chmod(0o600)
        self.assert_done(self.apply(removal("secret.txt", "s\n"), "--yes"))
        self.assertFalse((self.work / "secret.txt").exists())
        self.assert_done(self.undo())
        self.assertEqual(stat.S_IMODE((self.work / "secret.txt").stat().st_mode), 0o600)

    def test_what_a_check_formats_is_no_change_of_the_user(self):
        self.file("one.py", "a = 1\n")
        env = {"OFFLINE_CODER_CHECK_COMMANDS": "sh: echo '# formatted' >>one.py; echo >made-by-check"}
        self.assert_done(self.apply(block("one.py", "a = 2\n"), "--yes", env=env))
        self.assertEqual((self.work / "one.py").read_text(), "a = 2\n")
        self.assert_done(self.undo())
        self.assertEqual((self.work / "one.py").read_text(), "a = 1\n")
        changes = json.loads(self.run_client("undo", "--list", "--format", "json").out)["changes"]
        self.assertEqual([c["title"] for c in changes if c["title"] == "apply"], ["apply"], changes)


class Asked(Applying):
    """Between the diff and the yes."""

    class Redirected(Terminal):
        """A program in a terminal that reads an answer from a file."""

        def __init__(self, words, answer, folder, env):
            self.text = b""
            self.process, self.fd = pty.fork()
            if self.process == 0:
                try:
                    os.chdir(folder)
                    os.dup2(os.open(answer, os.O_RDONLY), 0)
                    os.execve(str(CLIENT), [str(CLIENT), *words], env)
                finally:
                    os._exit(127)

    def ask(self, answer, *words):
        self.answer.write_text(answer)
        terminal = self.Redirected(["apply", *words], self.answer, self.work, {**self.env, "TERM": "xterm", "NO_COLOR": "1"})
        self.addCleanup(terminal.kill)
        terminal.wait_for("[y/N]")
        return terminal

    def test_yes_and_no(self):
        self.file("one.py", "a = 1\n")
        for keys, code, text in (("n\n", 7, "a = 1\n"), ("\n", 7, "a = 1\n"), ("\x04", 7, "a = 1\n"), ("y\n", 0, "a = 2\n")):
            terminal = self.ask(block("one.py", "a = 2\n"))
            terminal.type(keys)
            self.assertEqual(terminal.finish().code, code)
            self.assertEqual((self.work / "one.py").read_text(), text)

    def changed_meanwhile(self, change, code=6):
        self.file("one.py", "a = 1\n")
        self.file("two.py", "b = 1\n")
        terminal = self.ask(block("one.py", "a = 2\n") + block("two.py", "b = 2\n") + block("sub/new.py", "n = 1\n"))
        change()
        now = snapshot(self.work)
        terminal.type("y\n")
        done = terminal.finish()
        self.assertEqual(done.code, code, done)
        self.assert_same(now, done)
        self.assertEqual(self.leftovers(), [])
        return done

    def test_a_file_was_edited(self):
        done = self.changed_meanwhile(lambda: (self.work / "two.py").write_text("b = 7\n"))
        self.assertIn("'two.py': it was changed meanwhile", done.out)

    def test_a_file_was_removed(self):
        self.changed_meanwhile(lambda: (self.work / "two.py").unlink())

    def test_a_file_became_a_folder(self):
        self.changed_meanwhile(lambda: ((self.work / "two.py").unlink(), (self.work / "two.py").mkdir()), code=7)

    def test_a_file_became_a_pipe(self):
        self.changed_meanwhile(lambda: ((self.work / "two.py").unlink(), os.mkfifo(self.work / "two.py")), code=7)

    def test_a_file_became_a_link_to_its_equal(self):
        def change():
            (self.root / "elsewhere").write_text("b = 1\n")
            (self.work / "two.py").unlink()
            (self.work / "two.py").symlink_to(self.root / "elsewhere")
        self.changed_meanwhile(change, code=7)
        self.assertEqual((self.root / "elsewhere").read_text(), "b = 1\n")

    def test_a_folder_became_a_link_that_leads_outside(self):
        (self.root / "outside").mkdir()
        self.changed_meanwhile(lambda: (self.work / "sub").symlink_to(self.root / "outside"), code=7)
        self.assertEqual(list((self.root / "outside").iterdir()), [])

    def test_a_new_file_appeared(self):
        def change():
            (self.work / "sub").mkdir()
            (self.work / "sub" / "new.py").write_text("theirs\n")
        self.changed_meanwhile(change)

    def test_two_at_once(self):
        # The second is there while the first one has the journal: it changes nothing and says why.
        self.file("one.py", "a = 1\n")
        self.file("two.py", "b = 1\n")
        self.answer.write_text(block("one.py", "a = 2\n"))
        env = {"OFFLINE_CODER_CHECK_COMMANDS": f"sh: echo >'{self.root}/begun'; while ! test -e '{self.root}/go'; do sleep 0.05; done"}
        with open(self.answer, "rb") as stdin:
            first = self.start("apply", "--yes", stdin=stdin, env=env)
        wait_until((self.root / "begun").exists, "a check that runs")
        second = self.apply(block("two.py", "b = 2\n"), "--yes")
        self.assert_error(second, 6, "another command is changing files of this workspace", "wait until it has ended")
        self.assertEqual((self.work / "two.py").read_text(), "b = 1\n")
        (self.root / "go").touch()
        self.assert_done(self.finish(first))
        self.assertEqual((self.work / "one.py").read_text(), "a = 2\n")
        self.assert_done(self.apply(block("two.py", "b = 2\n"), "--yes"))

    def test_two_answers_for_one_file(self):
        self.file("one.py", "a = 1\n")
        first = self.ask(block("one.py", "a = 2\n"))
        second = self.ask(block("one.py", "a = 3\n"))
        second.type("y\n")
        self.assertEqual(second.finish().code, 0)
        first.type("y\n")
        self.assertEqual(first.finish().code, 6)
        self.assertEqual((self.work / "one.py").read_text(), "a = 3\n")


if __name__ == "__main__":
    main()
