#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, and readers that leave."""
import json
import os
import signal
import subprocess
import time

from programs import CLIENT, ProcessTest, main, wait_until

# 500 ms are promised.
STOP_S = 2.0


class Interrupt(ProcessTest):
    def stop(self, client, number=signal.SIGINT, within=STOP_S):
        started = time.monotonic()
        client.send_signal(number)
        done = self.finish(client, 20)
        self.assertLess(time.monotonic() - started, within, done)
        return done

    def assert_idle_and_usable(self):
        engines = self.engines()
        self.assertEqual(len(engines), 1, "the engine stays")
        wait_until(lambda: self.peer().status()["queued"] == 0, "an engine that has stopped the answer", 5)
        self.assert_usable()
        self.assertEqual(self.engines(), engines)

    def start_prefill(self, *words):
        script = self.script({"answer": "never", "prefill_ms": 60000})
        client = self.start("explain", "--format", "jsonl", "--script", script, *words, "why?")
        for line in client.stdout:
            if json.loads(line).get("stage") == "prefill":
                return client
        self.fail("the prefill did not begin")

    def start_answer(self):
        script = self.script({"answer": "partial words " * 200, "delay_ms": 50})
        client = self.start("explain", "--script", script, "why?")
        self.assertEqual(client.stdout.read(4), b"part")
        return client

    def test_during_the_prefill(self):
        done = self.stop(self.start_prefill())
        self.assertEqual(done.code, 130, done)
        self.assertEqual(done.err, "")
        error = json.loads(done.out.splitlines()[-1])
        self.assertEqual((error["ok"], error["error"]["kind"]), (False, "cancelled"))
        self.assert_idle_and_usable()

    def test_during_the_answer(self):
        done = self.stop(self.start_answer())
        self.assertEqual(done.code, 130, done)
        self.assertTrue(("partial words " * 200).startswith("part" + done.out.rstrip("\n")), done)
        self.assertTrue(done.out.endswith("\n"), "the line is ended for the shell's prompt")
        self.assertEqual(done.err, "")
        self.assert_idle_and_usable()

    def test_terminate_and_hang_up_are_the_same(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            self.assertEqual(self.stop(self.start_answer(), number).code, 130)
        self.assert_idle_and_usable()

    def test_while_waiting_for_another_request(self):
        first = self.start_answer()
        second = self.start("explain", "--format", "jsonl", "--script", self.work / "script", "and?")
        wait_until(lambda: self.peer().status()["queued"] == 2, "two requests")
        self.assertEqual(self.stop(second).code, 130)
        self.assertIsNone(first.poll(), "the other answer goes on")
        self.assertEqual(self.stop(first).code, 130)
        self.assert_idle_and_usable()

    def test_twice_ends_at_once(self):
        client = self.start_prefill()
        engine = self.engines()[0]
        os.kill(engine, signal.SIGSTOP)  # nobody answers the first one
        try:
            client.send_signal(signal.SIGINT)
            time.sleep(0.1)
            self.assertEqual(self.stop(client, within=1.0).code, 130)
        finally:
            os.kill(engine, signal.SIGCONT)
        self.assert_idle_and_usable()

    def test_once_with_an_engine_that_hangs(self):
        client = self.start_prefill()
        engine = self.engines()[0]
        os.kill(engine, signal.SIGSTOP)
        try:
            self.assertEqual(self.stop(client, within=10).code, 130)
        finally:
            os.kill(engine, signal.SIGCONT)
        self.assert_idle_and_usable()

    def test_while_reading_standard_input(self):
        client = self.start("gen", "--script", self.script("x"), "-", stdin=subprocess.PIPE)
        client.stdin.write(b"the beginning of a prompt")
        client.stdin.flush()
        wait_until(lambda: self.catches(client.pid, signal.SIGINT), "a program that catches Ctrl-C")
        time.sleep(0.05)
        self.assertEqual(self.stop_with_open_input(client), 130)

    def stop_with_open_input(self, client):
        started = time.monotonic()
        client.send_signal(signal.SIGINT)
        code = client.wait(timeout=20)
        self.assertLess(time.monotonic() - started, STOP_S)
        self.assertEqual(client.stderr.read(), b"")
        return code

    @staticmethod
    def catches(process, number):
        with open(f"/proc/{process}/status") as status:
            caught = next(line for line in status if line.startswith("SigCgt:"))
        return int(caught.split()[1], 16) >> (number - 1) & 1

    def test_the_file_is_not_written(self):
        target = self.file("app.py", "old = 1\n")
        script = self.script({"answer": "new = 2\n" * 200 + "```\n", "delay_ms": 50})
        client = self.start("gen", "--script", script, "--file", "app.py", "--write", "--yes", "make it new")
        wait_until(lambda: self.can_connect() and self.peer().status()["queued"] == 1, "the answer")
        self.assertEqual(self.stop(client).code, 130)
        self.assertEqual(target.read_text(), "old = 1\n")
        self.assertEqual(sorted(p.name for p in self.work.iterdir()), ["app.py", "script"])
        self.assert_idle_and_usable()


class Batches(ProcessTest):
    """Ended while one of their requests has a change on trial: its check has begun and does not end."""
    BEFORE = "def add(a, b):\n    return a + b\n"

    def start_change(self):
        (self.work / ".git").mkdir()
        self.target = self.file("calc.py", self.BEFORE)
        lines = [{"id": "why", "args": ["ask", "what is it?"]}, {"id": "add", "args": ["doc", "calc.py", "--symbol", "add"]}]
        self.requests = self.root / "requests.jsonl"
        self.requests.write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.output = self.root / "results.jsonl"
        comment = {"for": "comment for", "answer": "The sum of both."}
        self.rules = self.script({"for": "what is it", "answer": "It adds."}, comment, comment)
        begun = self.root / "begun"
        client = self.start(*self.words(), env={"OFFLINE_CODER_CHECK_COMMANDS": f"sh: echo >'{begun}'; exec sleep 600"})
        wait_until(lambda: begun.exists() and self.results(), "a change on trial, and an answer beside it", 20)
        self.assertIn("The sum of both.", self.target.read_text())
        return client

    def words(self):
        return "batch", self.requests, "--yes", "--output", self.output, "--script", self.rules

    def results(self):
        return [json.loads(line) for line in self.output.read_text().splitlines()] if self.output.exists() else []

    def assert_goes_on(self):
        """The same command asks what is left, and nothing twice."""
        self.assertEqual([result["id"] for result in self.results()], ["why"])
        done = self.run_client(*self.words())
        self.assertEqual(done.code, 0, self.output.read_text())
        self.assertEqual([(result["id"], result["exit"]) for result in self.results()], [("why", 0), ("add", 0)])
        self.assertIn("The sum of both.", self.target.read_text())
        self.assertEqual(self.run_client("undo", "--yes").code, 0)
        self.assertEqual(self.target.read_text(), self.BEFORE)

    def test_the_change_on_trial_is_taken_back(self):
        client = self.start_change()
        client.send_signal(signal.SIGINT)
        done = self.finish(client, 20)
        self.assertEqual(done.code, 130, done)
        self.assertEqual(self.target.read_text(), self.BEFORE)
        self.assert_goes_on()

    def test_the_next_command_takes_the_change_of_a_killed_one_back(self):
        client = self.start_change()
        client.kill()
        client.wait(timeout=20)
        self.assert_goes_on()


class Readers(ProcessTest):
    def test_a_reader_that_leaves(self):
        script = self.script({"answer": "many words " * 1000, "delay_ms": 10})
        client = self.start("explain", "--script", script, "why?")
        self.assertEqual(client.stdout.read(1), b"m")
        client.stdout.close()
        started = time.monotonic()
        code = client.wait(timeout=20)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual((code, client.stderr.read()), (9, b""))
        wait_until(lambda: self.peer().status()["queued"] == 0, "an engine that has stopped the answer", 5)
        self.assert_usable()

    def test_head(self):
        script = self.script({"answer": "many words " * 1000, "delay_ms": 1})
        shell = self.start("-c", '"$0" explain --script script "why?" | head -c 1; echo " ${PIPESTATUS[0]}"', CLIENT,
                           program="/bin/bash")
        done = self.finish(shell, 20)
        self.assertEqual((done.out, done.err), ("m 9\n", ""))
        self.assertTrue(script.exists())

    def test_a_full_device(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("this system has no /dev/full")
        for words in (["explain", "--script", self.script("words", "words", "words"), "why?"],
                      ["explain", "--format", "json", "--script", self.work / "script", "why?"],
                      ["gen", "--script", self.work / "script", "write"], ["--version"], ["--help"], ["engine", "status"]):
            with open("/dev/full", "wb") as full:
                done = self.run_client(*words, stdout=full)
            self.assert_error(done, 9, "cannot write to standard output: No space left on device")

    def test_closed_standard_streams(self):
        script = self.script("one", "two")
        closed = self.run_client("-c", '"$0" explain --script script "why?" >&-', CLIENT, program="/bin/bash")
        self.assert_error(closed, 9, "cannot write to standard output")
        silent = self.run_client("-c", '"$0" explain --script script "why?" 2>&- <&-', CLIENT, program="/bin/bash")
        self.assertEqual((silent.code, silent.out), (0, "two\n"), silent)
        self.assertTrue(script.exists())


if __name__ == "__main__":
    main()
