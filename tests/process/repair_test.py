#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fix -- COMMAND against real compilers and interpreters: it ends green where the answers are right, and gives up with the
tree as it was where they are not.

Each third of the defects has another kind of answers; all defects with all kinds: OC_REPAIR_ALL=1 python3 -B repair_test.py BIN"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys

from apply_test import names_of_difference, snapshot
from defects import DEFECTS, LANGUAGES
from programs import ProcessTest, main

ALL = bool(os.environ.get("OC_REPAIR_ALL"))
KINDS = ("right", "wrong, then right", "always wrong")
ROUNDS = 3
PROSE = "The function is wrong. This is how it should be:\n\n"
COMMENTS = {"python": "#"}


def whole_path_of(program):
    """Programs that find their own files by the user's home are asked where the real ones are: here home is another place."""
    if program == "python3":
        return sys.executable
    path = shutil.which(program)
    if path and program == "rustc":
        done = subprocess.run([path, "--print", "sysroot"], capture_output=True, text=True, check=False)
        path = shutil.which("rustc", path=os.path.join(done.stdout.strip(), "bin")) if done.returncode == 0 else None
    return path


class Repairs(ProcessTest):
    def tools(self, language):
        """{program: its path}, or None where one is missing or does not run here."""
        words = re.findall(r"(?:^|&& )(\S+)", LANGUAGES[language][2])
        found = {word: whole_path_of(word) for word in words if word != "OUT"}
        return None if None in found.values() else found

    def command(self, language, tools):
        line = LANGUAGES[language][2].replace("FILE", LANGUAGES[language][0]).replace("OUT", f"'{self.root}/out'")
        for program, path in tools.items():
            line = re.sub(rf"(^|&& ){re.escape(program)} ", lambda m, p=path: f"{m.group(1)}'{p}' ", line)
        return line

    def answer(self, language, program, function):
        """A whole file where the file cannot be parsed, else the function, as a model would write them."""
        name = LANGUAGES[language][0]
        return f"{PROSE}{name}\n```{language.replace('c++', 'cpp')}\n{program or function + chr(10)}```\n"

    def setUp(self):
        super().setUp()
        self.scripts = 0

    def run_fix(self, line, answers):
        self.scripts += 1
        script = self.root / f"script{self.scripts}"
        last = {"error": {"kind": "engine", "message": "asked too often", "hint": ""}}
        script.write_text("".join(json.dumps(a) + "\n" for a in [*({"answer": a} for a in answers), last]))
        return self.run_client("fix", "--quiet", "--yes", "--script", script, "--shell", line)

    def repair(self, defect, kind, tools):
        language, what, bad, good = defect
        name, frame, _ = LANGUAGES[language]
        broken, right = frame.replace("@", bad), frame.replace("@", good)
        self.file(name, broken)
        (self.work / name).chmod(0o755)
        before = snapshot(self.work)
        mark = COMMENTS.get(language, "//")
        # What is wrong stays wrong: only a comment comes.
        useless = frame.replace("@", f"{mark} This should work.\n{bad}")
        answers = {"right": [self.answer(language, None, good)], "wrong, then right": [self.answer(language, useless, bad),
                   self.answer(language, right, good)], "always wrong": [self.answer(language, useless, bad)] * ROUNDS}[kind]
        # Its syntax is broken: there may be no function to replace. Or other parameters would make another function of it.
        is_overload = language in ("c++", "java") and bad.splitlines()[0] != good.splitlines()[0]
        if what.startswith("no ") or is_overload:
            answers = [self.answer(language, right, good)] if kind == "right" else answers
        done = self.run_fix(self.command(language, tools), answers)
        label = f"{language}: {what}: {kind}: {done}"
        self.assertNotIn("asked too often", done.err, label)
        if kind == "always wrong":
            self.assertEqual(done.code, 1, label)
            self.assertEqual(names_of_difference(before, snapshot(self.work)), [], label)
            return
        self.assertEqual(done.code, 0, label)
        self.assertEqual((self.work / name).read_text(), right, label)
        self.assertEqual(names_of_difference(before, snapshot(self.work)), [name.encode()], label)
        self.assertEqual((self.work / name).stat().st_mode & 0o777, 0o755, label)

    def test_defects(self):
        counts, skipped = collections.Counter(), collections.Counter()
        tools = {}
        for language, (name, frame, _) in LANGUAGES.items():
            found = self.tools(language)
            if found:  # does it run at all?
                good = next(d[3] for d in DEFECTS if d[0] == language)
                self.file(name, frame.replace("@", good))
                done = self.run_client("check", env={"OFFLINE_CODER_CHECK_COMMANDS": "sh: " + self.command(language, found)})
                found = found if done.code == 0 else None
                (self.work / name).unlink()
            tools[language] = found
        for index, defect in enumerate(DEFECTS):
            for number, kind in enumerate(KINDS):
                if not ALL and (index % 3 != 0 or index // 3 % 3 != number):
                    continue
                if tools[defect[0]] is None:
                    skipped[defect[0]] += 1
                    continue
                with self.subTest(f"{defect[0]}: {defect[1]}: {kind}"):
                    self.repair(defect, kind, tools[defect[0]])
                    counts[defect[0], kind] += 1
                (self.work / LANGUAGES[defect[0]][0]).unlink(missing_ok=True)
        print(f"\n{len(DEFECTS)} defects are known, {sum(counts.values())} repairs were tried:", flush=True)
        for language in LANGUAGES:
            tried = ", ".join(f"{counts[language, kind]} {kind}" for kind in KINDS)
            print(f"  {language}: {tried}" if tools[language] else f"  {language}: SKIPPED {skipped[language]}, no compiler here")
        self.assertGreaterEqual(len(DEFECTS), 60)
        self.assertEqual(len({(d[0], d[1]) for d in DEFECTS}), len(DEFECTS), "two defects of one name")
        self.assertTrue(all(d[2] != d[3] for d in DEFECTS), [d[:2] for d in DEFECTS if d[2] == d[3]])


if __name__ == "__main__":
    main()
