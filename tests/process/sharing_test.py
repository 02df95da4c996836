#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One engine for everybody: shared, started once, left alone when idle."""
import json
import os

from programs import STARTER, ProcessTest, generate, main, wait_until


class Sharing(ProcessTest):
    def test_two_clients_share_one_engine(self):
        slow = self.script({"answer": "the first of two answers", "delay_ms": 20, "expect": "first question"}, name="one")
        quick = self.script({"answer": "the second of two answers", "expect": "second question"}, name="two")
        first = self.start("explain", "--script", slow, "first question")
        second = self.start("explain", "--script", quick, "second question")
        self.assert_done(self.finish(first), "the first of two answers\n")
        self.assert_done(self.finish(second), "the second of two answers\n")
        self.assertEqual(len(self.engines()), 1)

    def test_a_completion_does_not_wait_for_the_end_of_answers(self):
        self.start_engine()
        peer = self.peer()
        answers = 4  # of some seconds each
        for number in range(1, answers + 1):
            peer.send(**generate(number, "", model={"kind": "gguf", "path": str(STARTER)}, max_tokens=1900,
                                 sampling={"grammar": 'root ::= [a-z] root'}))
        self.assertTrue(peer.first_text_of(1))
        source = self.file("a.py", "def total(numbers):\n    return \n")
        self.assert_done(self.run_client("complete", "--file", source, "--line", 2, "--column", 12, "--model", STARTER))
        self.assertGreaterEqual(self.peer().status()["queued"], answers - 1)

    def test_a_second_command_finds_the_engine_of_the_first(self):
        script = self.script("one", "two")
        self.assert_done(self.run_client("explain", "--script", script, "a?"), "one\n")
        before = self.engines()
        self.assert_done(self.run_client("explain", "--script", script, "b?"), "two\n")
        self.assertEqual(self.engines(), before)
        self.assertEqual(len(before), 1)

    def test_eight_starts_at_once_leave_one_engine(self):
        scripts = [self.script(f"answer {i}", name=f"script{i}") for i in range(8)]
        processes = [self.start("explain", "--script", script, "why?") for script in scripts]
        for i, process in enumerate(processes):
            self.assert_done(self.finish(process), f"answer {i}\n")
        # Those that came second to the lock leave at once.
        wait_until(lambda: len(self.engines()) == 1, "one engine")
        self.assertEqual(self.log().count("listens"), 1, self.log())

    def test_two_batches_do_not_write_to_one_output(self):
        requests = self.file("requests.jsonl", json.dumps({"id": "a", "args": ["explain", "why?"]}) + "\n")
        output = self.home / "results.jsonl"
        slow = self.script({"answer": "done", "prefill_ms": 600000}, name="slow")
        first = self.start("batch", requests, "--output", output, "--script", slow)
        wait_until(output.exists, "the first batch's output")  # it is made under the lock
        second = self.run_client("batch", requests, "--output", output, "--script", self.script("other", name="other"))
        self.assertEqual(second.code, 6, second)
        self.assertIn("another batch is writing to it", second.err)
        self.assertEqual(output.read_text(), "")
        first.terminate()
        first.wait(timeout=30)
        again = self.run_client("batch", requests, "--output", output, "--script", self.script("later", name="later"))
        self.assertEqual(again.code, 0, again)

    def test_the_socket_and_its_folder_are_private(self):
        self.assert_usable()
        self.assertEqual(os.stat(self.home / "run").st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(self.socket).st_mode & 0o777, 0o600)

    def test_an_idle_engine_leaves_and_cleans_up(self):
        engine = self.start_engine("--idle-seconds", "1")
        self.assert_done(self.run_client("engine", "status"))
        engine.wait(timeout=30)
        self.assertEqual(engine.returncode, 0)
        self.assertFalse(self.socket.exists())
        status = self.run_client("engine", "status")
        self.assertEqual((status.code, status.out), (1, "no engine runs\n"), status)
        self.assert_usable()

    def test_an_engine_at_work_is_not_idle(self):
        engine = self.start_engine("--idle-seconds", "0.3")
        script = self.script({"answer": "slow", "prefill_ms": 1500})
        self.assert_done(self.run_client("explain", "--script", script, "why?"), "slow\n")
        self.assertEqual(self.log(), "", "no other engine was started")
        engine.wait(timeout=30)

    def test_the_setting_of_the_idle_time_reaches_the_engine(self):
        config = self.home / "config"
        config.mkdir(parents=True)
        (config / "config.yaml").write_text("engine:\n  idle_minutes: 7\n")
        self.assert_usable()
        status = self.run_client("engine", "status", "--format", "json")
        self.assert_done(status)
        facts = json.loads(status.out)
        self.assertLessEqual(facts["idle_exit_s"], 420)
        self.assertGreater(facts["idle_exit_s"], 300)

    def test_status_and_stop(self):
        stopped = self.run_client("engine", "stop")
        self.assert_done(stopped, "no engine runs\n")
        self.assertEqual(self.engines(), [], "neither starts one")
        self.assert_usable()
        status = self.run_client("engine", "status")
        self.assert_done(status)
        self.assertIn(f"process {self.engines()[0]}", status.out)
        self.assert_done(self.run_client("engine", "stop"), "the engine has stopped\n")
        wait_until(lambda: not self.engines(), "no engine", 5)
        self.assertFalse(self.socket.exists())
        self.assertEqual(self.run_client("engine", "status").code, 1)

    def test_stop_ends_a_running_answer(self):
        script = self.script({"answer": "x" * 4000, "delay_ms": 100})
        client = self.start("explain", "--script", script, "why?")
        self.assertTrue(client.stdout.read(1))
        self.assert_done(self.run_client("engine", "stop"), "the engine has stopped\n")
        self.assertIn(self.finish(client, 20).code, (8, 130))
        wait_until(lambda: not self.engines(), "no engine", 5)


if __name__ == "__main__":
    main()
