#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Linters as they are, those that this machine has: what they print is read, and one that never ends can be stopped."""
import json
import os
import pathlib
import shutil
import signal
import unittest

from programs import ProcessTest, main, wait_until

C = """\
#include <stddef.h>

int last(void) {
  int values[4] = {1, 2, 3, 4};
  return values[4];
}

int first(const int* from) {
  if (from == 0) return *from;
  return from[0];
}
"""
SHELL = """\
#!/bin/sh
unused=1
for file in $(ls ./*.txt); do
  rm $file
done
"""
GO = """\
package main

import "fmt"

func main() {
	fmt.Printf("%d\\n", "one")
}
"""
GO_PACKAGE = """\
package job

import "sync"

type Job struct{ mutex sync.Mutex }

func Start(job Job) bool {
	return job.mutex.TryLock()
}
"""
PYTHON = """\
import os


def twice(value):
    return value + valeu
"""
JAVASCRIPT = """\
export function twice(value) {
  if (value = 0) return 0;
  return valeu * 2;
}
"""


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Linters(ProcessTest):
    def review(self, *words):
        """(path, line, source, rule, severity) of all that linters find."""
        done = self.run_client("review", "--static", "--format", "json", *words)
        self.assert_done(done)
        self.assertNotIn("did not end as it should", done.err)
        result = json.loads(done.out)
        for finding in result["findings"]:
            self.assertTrue(finding["message"], finding)
            lines = (self.work / finding["path"]).read_text().splitlines()
            self.assertEqual(finding["quote"], lines[finding["lines"][0] - 1].strip())
        self.linters = result["linters"]
        return {(found["path"], found["lines"][0], found["source"], found["rule"], found["severity"])
                for found in result["findings"] if found["source"] != "static"}

    @needs("cppcheck")
    def test_cppcheck(self):
        (self.work / "src").mkdir()
        self.file("src/it's here.c", C)
        found = self.review("src")
        self.assertIn(("src/it's here.c", 5, "cppcheck", "arrayIndexOutOfBounds", "error"), found)
        # Its releases name it nullPointer or nullPointerRedundantCheck.
        self.assertTrue(any(each[1] == 9 and each[3].startswith("nullPointer") for each in found), found)

    @needs("shellcheck")
    def test_shellcheck(self):
        self.file("run.sh", SHELL)
        self.file("half.sh", "#!/bin/sh\nif true; then\n  echo \"it\n")
        found = self.review(".")
        self.assertIn(("run.sh", 2, "shellcheck", "SC2034", "warning"), found)
        self.assertIn(("run.sh", 4, "shellcheck", "SC2086", "note"), found)
        # It says that of the end of the file, which is behind the last line.
        self.assertIn(("half.sh", 3, "shellcheck", "SC1072", "error"), found)

    @needs("clang-tidy")
    def test_clang_tidy(self):
        self.file("list.c", C)
        self.file(".clang-tidy", "Checks: '-*,modernize-use-nullptr,bugprone-*,clang-analyzer-core.*'\n")
        (self.work / "build").mkdir()
        self.file("build/compile_commands.json", json.dumps(
            [{"directory": str(self.work), "file": "list.c", "command": "cc -c list.c"}]))
        self.assertFalse(self.sources(self.review("list.c")) & {"clang-tidy"}, "it was not confirmed")
        found = self.review("--trust-linters", "list.c")
        self.assertIn(("list.c", 9, "clang-tidy", "clang-analyzer-core.NullDereference", "warning"), found)
        # The steps to it are notes of clang-tidy, and no findings.
        self.assertEqual({each[4] for each in found if each[2] == "clang-tidy"}, {"warning"})

    @needs("go")
    def test_go_vet(self):
        self.env["GOFLAGS"], self.env["GOCACHE"] = "-mod=mod", str(self.root / "cache")
        self.file("go.mod", "module example.org/a\n\ngo 1.18\n")
        self.file("main.go", GO)
        (self.work / "job").mkdir()
        self.file("job/job.go", GO_PACKAGE)
        self.assertEqual(self.sources(self.review(".")), set(), "it was not confirmed")
        found = self.review("--trust-linters", ".")
        self.assertIn(("main.go", 6, "go", "go", "warning"), found)
        self.assertIn(("job/job.go", 7, "go", "go", "warning"), found)

    @needs("ruff")
    def test_ruff(self):
        self.file("job.py", PYTHON)
        found = self.review("job.py")
        self.assertIn(("job.py", 1, "ruff", "F401", "warning"), found)
        self.assertIn(("job.py", 5, "ruff", "F821", "warning"), found)

    @needs("eslint")
    def test_eslint(self):
        self.file("job.js", JAVASCRIPT)
        self.file("eslint.config.mjs", 'export default [{ rules: { "no-undef": "error", "no-cond-assign": "warn" } }];\n')
        self.assertEqual(self.sources(self.review("job.js")), set(), "it was not confirmed")
        found = self.review("--trust-linters", "job.js")
        self.assertEqual(found, {("job.js", 2, "eslint", "no-cond-assign", "warning"),
                                 ("job.js", 3, "eslint", "no-undef", "error")})

    def test_one_that_never_ends_is_stopped_with_the_command(self):
        programs = self.root / "programs"
        programs.mkdir()
        fake = programs / "shellcheck"
        fake.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > '{self.root}/child'\nwait\n")
        fake.chmod(0o755)
        self.env["PATH"] = f"{programs}:{self.env['PATH']}"
        self.file("run.sh", SHELL)
        process = self.start("review", "--static", "run.sh")
        child = self.root / "child"
        wait_until(lambda: child.exists() and child.read_text().strip(), "a linter that runs")
        os.kill(process.pid, signal.SIGINT)
        self.assertEqual(self.finish(process).code, 130)
        left = pathlib.Path("/proc") / child.read_text().strip()
        wait_until(lambda: not left.exists(), "no process of the linter")

    @staticmethod
    def sources(found):
        return {each[2] for each in found}


if __name__ == "__main__":
    main()
