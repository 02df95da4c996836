#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Work ahead: files that are saved, or that a command writes, are computed when nobody asks; nobody waits for it."""
import json
import time

from programs import STARTER, ProcessTest, main, wait_until
from terminal_test import Terminal

# What it takes, with all that a busy machine may add; a prefill of a file takes as long.
AT_ONCE_S = 1.5


class Saved(ProcessTest):
    def setUp(self):
        super().setUp()
        self.env["OFFLINE_CODER_ENGINE_WARM_UP"] = "always"
        (self.work / ".git").mkdir()
        self.model = ("--model", STARTER)
        self.file("sums.py", "".join(f"def sum_{i}(a, b):\n    return a + b + {i}\n\n\n" for i in range(10)))
        self.file("other.py", "def other():\n    return 1\n")

    def load(self):
        self.assert_done(self.run_client("explain", "--max-tokens", "1", "--file", "other.py", *self.model, "why?"))

    def forecast(self, *words):
        done = self.run_client("explain", "--dry-run", "--format", "json", *self.model, *words, "what?")
        self.assert_done(done)
        return json.loads(done.out)["forecast"]

    def is_computed(self, *words):
        """All but the question."""
        forecast = self.forecast(*words)
        return forecast["prompt_tokens"] - forecast["cached_tokens"] < 40

    def is_map_computed(self):
        """All but a short file and the question."""
        forecast = self.forecast("--file", "other.py")
        return forecast["prompt_tokens"] - forecast["cached_tokens"] < 100

    def wait_for(self, *words):
        # Whoever asks is what the work waits for: for a second after that it does not go on.
        wait_until(lambda: time.sleep(2.5) or self.is_computed(*words), f"{words} computed ahead; log: {self.log()}")

    def timed(self, *words, **popen):
        begin = time.monotonic()
        done = self.run_client(*words, **popen)
        return done, time.monotonic() - begin

    def test_without_an_engine_nothing_happens(self):
        done, _ = self.timed("engine", "saved", "sums.py", *self.model)
        self.assert_done(done, "")
        self.assertEqual(done.err, "")
        self.assertEqual(self.engines(), [])
        done, _ = self.timed("engine", "saved", "--format", "json", "sums.py", *self.model)
        self.assertEqual(json.loads(done.out), {"schema": 1, "command": "engine saved", "ok": True, "begun": False})

    def test_a_saved_file_is_computed_ahead(self):
        self.load()
        self.assertFalse(self.is_computed("--file", "sums.py"))
        done, seconds = self.timed("engine", "saved", "sums.py", *self.model)
        self.assert_done(done, "")
        self.assertEqual(done.err, "")
        self.assertLess(seconds, AT_ONCE_S)
        self.wait_for("--file", "sums.py")

    def test_whatever_the_editor_names(self):
        self.load()
        self.file("secret.pem", "-----BEGIN PRIVATE KEY-----\n")
        self.file("binary", b"\0\1\2")
        elsewhere = self.root / "elsewhere"
        elsewhere.mkdir()
        process = self.start("engine", "saved", "no_such_file.py", "secret.pem", "binary", ".",
                             str(self.work / "sums.py"), *self.model)
        done = self.finish(process)
        self.assert_done(done, "")
        self.assertEqual(done.err, "")
        self.wait_for("--file", "sums.py")

    def test_from_anywhere(self):
        """Editors run hooks where they like: the project is the file's."""
        self.load()
        self.file("here.py", "".join(f"HERE_{i} = {i}\n" for i in range(20)))
        path = self.work / "here.py"
        self.work, project = self.root, self.work
        self.assert_done(self.run_client("engine", "saved", path, *self.model), "")
        self.work = project
        self.wait_for("--file", "here.py")

    def test_nobody_waits_for_a_busy_engine(self):
        self.load()
        peer = self.peer()
        peer.send(id=1, type="generate", model={"kind": "script", "path": str(self.script({"answer": "x", "prefill_ms": 4000}))},
                  prompt={"raw": "hello"}, max_tokens=5)
        time.sleep(0.2)
        done, seconds = self.timed("engine", "saved", "sums.py", *self.model)
        self.assert_done(done, "")
        self.assertLess(seconds, AT_ONCE_S)
        self.assertEqual(peer.last_of(1)[1]["type"], "generated")

    def test_what_a_command_writes(self):
        self.load()
        answer = self.file("answer.md", "**new.py**\n```python\n" + "".join(
            f"def new_{i}(a):\n    return a * {i}\n\n\n" for i in range(8)) + "```\n")
        with open(answer, "rb") as stdin:
            done, seconds = self.timed("apply", "--yes", "--quiet", *self.model, stdin=stdin)
        self.assert_done(done)
        self.assertLess(seconds, 2 * AT_ONCE_S)
        self.wait_for("--file", "new.py")

    def test_scan_and_init_have_the_new_map_computed(self):
        self.load()
        for number, command in enumerate(("scan", "init")):
            self.file(f"more_{number}.py", "".join(f"def more_{number}_{i}(a):\n    return a * {i}\n\n\n" for i in range(30)))
            self.assertFalse(self.is_map_computed())
            self.assert_done(self.run_client(command, env={"OFFLINE_CODER_MODEL_NAME": str(STARTER)}))
            wait_until(lambda: time.sleep(2.5) or self.is_map_computed(), f"{command}: the map; log: {self.log()}")

    def test_init_at_a_terminal_starts_the_engine(self):
        env = {**self.env, "OFFLINE_CODER_MODEL_NAME": str(STARTER), "TERM": "xterm"}
        self.assert_done(self.run_client("init", env=env))
        time.sleep(1)
        self.assertEqual(self.engines(), [], "a script did not ask for an engine")
        begin = time.monotonic()
        terminal = Terminal(["init"], self.work, env)
        self.addCleanup(terminal.kill)
        self.assertEqual(terminal.finish().code, 0)
        self.assertLess(time.monotonic() - begin, 2 * AT_ONCE_S)
        wait_until(lambda: self.engines(), f"an engine; log: {self.log()}")
        wait_until(lambda: time.sleep(2.5) or self.is_map_computed(), f"the map; log: {self.log()}")
        self.assert_done(self.run_client("engine", "stop"))
        never = Terminal(["init"], self.work, {**env, "OFFLINE_CODER_ENGINE_WARM_UP": "never"})
        self.addCleanup(never.kill)
        self.assertEqual(never.finish().code, 0)
        time.sleep(1)
        self.assertEqual(self.engines(), [])

    def test_never_where_it_is_not_wanted(self):
        self.load()
        env = {"OFFLINE_CODER_ENGINE_WARM_UP": "never"}
        done = self.run_client("engine", "saved", "--format", "json", "sums.py", *self.model, env=env)
        self.assertFalse(json.loads(done.out)["begun"])
        time.sleep(1.5)
        self.assertFalse(self.is_computed("--file", "sums.py"))


