#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computed KV that outlives its engine: found again, damaged, cut off, cleared, of a model that changed. The answers
are always those of an engine that computes everything itself."""
import json
import os
import random
import shutil
import subprocess
import time

from programs import STARTER, ProcessTest, SmallDisks, main, wait_until

# About 21 tokens each; the starter model has room for 2 048.
LINES = [f"def weigh_{i}(first, second):\n    return first * {i * 37 % 101} - second\n\n\n" for i in range(88)]
TEXT, LONG_TEXT = "".join(LINES[:52]), "".join(LINES)


def request(number, text=TEXT, model=STARTER, **fields):
    return dict(dict(id=number, type="generate", model={"kind": "gguf", "path": str(model)}, prompt={"raw": text},
                     max_tokens=24), **fields)


class Kv(SmallDisks, ProcessTest):
    @classmethod
    def setUpClass(cls):
        # The reference: no file of KV, and nothing in memory yet.
        test = cls()
        test.setUp()
        try:
            test.start_engine("--kv-bytes", "0")
            cls.reference, generated = test.ask()
            assert generated["usage"]["cached_tokens"] == 0 and generated["usage"]["prompt_tokens"] > 1000, generated
            assert cls.reference and not test.kv().exists()
        finally:
            test.doCleanups()

    def runTest(self):
        """For setUpClass."""

    def kv(self):
        return self.home / "cache" / "kv"

    def files(self):
        return sorted(self.kv().glob("*.kv"))

    def ask(self, *arguments, **fields):
        """(text, last reply) of a request of its own connection."""
        peer = self.peer()
        peer.send(**request(1, *arguments, **fields))
        return peer.last_of(1)

    def assert_reference(self, **fields):
        """The answer is what it should be; how many tokens were not computed for it."""
        text, generated = self.ask(**fields)
        self.assertEqual(generated["type"], "generated", generated)
        self.assertEqual(text, self.reference)
        return generated["usage"]["cached_tokens"]

    def kill(self, engine):
        engine.kill()
        engine.wait()

    def leave(self, engine):
        """The engine ends as it should, and what it computed is on disk."""
        self.assert_done(self.run_client("engine", "stop"))
        engine.wait(timeout=20)

    def fill(self):
        """KV of the request on disk, and no engine."""
        engine = self.start_engine()
        self.assert_reference()
        self.leave(engine)

    def kv_facts(self):
        status = self.run_client("engine", "status", "--format", "json")
        self.assert_done(status)
        return json.loads(status.out)["kv"]

    def start_prefill(self, **fields):
        """A peer whose request is in the middle of its prompt."""
        peer = self.peer()
        peer.send(**request(1, **fields))
        while True:
            reply = peer.receive()
            self.assertEqual(reply["type"], "progress", reply)
            if reply["stage"] == "prefill" and reply["done"] > 0:
                return peer

    @staticmethod
    def first_end_of(peer):
        """The request that is answered next."""
        while True:
            reply = peer.receive()
            if reply["type"] not in ("progress", "text"):
                return reply["id"]

    def test_the_next_engine_finds_it(self):
        self.fill()
        self.assertGreater(len(self.files()), 4)
        self.assertEqual({path.stat().st_mode & 0o777 for path in self.files()}, {0o600})
        self.start_engine()
        self.assertGreater(self.assert_reference(), 1000)
        self.assertGreater(self.kv_facts()["disk_hits"], 4)

    def test_damaged_files_are_counted_and_replaced(self):
        self.fill()
        chance = random.Random(1)
        contents = [path.read_bytes() for path in self.files()]
        for i, path in enumerate(self.files()):
            damaged = bytearray(contents[i])
            if i % 3 == 0:
                damaged = damaged[:chance.randrange(len(damaged))]
            elif i % 3 == 1:
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
            else:
                damaged = contents[i - 1]
            path.write_bytes(damaged)
        engine = self.start_engine()
        self.assertEqual(self.assert_reference(), 0)
        self.assertEqual(self.kv_facts()["refused"], len(contents))
        self.leave(engine)
        self.start_engine()
        self.assertGreater(self.assert_reference(), 1000, "one request replaced them all")

    def test_what_is_no_file_stays(self):
        self.fill()
        precious = self.file("precious", "keep me")
        for i, path in enumerate(self.files()):
            path.unlink()
            if i % 3 == 0:
                os.mkfifo(path)
            elif i % 3 == 1:
                path.mkdir()
            else:
                path.symlink_to(precious)
        before = sorted(os.listdir(self.kv()))
        self.start_engine()
        self.assertEqual(self.assert_reference(), 0)
        self.assertGreater(self.kv_facts()["refused"], 0)
        # What is said of the disk is as of the end of the last request.
        wait_until(lambda: self.ask("x") and self.kv_facts()["failed_writes"] > 0, "writes that are refused")
        self.assertLessEqual(set(before), set(os.listdir(self.kv())))
        self.assertEqual(precious.read_text(), "keep me")

    def test_no_folder_can_be_made(self):
        self.kv().parent.mkdir(parents=True)
        self.kv().write_text("in the way")
        engine = self.start_engine()
        self.assertEqual(self.assert_reference(), 0)
        self.assertGreater(self.assert_reference(), 1000)
        self.leave(engine)
        self.assertEqual(self.kv().read_text(), "in the way")

    def test_a_full_disk(self):
        self.mount(self.kv(), "size=1m")
        engine = self.start_engine()
        self.assert_reference()
        wait_until(lambda: self.ask("x") and self.kv_facts()["failed_writes"] > 0, "writes for which there is no room")
        self.leave(engine)
        self.assertEqual([path.name for path in self.kv().iterdir() if path.suffix != ".kv"], [], "no halves of files")
        self.assertGreater(len(self.files()), 0)
        self.start_engine()
        self.assertGreater(self.assert_reference(), 0, "what had room is there")
        self.assertEqual(self.kv_facts()["refused"], 0)

    def test_a_read_only_disk_with_a_damaged_file(self):
        self.mount(self.kv(), "size=64m")
        self.fill()
        damaged = self.files()
        for path in damaged[::2]:
            path.write_bytes(path.read_bytes()[:-1])
        subprocess.run(["mount", "-o", "remount,ro", str(self.kv())], check=True)
        before = {path: path.read_bytes() for path in self.files()}
        self.start_engine()
        for _ in range(2):
            self.assert_reference()
        self.assertGreater(self.kv_facts()["refused"], 0)
        wait_until(lambda: self.ask("x") and self.kv_facts()["failed_writes"] > 0, "writes that are refused")
        self.assertEqual({path: path.read_bytes() for path in self.files()}, before)

    def test_killed_at_any_moment(self):
        chance = random.Random(time.monotonic_ns())
        for attempt in range(3):
            shutil.rmtree(self.home / "cache", ignore_errors=True)
            engine = self.start_engine()
            peer = self.start_prefill()
            time.sleep(chance.random() * 0.6)
            self.kill(engine)
            peer.close()
            engine = self.start_engine()
            cached = self.assert_reference()
            facts = self.kv_facts()
            self.assertEqual(facts["refused"], 0, "a file is whole or not there")
            self.assertEqual(cached > 0, facts["disk_hits"] > 0, (attempt, facts))
            wait_until(lambda: not list(self.kv().glob("*.tmp")), "no file that was begun")
            self.kill(engine)

    def test_cleared_while_it_works(self):
        self.start_engine()
        peer = self.start_prefill()
        self.assert_done(self.run_client("clear", "--kv"))
        self.assertEqual(peer.last_of(1)[0], self.reference)
        self.assert_done(self.run_client("clear", "--kv"))
        self.ask("something else")  # the first prompt leaves the cache
        self.assert_reference()

    def test_the_urgent_comes_first(self):
        self.start_engine()
        for priority, length in (("idle", 100), ("batch", 2000)):  # the longer one needs the other's room
            peer = self.start_prefill(priority=priority, prompt={"raw": priority + LONG_TEXT})
            urgent = self.peer()
            urgent.send(**request(7, TEXT[500:500 + length], max_tokens=1, priority="completion"))
            self.assertEqual(urgent.last_of(7)[1]["type"], "generated")
            peer.send(id=8, type="status")
            self.assertEqual(self.first_end_of(peer), 8, f"{priority}: its answer came before the urgent one")
            self.assertIn(peer.last_of(1)[1]["stop"], ("max_tokens", "end"))

    def test_a_model_that_is_overwritten_while_it_is_used(self):
        model = self.work / "copy.gguf"
        shutil.copy(STARTER, model)
        good = model.read_bytes()
        bad = bytearray(good)
        for i in range(2_000_000, len(bad), 3):
            bad[i] ^= 4
        times = os.stat(model)
        self.start_engine()
        peer = self.start_prefill(model=model)
        with open(model, "r+b") as file:
            file.write(bad)
        failed = peer.last_of(1)[1]
        self.assertEqual((failed["type"], failed.get("kind")), ("error", "model"), failed)
        self.assertIn("was changed while it was used", failed["message"])
        # Nothing that the damaged one computed is left under the name of the other.
        with open(model, "r+b") as file:
            file.write(good)
        os.utime(model, ns=(times.st_atime_ns, times.st_mtime_ns))
        self.assert_reference(model=model)

    def test_another_file_in_the_place_of_one_in_use(self):
        model = self.work / "copy.gguf"
        shutil.copy(STARTER, model)
        self.start_engine()
        peer = self.start_prefill(model=model)
        os.rename(self.file("other", "this is no model\n"), model)
        self.assertEqual(peer.last_of(1)[0], self.reference, "the file that is mapped is still there")
        self.assertEqual(self.ask(model=model)[1]["type"], "error", "and the next request is about the new one")

    def test_many_at_once(self):
        self.start_engine()
        peers = [self.peer() for _ in range(100)]
        for peer in peers:
            peer.send(**request(1, max_tokens=2, prompt={"raw": TEXT[:200]}))
        answers = [peer.last_of(1) for peer in peers]
        self.assertEqual({text for text, _ in answers}, {answers[0][0]})
        self.assertEqual({generated["type"] for _, generated in answers}, {"generated"})


class Calibration(ProcessTest):
    def test_a_script_has_nothing_to_measure(self):
        self.start_engine()
        peer = self.peer()
        peer.send(id=1, type="calibrate", model={"kind": "script", "path": str(self.script("x"))})
        self.assertEqual(peer.last_of(1)[1]["type"], "calibrated")


if __name__ == "__main__":
    main()
