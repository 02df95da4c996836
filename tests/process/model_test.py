#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real model that comes with the programs, from the command line to its tokens; and its file changing under it."""
import json
import os
import shutil

from programs import STARTER, ProcessTest, main

SOURCE = '''def add(a, b):
    """Returns the sum of two numbers."""
    return a + b


def scale(values, factor):
    result = []
    for value in values:

    return result
'''


class Starter(ProcessTest):
    def setUp(self):
        super().setUp()
        self.file("calc.py", SOURCE)

    def test_explain_gen_and_complete(self):
        model = ("--model", STARTER, "--max-tokens", "48")
        explained = self.run_client("explain", "--file", "calc.py", *model)
        self.assert_done(explained)
        self.assertTrue(explained.out.strip(), explained)
        generated = self.run_client("gen", "--language", "python", *model, "a function that adds two numbers")
        self.assert_done(generated)
        self.assertTrue(generated.out.strip(), generated)
        self.assertNotIn("```", generated.out)
        completed = self.run_client("complete", "--file", "calc.py", "--line", "9", *model)
        self.assert_done(completed)
        self.assertTrue(completed.out.strip(), completed)
        self.assertEqual(len(self.engines()), 1)

    def explain_json(self, *words):
        done = self.run_client("explain", "--file", "calc.py", "--format", "json", "--max-tokens", "24", *words)
        self.assert_done(done)
        self.assertEqual(done.out.count("\n"), 1)
        return json.loads(done.out)

    def test_the_second_answer_reuses_the_first(self):
        first = self.explain_json("--model", STARTER)
        second = self.explain_json("--model", STARTER)
        self.assertEqual(first["usage"]["cached_tokens"], 0)
        self.assertGreater(first["timing"]["load_ms"], 0)
        self.assertGreater(second["usage"]["cached_tokens"], 0)
        self.assertEqual(second["timing"]["load_ms"], 0)
        self.assertEqual(first["answer"], second["answer"], "reuse changes nothing")

    def test_too_little_memory(self):
        self.start_engine("--memory-limit", "1000000")
        done = self.run_client("explain", "--file", "calc.py", "--model", STARTER)
        self.assert_error(done, 4, "of memory (weights ", "are available", "hint: ")
        self.assertRegex(done.err, r"needs [0-9.]+ [kMG]i?B of memory")
        self.assert_usable()

    def copy(self):
        path = self.work / "copy.gguf"
        shutil.copy(STARTER, path)
        return path

    def test_replaced_by_the_same_model(self):
        model = self.copy()
        before = self.explain_json("--model", model)
        shutil.copy(STARTER, self.work / "new")
        os.utime(self.work / "new", (1, 1))
        os.rename(self.work / "new", model)
        after = self.explain_json("--model", model)
        self.assertEqual(after["answer"], before["answer"])
        self.assertGreater(after["timing"]["load_ms"], 0, "it was loaded again")
        self.assertEqual(after["usage"]["cached_tokens"], 0)

    def test_replaced_by_another_model_of_the_same_size_and_time(self):
        model = self.copy()
        data = bytearray(model.read_bytes())
        self.explain_json("--model", model)
        half = len(data) // 2  # all of it weights
        data[half:] = data[half:][::-1]
        (self.work / "new").write_bytes(data)
        times = os.stat(model)
        os.utime(self.work / "new", ns=(times.st_atime_ns, times.st_mtime_ns))
        os.rename(self.work / "new", model)
        after = self.explain_json("--model", model)
        self.assertGreater(after["timing"]["load_ms"], 0, "it was loaded again")
        self.assertEqual(after["usage"]["cached_tokens"], 0)

    def check_damage(self, damage):
        model = self.copy()
        before = self.explain_json("--model", model)
        damage(model)
        ask = ("explain", "--file", "calc.py", "--model", model, "--max-tokens", "24")
        damaged = self.run_client(*ask)
        if damaged.code == 8:
            # Idle work was reading the pages that went away: only the engine dies of that, and the next one says why.
            self.assert_error(damaged, 8, "the engine ended")
            damaged = self.run_client(*ask)
        if damaged.code != 0:  # libllama reads what it needs: bytes after the end do no harm
            self.assert_error(damaged, 4, "copy.gguf")
        self.assert_usable()
        shutil.copy(STARTER, model)
        self.assertEqual(self.explain_json("--model", model)["answer"], before["answer"])
        return damaged

    def test_truncated_while_loaded(self):
        self.assertEqual(self.check_damage(lambda model: os.truncate(model, 1000000)).code, 4)

    def test_emptied_while_loaded(self):
        self.assertEqual(self.check_damage(lambda model: os.truncate(model, 0)).code, 4)

    def test_removed_while_loaded(self):
        self.assertEqual(self.check_damage(os.unlink).code, 4)

    def test_appended_to_while_loaded(self):
        def append(model):
            with open(model, "ab") as file:
                file.write(b"x" * 4096)
        self.check_damage(append)

    def test_replaced_by_something_else(self):
        def replace(model):
            other = self.file("other", "this is no model\n" * 1000)
            os.rename(other, model)
        self.assertEqual(self.check_damage(replace).code, 4)

    def test_truncated_in_the_middle_of_an_answer(self):
        model = self.copy()
        before = self.explain_json("--model", model)
        client = self.start("explain", "--file", "calc.py", "--model", model, "--max-tokens", "1500", "--temperature", "1")
        self.assertTrue(client.stdout.read(1))
        os.truncate(model, 4096)
        done = self.finish(client)
        self.assertIn(done.code, (0, 4, 8), done)  # it may have had all it needed
        if done.code == 8:
            self.assert_error(done, 8, "the engine ended in the middle of a request", "hint: ")
        shutil.copy(STARTER, model)
        self.assertEqual(self.explain_json("--model", model)["answer"], before["answer"])


if __name__ == "__main__":
    main()
