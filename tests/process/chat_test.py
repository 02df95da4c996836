#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Conversations: nothing that was confirmed is lost, whatever dies; one program a session; keys in, screen out.

OFFLINE_CODER_CHAT_KILLS sets how many times the program is killed at a random moment."""
import fcntl
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import termios
import time

from programs import CLIENT, PATIENCE_S, STARTER, Done, ProcessTest, main, wait_until
from terminal_test import COLOUR, Terminal

# An answer that does not go round in circles, which would end it.
ENDLESS = "word " * 20 + " ".join(f"word{i}" for i in range(5000))
KILLS = int(os.environ.get("OFFLINE_CODER_CHAT_KILLS", "40"))


class ChatTest(ProcessTest):
    def run_client(self, *words, stdin=None, **popen):
        if stdin is None:
            return super().run_client(*words, **popen)
        process = self.start(*words, stdin=subprocess.PIPE, **popen)
        out, err = process.communicate(stdin.encode(), timeout=PATIENCE_S)
        return Done(process.returncode, out.decode(), err.decode())

    def sessions(self, *words):
        done = self.run_client("session", *words, "--format", "json")
        self.assert_done(done)
        return json.loads(done.out)

    def turns(self, session=1):
        return self.sessions("export", str(session))["session"]["turns"]

    def endless(self, **more):
        return self.script({"answer": ENDLESS, "delay_ms": 5, **more})


class Deaths(ChatTest):
    def test_what_was_confirmed_survives_kills_at_random_moments(self):
        confirmed, asked = {}, 0
        generator = random.Random(7)
        script = self.script(*[{"answer": f"answer {i} " + "word " * 10, "delay_ms": 1} for i in range(4000)])
        for round_number in range(KILLS):
            chat = self.start("chat", "--continue", "--lines", "--format", "jsonl", "--script", script, stdin=subprocess.PIPE)
            lines = []
            for _ in range(20):
                asked += 1
                lines.append(f"question {asked}.")
            chat.stdin.write("".join(line + "\n" for line in lines).encode())
            chat.stdin.flush()
            time.sleep(generator.uniform(0, 0.35))
            chat.kill()
            out = chat.communicate()[0]
            for line in out.splitlines():
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # it died in the middle of it
                if event.get("event") == "done":
                    confirmed[event["turn"], event["session"]] = event["answer"]
        by_session = {session["id"]: self.turns(session["id"]) for session in self.sessions("list")["sessions"]}
        for (turn, session), answer in confirmed.items():
            kept = by_session[session][turn - 1]
            self.assertEqual(kept["answer"], answer)
            self.assertEqual(kept["state"], "done")
        self.assertTrue(KILLS < 20 or confirmed, "no round came as far as an answer")
        check = sqlite3.connect(self.home / "data" / "state.db").execute("PRAGMA integrity_check").fetchone()
        self.assertEqual(check, ("ok",))
        # And it goes on.
        self.assert_done(self.run_client("chat", "--continue", "--script", self.script("Still here.", name="last"), stdin="Well?"))

    def test_a_question_is_kept_before_it_is_answered(self):
        chat = self.start("chat", "--script", self.script({"answer": "x", "prefill_ms": 60000}), stdin=subprocess.PIPE)
        chat.stdin.write(b"Is this kept?")
        chat.stdin.close()
        wait_until(lambda: (self.home / "data" / "state.db").exists() and self.sessions("list")["sessions"], "a session")
        chat.kill()
        chat.wait()
        chat.stdout.close()
        self.assertEqual([(t["question"], t["state"]) for t in self.turns()], [("Is this kept?", "open")])

    def test_the_part_of_an_answer_survives(self):
        chat = self.start("chat", "--script", self.endless(), stdin=subprocess.PIPE)
        chat.stdin.write(b"Why?")
        chat.stdin.close()
        chat.stdout.read(1)
        wait_until(lambda: "word" in self.turns()[0]["answer"], "a part that is kept")
        chat.kill()
        chat.wait()
        chat.stdout.close()
        script = self.script({"expect": ["Why?", "word word", "Go on"], "answer": "On."}, name="second")
        self.assert_done(self.run_client("chat", "--continue", "--script", script, stdin="Go on"))
        self.assertEqual([t["state"] for t in self.turns()], ["stopped", "done"])

    def test_an_engine_that_dies_ends_the_turn_not_the_session(self):
        script = self.script({"answer": "As far as", "crash": True}, {"expect": "Again", "answer": "Here."})
        first = self.run_client("chat", "--script", script, stdin="Why?")
        self.assertEqual(first.code, 8, first)
        self.assertEqual(self.turns()[0]["state"], "failed")
        script = self.script({"expect": "Again", "reject": "As far as", "answer": "Here."}, name="second")
        self.assertEqual(self.run_client("chat", "--continue", "--script", script, stdin="Again").out, "Here.\n")

    def test_an_interrupted_answer_is_kept_and_marked(self):
        chat = self.start("chat", "--script", self.endless(), stdin=subprocess.PIPE)
        chat.stdin.write(b"Why?")
        chat.stdin.close()
        chat.stdout.read(20)
        chat.send_signal(signal.SIGINT)
        self.assertEqual(chat.wait(20), 130)
        chat.stdout.close()
        turn = self.turns()[0]
        self.assertEqual(turn["state"], "stopped")
        self.assertTrue(turn["answer"].startswith("word word"), turn)

    def test_an_answer_that_never_ends_is_cut(self):
        done = self.run_client("chat", "--max-tokens", "50", "--script", self.script(ENDLESS), stdin="Why?")
        self.assert_done(done)
        self.assertIn("cut after 50 tokens", done.err)
        self.assertEqual(self.turns()[0]["state"], "cut")

    def test_an_answer_that_goes_round_in_circles_is_stopped(self):
        for words in [], ["--actions"]:
            done = self.run_client("chat", *words, "--script", self.script("It is " + "so and so " * 5000), stdin="Why?")
            self.assert_done(done)
            self.assertIn("went round in circles", done.err)
            self.assertLess(len(done.out), 20000)

    def test_a_real_model_keeps_to_the_grammar(self):
        self.file("app.py", "def greet(name):\n    return 'Hello ' + name\n")
        done = self.run_client("chat", "--actions", "--model", str(STARTER), "--max-tokens", "60", stdin="What does greet do?",
                               env={"OFFLINE_CODER_CHAT_STEPS": "3"})
        self.assert_done(done)
        turn = self.turns()[0]
        self.assertIn(turn["state"], ("done", "cut"))
        self.assertLessEqual(len(turn["actions"]), 3)
        for action in turn["actions"]:
            self.assertRegex(action["action"], r"\A(read|search|symbol|run|edit) [^\n]+\n")


class Files(ChatTest):
    def test_two_programs_on_one_session(self):
        chat = self.start("chat", "--script", self.endless(), stdin=subprocess.PIPE)
        chat.stdin.write(b"Why?")
        chat.stdin.close()
        chat.stdout.read(1)
        other = self.run_client("chat", "--continue", "--script", self.script("x", name="second"), stdin="And?")
        self.assertEqual(other.code, 6, other)
        self.assertIn("session 1 is in use by another program", other.err)
        for words in (["session", "delete", "1"], ["clear", "--sessions"]):
            self.assertEqual(self.run_client(*words).code, 6)
        chat.kill()
        chat.wait()
        chat.stdout.close()
        self.assert_done(self.run_client("chat", "--continue", "--script", self.script("x", name="third"), stdin="And?"))

    def test_a_damaged_file_is_put_aside(self):
        data = self.home / "data"
        data.mkdir(parents=True)
        (data / "state.db").write_bytes(b"garbage " * 1000)
        done = self.run_client("chat", "--script", self.script("Fine."), stdin="Well?")
        self.assert_done(done)
        self.assertIn("put aside as", done.err)
        aside = [p for p in data.iterdir() if ".damaged-" in p.name]
        self.assertEqual([p.read_bytes() for p in aside], [b"garbage " * 1000])
        self.assertEqual(len(self.turns()), 1)

    def test_a_file_of_a_newer_version(self):
        script = self.script("One.", "Two.")
        self.assert_done(self.run_client("chat", "--script", script, stdin="Well?"))
        file = self.home / "data" / "state.db"
        database = sqlite3.connect(file)
        database.execute("PRAGMA user_version=99")
        database.close()
        before = file.read_bytes()
        done = self.run_client("chat", "--script", script, stdin="Well?")
        self.assertEqual(done.code, 6, done)
        self.assertIn("version 99, not 1", done.err)
        self.assertEqual(file.read_bytes(), before)
        self.assertEqual(self.run_client("chat", "--no-save", "--script", self.script("Two.", name="s2"), stdin="Well?").out, "Two.\n")

    def test_it_is_for_the_user_alone(self):
        self.assert_done(self.run_client("chat", "--script", self.script("One."), stdin="Well?"))
        self.assertEqual((self.home / "data" / "state.db").stat().st_mode & 0o777, 0o600)

    def test_a_file_that_cannot_be_written(self):
        data = self.home / "data"
        data.mkdir(parents=True)
        (data / "state.db").mkdir()
        done = self.run_client("chat", "--script", self.script("One."), stdin="Well?")
        self.assertEqual(done.code, 9, done)
        self.assertIn("state.db", done.err)
        self.assertIn("--no-save", done.err)

    def test_what_is_not_to_be_kept_is_not_kept_in_an_old_session(self):
        self.assert_done(self.run_client("chat", "--script", self.script("One."), stdin="Well?"))
        for words in (["--continue"], ["--resume", "1"]):
            done = self.run_client("chat", *words, "--no-save", "--script", self.script("Two.", name="s2"), stdin="And?")
            self.assert_error(done, 2, "--no-save", words[0], "excludes")
        self.assertEqual(len(self.turns()), 1)

    def mount_data(self):
        """The folder of conversations on a small file system of its own; skips the test where that is not allowed."""
        data = self.home / "data"
        data.mkdir(parents=True)
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small file system")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", str(data)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"cannot mount a small file system: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(data)], capture_output=True, check=False)
        return data

    def test_a_read_only_disk(self):
        data = self.mount_data()
        self.assert_done(self.run_client("chat", "--script", self.script("One."), stdin="Well?"))
        before = (data / "state.db").read_bytes()
        subprocess.run(["mount", "-o", "remount,ro", str(data)], check=True)
        done = self.run_client("chat", "--continue", "--script", self.script("Two.", name="s2"), stdin="And?")
        self.assertEqual((done.code, done.out), (9, ""), done)
        self.assertIn("state.db", done.err)
        self.assertIn("--no-save", done.err)
        # What needs no conversation of before answers.
        done = self.run_client("chat", "--no-save", "--script", self.script("Two.", name="s3"), stdin="And?")
        self.assert_done(done, "Two.\n")
        self.assertEqual((data / "state.db").read_bytes(), before)
        subprocess.run(["mount", "-o", "remount,rw", str(data)], check=True)
        self.assertEqual([turn["answer"].strip() for turn in self.turns()], ["One."])

    def test_a_disk_that_gets_full_during_a_conversation(self):
        data = self.mount_data()
        chat = self.start("chat", "--lines", "--script", self.script("One.", "Two.", "Three."), stdin=subprocess.PIPE)
        chat.stdin.write(b"First?\n")
        chat.stdin.flush()
        wait_until(lambda: (data / "state.db").exists() and self.sessions("list", "--all")["sessions"] and
                   self.turns()[0]["state"] == "done", "an answer that is kept")
        with open(data / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass
        done = Done(0, *(text.decode() for text in chat.communicate(b"Second? " * 20_000 + b"\n", timeout=PATIENCE_S)))
        self.assertEqual(chat.returncode, 9, done)
        self.assertIn("cannot keep it in", done.err)
        self.assertIn("the disk is full", done.err)
        (data / "filler").unlink()
        self.assertEqual([turn["answer"].strip() for turn in self.turns()], ["One."])
        self.assert_done(self.run_client("chat", "--continue", "--script", self.script("Two.", name="s2"), stdin="Second?"))
        self.assertEqual(len(self.turns()), 2)

    def test_a_file_that_may_only_be_read(self):
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("only root can become another user, with setpriv")
        self.assert_done(self.run_client("chat", "--script", self.script("One."), stdin="Well?"))
        self.end_engines()
        script = self.script("Two.", name="s2")
        for path in [self.root, *self.root.rglob("*")]:
            os.chown(path, 65534, 65534)
        (self.home / "data" / "state.db").chmod(0o400)

        def run(*words, stdin=""):
            process = self.start("--reuid=65534", "--regid=65534", "--clear-groups", CLIENT, *words,
                                 program=shutil.which("setpriv"), stdin=subprocess.PIPE)
            out, err = process.communicate(stdin.encode(), timeout=PATIENCE_S)
            return Done(process.returncode, out.decode(), err.decode())

        done = run("chat", "--continue", "--script", script, stdin="And?")
        self.assertEqual((done.code, done.out), (9, ""), done)
        for part in ("cannot keep it in", "state.db", "--no-save"):
            self.assertIn(part, done.err)
        # What is there can still be read.
        self.assertIn("One.", run("session", "export", "1").out)
        self.assert_done(run("chat", "--no-save", "--script", script, stdin="And?"), "Two.\n")
        self.assertEqual(len(self.turns()), 1)

    def test_a_message_of_ten_megabytes(self):
        started = time.monotonic()
        done = self.run_client("chat", "--script", self.script("x"), stdin="many words " * 900_000)
        self.assertEqual(done.code, 5, done)
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(self.turns()[0]["state"], "failed")


class Chat(Terminal):
    """A conversation at a terminal."""
    said = 0

    def say(self, keys):
        """Types as soon as a message is asked for."""
        self.said += 1
        end = time.monotonic() + 20
        while self.text.count(b"\x1b[?2004h") < self.said:
            if not self.read(0.02) or time.monotonic() > end:
                raise AssertionError(f"nobody asks: {self.text!r}")
        self.type(keys)


class AtATerminal(ChatTest):
    def chat(self, *answers, words=(), size=(24, 80), **env):
        script = self.script(*answers)
        terminal = Chat(["chat", *words, "--script", script], self.work, {**self.env, "TERM": "xterm", **env})
        self.addCleanup(terminal.kill)
        fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        terminal.wait_for("> ")
        return terminal

    def test_a_conversation(self):
        terminal = self.chat("Hello\n", {"expect": "One more", "answer": "Again."})
        terminal.say("One\r")
        terminal.wait_for("Hello")
        terminal.wait_for("> ")
        terminal.say("One morr\x7fe\r")
        terminal.wait_for("Again.")
        terminal.say("\x04")
        shown = terminal.finish()
        self.assert_done(shown)
        self.assertIn("goes on with session 1", shown.out)
        self.assertEqual([t["question"] for t in self.turns()], ["One", "One more"])

    def test_lines_pastes_and_wide_characters(self):
        terminal = self.chat(*["ok."] * 4)
        terminal.say("first\x0asecond\\\rthird\r")
        terminal.wait_for("ok.")
        terminal.say("\x1b[200~pasted\rtwo\x1b[2J\x1b[201~ end\r")
        wait_until(lambda: terminal.read(0.02) and terminal.text.count(b"ok.") == 2, "two answers")
        terminal.say("漢字xß\x1b[D\x7f\x1b[D\x1b[3~y\r")
        wait_until(lambda: terminal.read(0.02) and terminal.text.count(b"ok.") == 3, "three answers")
        terminal.say("\x1b[A\x1b[A\x1b[B\r")
        wait_until(lambda: terminal.read(0.02) and terminal.text.count(b"ok.") == 4, "four answers")
        terminal.say("\x04")
        self.assert_done(terminal.finish())
        self.assertEqual([t["question"] for t in self.turns()],
                         ["first\nsecond\nthird", "pasted\ntwo end", "漢yß", "漢yß"])

    def test_ctrl_c_stops_the_answer_and_keeps_the_session(self):
        terminal = self.chat({"answer": ENDLESS, "delay_ms": 5}, {"expect": "Go on", "answer": "On."})
        terminal.say("Why?\r")
        terminal.wait_for("word word")
        terminal.type("\x03")
        terminal.wait_for("stopped")
        terminal.say("dropped\x03")
        terminal.say("Go on\r")
        terminal.wait_for("On.")
        terminal.say("\x04")
        self.assert_done(terminal.finish())
        self.assertEqual([(t["question"], t["state"]) for t in self.turns()], [("Why?", "stopped"), ("Go on", "done")])

    def test_a_change_is_asked_for(self):
        target = self.file("app.py", "def f():\n    return 1\n")
        answer = "It returns two.\n\napp.py\n```python\ndef f():\n    return 2\n```\n"
        terminal = self.chat(answer, words=("app.py",))
        terminal.say("Return two\r")
        terminal.wait_for("Write app.py? [y/N]")
        terminal.type("n\n")
        terminal.wait_for("nobody said yes")
        self.assertIn("return 1", target.read_text())
        terminal.say("/apply\r")
        wait_until(lambda: terminal.read(0.02) and terminal.text.count(b"Write app.py? [y/N]") == 2, "the question")
        terminal.type("y\n")
        terminal.wait_for("wrote app.py")
        self.assertIn("return 2", target.read_text())
        terminal.say("/undo\r")
        terminal.wait_for("Undo change")
        terminal.type("y\n")
        terminal.wait_for("undid")
        self.assertIn("return 1", target.read_text())
        terminal.say("\x04")
        self.assert_done(terminal.finish())

    def test_what_the_model_wants_to_run_is_asked_for(self):
        terminal = self.chat("run touch first\n", {"expect": "does not want", "answer": "run touch second\n"},
                             {"expect": "exit code 0", "answer": "answer\nBoth asked for.\n"}, words=("--actions",))
        terminal.say("Touch them\r")
        terminal.wait_for("Run sh: touch first? [y/N]")
        terminal.type("n\n")
        terminal.wait_for("Run sh: touch second? [y/N]")
        self.assertFalse((self.work / "first").exists())
        self.assertFalse((self.work / "second").exists())
        terminal.type("y\n")
        terminal.wait_for("Both asked for.")
        terminal.say("\x04")
        self.assert_done(terminal.finish())
        self.assertEqual([(self.work / name).exists() for name in ("first", "second")], [False, True])
        self.assertEqual([a["action"] for a in self.turns()[0]["actions"]], ["run touch first\n", "run touch second\n"])

    def test_a_command_of_the_model_is_stopped_with_ctrl_c(self):
        terminal = self.chat("run sleep 100\n", "answer\nOn.", words=("--actions",), OFFLINE_CODER_CHAT_RUN="always")
        terminal.say("Sleep\r")
        time.sleep(0.5)
        terminal.type("\x03")
        terminal.wait_for("stopped")
        terminal.say("Go on\r")
        terminal.wait_for("On.")
        terminal.say("\x04")
        self.assert_done(terminal.finish())

    def test_completion(self):
        self.file("apple.py", "x = 1\n")
        terminal = self.chat({"expect": ["File `apple.py`", "@apple.py what"], "answer": "An apple."})
        terminal.say("/con\t\r")
        terminal.wait_for("(instructions)")
        terminal.say("@app\twhat\r")
        terminal.wait_for("An apple.")
        terminal.say("/\t\t")
        terminal.wait_for("/undo")
        terminal.type("\x03")
        terminal.say("\x04")
        self.assert_done(terminal.finish())

    def test_what_is_typed_ahead_is_the_next_message(self):
        terminal = self.chat({"answer": "word " * 60, "delay_ms": 5}, "Second.")
        terminal.say("One\r")
        terminal.wait_for("word word")
        terminal.type("Two\r")
        terminal.wait_for("Second.")
        terminal.said += 1
        terminal.say("\x04")
        self.assert_done(terminal.finish())
        self.assertEqual([t["question"] for t in self.turns()], ["One", "Two"])

    def test_no_colour(self):
        terminal = self.chat("# Title\n```python\nx = 1\n```\n", NO_COLOR="1")
        terminal.say("One\r")
        terminal.wait_for("x = 1")
        terminal.say("\x04")
        self.assertNotRegex(terminal.finish().out, COLOUR)

    def test_a_dumb_terminal_reads_lines(self):
        terminal = self.chat("One.", "Two.", TERM="dumb")
        terminal.type("first\n")
        terminal.wait_for("One.")
        terminal.type("second\n")
        terminal.wait_for("Two.")
        terminal.type("\x04")
        shown = terminal.finish()
        self.assert_done(shown)
        self.assertNotIn("\x1b", shown.out)

    def test_a_window_that_changes_its_size(self):
        terminal = self.chat("ok.", size=(10, 40))
        terminal.say("a" * 100)
        for size in ((10, 20), (4, 120), (1, 1), (24, 80)):
            fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            time.sleep(0.15)
            terminal.read(0.05)
        terminal.type("b\r")
        terminal.wait_for("ok.")
        terminal.say("\x04")
        self.assert_done(terminal.finish())
        self.assertEqual(self.turns()[0]["question"], "a" * 100 + "b")

    def test_a_paste_of_ten_megabytes(self):
        terminal = self.chat("ok.")
        data = b"\x1b[200~" + b"many words in a line\r" * 480_000 + b"\x1b[201~"
        os.set_blocking(terminal.fd, False)
        sent, end = 0, time.monotonic() + 60
        while sent < len(data) and time.monotonic() < end:
            try:
                sent += os.write(terminal.fd, data[sent:sent + 65536])
            except BlockingIOError:
                terminal.read(0.01)
        os.set_blocking(terminal.fd, True)
        self.assertEqual(sent, len(data))
        terminal.wait_for("[pasted: 480 001 lines]", 60)
        terminal.said += 1
        terminal.type("\r")
        terminal.wait_for("context window", 60)
        terminal.say("Short\r")
        terminal.wait_for("ok.")
        terminal.say("\x04")
        self.assert_done(terminal.finish())

    def test_closing_the_terminal_keeps_the_part(self):
        terminal = self.chat({"answer": ENDLESS, "delay_ms": 5})
        terminal.say("Why?\r")
        terminal.wait_for("word word")
        os.close(terminal.fd)
        terminal.fd = None
        _, status = os.waitpid(terminal.process, 0)
        terminal.process = None
        self.assertNotEqual(status, 0)
        turn = self.turns()[0]
        self.assertEqual(turn["state"], "stopped")
        self.assertTrue(turn["answer"].startswith("word"))

    def test_an_engine_that_dies(self):
        terminal = self.chat({"answer": "As far", "crash": True})
        terminal.say("Why?\r")
        terminal.wait_for("offline-coder: ")
        terminal.say("/help\r")
        terminal.wait_for("/context")
        terminal.say("\x04")
        self.assert_done(terminal.finish())


class WhileAMessageIsTyped(ChatTest):
    """What it will begin with is computed; by the starter model."""

    def setUp(self):
        super().setUp()
        self.env["OFFLINE_CODER_ENGINE_WARM_UP"] = "always"
        (self.work / ".git").mkdir()
        self.file("sums.py", "".join(f"def sum_{i}(a, b):\n    return a + b + {i}\n\n\n" for i in range(8)))
        self.model = ("--model", STARTER)

    def chat(self, *words):
        terminal = Chat(["chat", *words, *self.model], self.work, {**self.env, "TERM": "xterm"})
        self.addCleanup(terminal.kill)
        terminal.wait_for("> ")
        return terminal

    def known_tokens(self, *words):
        """Of the first message of a conversation with these files."""
        done = self.run_client("chat", "--no-save", "--dry-run", "--format", "json", *self.model, *words, stdin="What is it?")
        self.assert_done(done)
        return json.loads(done.out)["forecast"]["cached_tokens"]

    def wait_for(self, tokens, *words):
        # Whoever asks is what the work waits for: for a second after that it does not go on.
        wait_until(lambda: time.sleep(2.5) or self.known_tokens(*words) > tokens, f"{words} computed; log: {self.log()}", 40)

    def read_tokens(self):
        """By the engine; 0 while there is none."""
        done = self.run_client("engine", "status", "--format", "json")
        return json.loads(done.out)["reuse"]["prompt_tokens"] if done.code == 0 else 0

    def test_instructions_and_map_and_then_an_added_file(self):
        terminal = self.chat()
        self.wait_for(150)
        without_file = self.known_tokens("sums.py")
        terminal.say("/add sums.py\r")
        self.wait_for(without_file + 120, "sums.py")

    def test_what_is_added_after_a_turn(self):
        terminal = self.chat("--max-tokens", "4")
        terminal.say("What is it?\r")
        terminal.say("/add sums.py\r")
        terminal.wait_for("added sums.py")
        before = self.read_tokens()
        wait_until(lambda: time.sleep(2) or self.read_tokens() > before + 200, f"the file is read; log: {self.log()}", 40)
        terminal.say("\x04")
        self.assert_done(terminal.finish())

    def test_a_session_that_goes_on(self):
        self.assert_done(self.run_client("chat", "--max-tokens", "4", *self.model, stdin="What is it? " * 30))
        self.assert_done(self.run_client("engine", "stop"))
        self.assert_done(self.run_client("clear", "--kv"))
        before = self.turns()
        terminal = self.chat("--continue")
        wait_until(lambda: time.sleep(2) or self.read_tokens() > 250, f"the first turn is read; log: {self.log()}", 40)
        self.assertEqual(self.turns(), before)
        terminal.say("\x04")
        self.assert_done(terminal.finish())

    def test_never_where_it_is_not_wanted(self):
        self.env["OFFLINE_CODER_ENGINE_WARM_UP"] = "never"
        terminal = self.chat()
        time.sleep(1)
        self.assertEqual(self.engines(), [])
        terminal.say("\x04")
        self.assert_done(terminal.finish())


if __name__ == "__main__":
    main()