class Replaced(ProcessTest):
    def ahead(self, number, text, subject):
        return dict(id=number, type="generate", model={"kind": "gguf", "path": str(STARTER), "threads": 1},
                    prompt={"raw": text}, max_tokens=0, priority="idle", subject=subject)

    def test_what_is_newer_takes_the_place_of_what_waits(self):
        self.start_engine()
        peer = self.peer()
        texts = ["".join(f"{name} = {i}\n" for i in range(100)) for name in ("old", "new", "another")]
        model = self.ahead(0, "", "")["model"]
        peer.send(id=1, type="load", model=model)
        peer.last_of(1)
        for number, (text, subject) in enumerate(zip((texts[0], texts[2], texts[1]), ("file a", "file b", "file a")), 2):
            peer.send(**self.ahead(number, text, subject))
            self.assertEqual(peer.last_of(number)[1]["type"], "done")

        def cached(text):
            peer.send(id=99, type="forecast", model=model, prompt={"raw": text})
            return peer.last_of(99)[1]["cached_tokens"] > 256

        wait_until(lambda: time.sleep(3) or (cached(texts[1]) and cached(texts[2])), "the newer texts computed")
        self.assertFalse(cached(texts[0]), "the older one of the subject is not")


if __name__ == "__main__":
    main()
