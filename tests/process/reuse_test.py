#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was computed once is not computed again, whoever asks, from wherever, and after a restart; with the starter model."""
import json
import os
import shutil
import signal
import time

from programs import STARTER, ProcessTest, main, wait_until


class Reuse(ProcessTest):
    def setUp(self):
        super().setUp()
        self.file("sums.py", "".join(f"def sum_{i}(a, b):\n    return a + b + {i}\n\n\n" for i in range(10)))

    def ask(self, *words, command="explain", model=STARTER):
        done = self.run_client(command, "--format", "json", "--model", model, *words)
        self.assert_done(done)
        return json.loads(done.out)

    def kill_engines(self):
        for process in self.engines():
            os.kill(process, signal.SIGKILL)
        wait_until(lambda: not self.engines(), "the end of the engine")

    def configure(self, text):
        folder = self.home / "config"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(text)

    def test_another_workspace(self):
        words = ("--file", "sums.py", "--max-tokens", "4", "why?")
        self.assertEqual(self.ask(*words)["usage"]["cached_tokens"], 0)
        other = self.root / "other"
        other.mkdir()
        shutil.copy(self.work / "sums.py", other)
        self.work = other
        usage = self.ask(*words)["usage"]
        self.assertEqual(usage["cached_tokens"], usage["prompt_tokens"])

    def test_a_conversation_goes_on_after_a_restart_without_reading_it_again(self):
        def say(text, *words):
            chat = self.start("chat", "--lines", "--no-actions", "--max-tokens", "12", "--format", "jsonl", "--model", STARTER,
                              *words, stdin=-1)
            chat.stdin.write(text.encode() + b"\n")
            done = self.finish(chat)
            self.assertEqual(done.code, 0, done)
            return [json.loads(line) for line in done.out.splitlines()]

        say("What does a function do that adds two numbers, and how would you call it?")
        wait_until(lambda: self.peer().status()["queued"] == 0, "an engine at rest")
        time.sleep(0.5)  # what was computed is on its way to the disk
        self.kill_engines()
        events = say("And one that multiplies them?", "--continue")
        usage = next(event["usage"] for event in reversed(events) if "usage" in event)
        self.assertLess(usage["prompt_tokens"] - usage["cached_tokens"], 40, usage)

    def test_limits_of_the_configuration_reach_the_engine(self):
        self.configure("engine:\n  kv_bytes: 0\n")
        self.ask("--file", "sums.py", "--max-tokens", "4", "why?")
        self.assertEqual(self.peer().status()["kv"]["disk_limit"], 0)
        self.assertFalse((self.home / "cache" / "kv").exists())
        self.kill_engines()
        self.configure("engine:\n  memory_bytes: 1000000\n")
        done = self.run_client("explain", "--file", "sums.py", "--model", STARTER, "why?")
        self.assert_error(done, 4, "of memory")

    def test_a_forecast_is_made_of_what_was_measured(self):
        question = ("--file", "sums.py", "--max-tokens", "4")
        self.ask(*question, "why?")
        words = ("explain", "--dry-run", "--model", STARTER)
        known = json.loads(self.run_client(*words, "--format", "json", *question, "why?").out)["forecast"]
        self.assertEqual(known["cached_tokens"], known["prompt_tokens"])
        (self.work / "new.py").write_text("".join(f"x_{i} = {i} * {i}\n" for i in range(60)))
        new = json.loads(self.run_client(*words, "--format", "json", "--file", "new.py", "why?").out)["forecast"]
        self.assertGreater(new["first_token_ms"], known["first_token_ms"])
        text = self.run_client(*words, "--file", "new.py", "why?")
        self.assertRegex(text.out, r"^prompt [0-9 ]+ tokens \([0-9 ]+ cached\) · (less than a second|about [0-9]+ s) to the first word")

    def complete(self, *words):
        return self.ask("--file", "sums.py", "--line", "2", "--column", "12", *words, command="complete")

    def test_completions_are_approximate_where_the_configuration_allows_it(self):
        for allowed in (True, False):
            self.configure(f"completion:\n  approximate: {str(allowed).lower()}\n")
            self.file("sums.py", "def sum(a, b):\n    return \n\n\n" + "def other(a):\n    return a * 2\n\n\n" * 40)
            self.complete()
            self.file("sums.py", "def sum(a, b):\n    return a\n\n\n" + "def other(a):\n    return a * 2\n\n\n" * 40)
            typed = self.ask("--file", "sums.py", "--line", "2", "--column", "13", command="complete")
            self.assertEqual(typed.get("approximate", False), allowed, typed)
            self.kill_engines()
            shutil.rmtree(self.home / "cache" / "kv", ignore_errors=True)

    def test_two_models_stay_and_ahead_is_computed_for_the_one_that_was_not_asked_last(self):
        self.env["OFFLINE_CODER_ENGINE_WARM_UP"] = "always"
        (self.work / ".git").mkdir()
        small = self.work / "small.gguf"
        shutil.copy(STARTER, small)
        self.ask("--max-tokens", "1", "what?")
        self.assertGreater(self.ask("--max-tokens", "1", "what?", model=small)["timing"]["load_ms"], 0)
        self.assertEqual(sorted(self.peer().status()["models"]), sorted([str(STARTER.resolve()), str(small)]))
        self.assertIn(f"beside    {STARTER.resolve()}\n", self.run_client("engine", "status").out)
        self.assert_done(self.run_client("engine", "saved", "sums.py", "--model", STARTER))

        def is_computed():
            time.sleep(2.5)  # who asks is what idle work waits for
            forecast = json.loads(self.run_client("explain", "--dry-run", "--format", "json", "--model", STARTER, "--file",
                                                  "sums.py", "what?").out)["forecast"]
            return forecast["prompt_tokens"] - forecast["cached_tokens"] < 40

        wait_until(is_computed, f"a file computed ahead; log: {self.log()}")
        self.assertEqual(self.ask("--max-tokens", "1", "what?", model=small)["timing"]["load_ms"], 0)

    def test_the_default_model_stays_while_it_is_loaded(self):
        """What it takes is what the next command would miss when it looks for room for it."""
        models = self.work / "models"
        models.mkdir()
        for name, more in (("small", 0), ("large", 2_000_000)):
            (models / f"{name}.gguf").write_bytes(STARTER.read_bytes() + bytes(more))
        self.configure(f"engine:\n  memory_bytes: {600_000_000 + STARTER.stat().st_size + 1_000_000}\n")

        def default():
            self.assert_done(self.run_client("explain", "--max-tokens", "1", "why?"))
            return self.peer().status()["model"]

        self.assertEqual(default(), str(models / "small.gguf"))
        self.ask("--max-tokens", "1", "why?", model="large")
        self.assertEqual(default(), str(models / "large.gguf"))
        self.assertIn("* large", self.run_client("model", "list").out)

    def test_results_of_a_batch_come_as_they_end(self):
        requests = self.file("requests.jsonl", "".join(json.dumps({"id": name, "args": ["explain", *words, "why?"]}) + "\n"
                                                       for name, words in (("slow", []), ("quick", ["--file", "missing.py"]))))
        slow = self.script({"answer": "late", "prefill_ms": 3000})
        done = self.run_client("batch", requests, "--jobs", "2", "--script", slow)
        self.assertEqual(done.code, 1, done)
        self.assertEqual([json.loads(line)["id"] for line in done.out.splitlines()], ["quick", "slow"])


if __name__ == "__main__":
    main()
