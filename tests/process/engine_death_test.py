#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The engine dies, was never there, or left things behind; the folder it lives in is not safe."""
import os
import shutil
import signal
import socket
import time

from programs import CLIENT, ProcessTest, main, wait_until

# "bounded": what cannot start is given up long before anybody thinks that it hangs.
GIVE_UP_S = 15


class Death(ProcessTest):
    def test_killed_in_the_middle_of_an_answer(self):
        script = self.script({"answer": "words " * 500, "delay_ms": 50})
        client = self.start("explain", "--script", script, "why?")
        self.assertEqual(client.stdout.read(4), b"word")
        killed = self.engines()
        self.assertEqual(len(killed), 1)
        os.kill(killed[0], signal.SIGKILL)
        self.assert_error(self.finish(client, 20), 8, "the engine ended in the middle of a request", "hint: run the command again")
        self.assert_usable()
        self.assertEqual(len(self.engines()), 1)
        self.assertNotEqual(self.engines(), killed)

    def test_crash_in_a_script(self):
        script = self.script({"answer": "some words", "crash": True})
        crashed = self.run_client("explain", "--script", script, "why?")
        self.assert_error(crashed, 8, "the engine ended in the middle of a request", "hint: ", "engine.log")
        self.assertTrue(crashed.out.startswith("some"), crashed)
        self.assert_usable()

    def test_crash_as_json(self):
        script = self.script({"answer": "some words", "crash": True})
        crashed = self.run_client("explain", "--format", "json", "--script", script, "why?")
        self.assertEqual(crashed.code, 8, crashed)
        self.assertIn('"ok":false,"error":{"kind":"engine"', crashed.out)

    def test_killed_while_writing_a_file_is_due(self):
        target = self.file("app.py", "old = 1\n")
        script = self.script({"answer": "new = 2\n```\n", "crash": True})
        done = self.run_client("gen", "--script", script, "--file", "app.py", "--write", "--yes", "make it new")
        self.assert_error(done, 8)
        self.assertEqual(target.read_text(), "old = 1\n")

    def test_leftovers_of_a_killed_engine(self):
        self.assert_usable()
        os.kill(self.engines()[0], signal.SIGKILL)
        wait_until(lambda: not self.engines(), "the end of the engine")
        self.assertTrue(self.socket.exists(), "a stale socket file is what this test is about")
        status = self.run_client("engine", "status")
        self.assertEqual((status.code, status.out), (1, "no engine runs\n"), status)
        self.assert_usable()


class Leftovers(ProcessTest):
    def setUp(self):
        super().setUp()
        self.runtime = self.home / "run"
        self.runtime.mkdir(parents=True)
        self.runtime.chmod(0o700)

    def test_a_socket_nobody_listens_at(self):
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(self.socket))
        self.assertTrue(self.socket.exists())
        self.assert_usable()

    def test_a_plain_file_in_place_of_the_socket(self):
        self.socket.write_text("not a socket")
        self.assert_usable()

    def test_a_link_in_place_of_the_socket(self):
        target = self.file("precious", "keep me")
        self.socket.symlink_to(target)
        self.assert_usable()
        self.assertEqual(target.read_text(), "keep me")

    def test_a_lock_file_that_nobody_holds(self):
        (self.runtime / "engine.lock").write_text("12345")
        self.assert_usable()

    def test_a_lock_that_is_a_link_is_not_followed(self):
        (self.runtime / "engine.lock").symlink_to(self.work / "nowhere")
        started = time.monotonic()
        self.assert_error(self.run_client("explain", "--script", self.script("x"), "why?"), 8, "the engine did not start", "engine.lock")
        self.assertLess(time.monotonic() - started, GIVE_UP_S)
        self.assertFalse((self.work / "nowhere").exists())

    def test_a_folder_in_place_of_the_socket(self):
        self.socket.mkdir()
        started = time.monotonic()
        self.assert_error(self.run_client("explain", "--script", self.script("x"), "why?"), 8, "the engine did not start", "engine.sock", "hint: ")
        self.assertLess(time.monotonic() - started, GIVE_UP_S)

    def test_a_folder_open_to_others_is_refused(self):
        self.runtime.chmod(0o777)
        done = self.run_client("explain", "--script", self.script("x"), "why?")
        self.assert_error(done, 7, str(self.runtime), "is not this user's alone", "hint: remove it, or chmod 700")
        self.assertEqual(self.engines(), [])

    def test_a_folder_of_somebody_else_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a folder away")
        os.chown(self.runtime, 12345, 12345)
        self.assert_error(self.run_client("explain", "--script", self.script("x"), "why?"), 7, "is not this user's alone")

    def test_a_runtime_folder_that_is_a_link_is_refused(self):
        self.runtime.rmdir()
        elsewhere = self.root / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        self.runtime.symlink_to(elsewhere)
        self.assert_error(self.run_client("explain", "--script", self.script("x"), "why?"), 7, "is not this user's alone")


class Missing(ProcessTest):
    def test_the_engine_is_not_there(self):
        alone = self.root / "alone"
        alone.mkdir()
        shutil.copy(CLIENT, alone / "offline-coder")
        done = self.run_client("explain", "--script", self.script("x"), "why?", program=alone / "offline-coder")
        self.assert_error(done, 8, f"the engine '{alone}/offline-coder-engine' is missing", "hint: install offline-coder again")

    def test_the_engine_does_not_run(self):
        alone = self.root / "alone"
        alone.mkdir()
        shutil.copy(CLIENT, alone / "offline-coder")
        broken = alone / "offline-coder-engine"
        broken.write_text("#!/bin/sh\necho 'a library is missing' >&2\nexit 127\n")
        broken.chmod(0o755)
        started = time.monotonic()
        done = self.run_client("explain", "--script", self.script("x"), "why?", program=alone / "offline-coder")
        self.assert_error(done, 8, "the engine did not start", "a library is missing", "hint: ")
        self.assertLess(time.monotonic() - started, GIVE_UP_S)

    def test_the_engine_may_not_be_run(self):
        alone = self.root / "alone"
        alone.mkdir()
        shutil.copy(CLIENT, alone / "offline-coder")
        (alone / "offline-coder-engine").write_text("no program")
        done = self.run_client("explain", "--script", self.script("x"), "why?", program=alone / "offline-coder")
        self.assert_error(done, 8, "cannot run", "offline-coder-engine")


if __name__ == "__main__":
    main()
