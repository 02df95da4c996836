#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs do the same before and after a refactoring, or the refactoring is refused.

    refactor_test.py BIN

Every run of whole lines of refactor_programs/ is offered to `refactor extract`, at most SIZES lines long; what the program
prints must not change, nor by `refactor inline` of any of its names. A sample of the lines, chosen by a fixed rule, so that
each run of the test takes the same ones.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(sys.argv[1]).resolve()
PROGRAMS = pathlib.Path(__file__).resolve().parent / "refactor_programs"
SIZES = (1, 2, 4)
EVERY = 5  # lines begins a range
RUNNERS = {".py": sys.executable, ".js": shutil.which("node"), ".mjs": shutil.which("node")}


class Refactoring(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="oc-refactor-")
        self.root = pathlib.Path(self.folder.name)
        self.project = self.root / "project"
        (self.project / ".git").mkdir(parents=True)

    def tearDown(self):
        self.folder.cleanup()

    def refactor(self, *words):
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.root), "OFFLINE_CODER_HOME": str(self.root / "home"), "LANG": "C.UTF-8"}
        return subprocess.run([BIN / "offline-coder", "refactor", *words, "--yes"], cwd=self.project, env=env,
                              capture_output=True, text=True, timeout=60, check=False)

    def run_program(self, file):
        done = subprocess.run([RUNNERS[file.suffix], file.name], cwd=self.project, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True,
                              timeout=60, check=False)
        return done.stdout, done.returncode, done.stderr if done.returncode else ""

    def check_extract(self, name):
        source = PROGRAMS / name
        if RUNNERS[source.suffix] is None:
            self.skipTest("nothing here runs " + name)
        text = source.read_text()
        file = self.project / name
        file.write_text(text)
        wanted = self.run_program(file)
        self.assertEqual(wanted[1], 0, wanted[2])
        lines = text.count("\n")
        made = 0
        for size in SIZES:
            for first in range(1 + size % EVERY, lines - size + 2, EVERY):
                file.write_text(text)
                done = self.refactor("extract", "made_of_lines", "--file", name, "--lines", f"{first}-{first + size - 1}")
                if done.returncode == 0:
                    made += 1
                    self.assertEqual(self.run_program(file), wanted, f"{name}:{first}, {size} lines\n{file.read_text()}")
                else:
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertEqual(file.read_text(), text)
        self.assertGreater(made, 10, "too few could be extracted to prove anything")

    def check_inline(self, name, wanted_count):
        source = PROGRAMS / name
        if RUNNERS[source.suffix] is None:
            self.skipTest("nothing here runs " + name)
        text = source.read_text()
        file = self.project / name
        file.write_text(text)
        wanted = self.run_program(file)
        self.assertEqual(wanted[1], 0, wanted[2])
        made = 0
        for word in sorted(set(re.findall(r"[A-Za-z_]\w*", text))):
            file.write_text(text)
            done = self.refactor("inline", word, "--file", name)
            if done.returncode == 0:
                made += 1
                self.assertEqual(self.run_program(file), wanted, f"{word} of {name}\n{file.read_text()}")
            else:
                self.assertIn(done.returncode, (1, 2), done.stderr)
                self.assertEqual(file.read_text(), text)
        self.assertGreater(made, wanted_count, "too few could be put in place to prove anything")

    def check_move(self, folder, main, new_file, names):
        """Each name to each file of the project and to a new one."""
        source = PROGRAMS / folder
        if RUNNERS[pathlib.Path(main).suffix] is None:
            self.skipTest("nothing here runs " + main)
        files = [p.relative_to(source).as_posix() for p in sorted(source.rglob("*")) if p.is_file() and p.parent.name != "__pycache__"]
        wanted, made = None, 0
        for name in [""] + names:
            for to in [""] if not name else [*files, new_file]:
                shutil.rmtree(self.project)
                (self.project / ".git").mkdir(parents=True)
                for file in files:
                    (self.project / file).parent.mkdir(exist_ok=True)
                    shutil.copy(source / file, self.project / file)
                done = self.refactor("move", name, to) if name else None
                result = self.run_program(self.project / main)
                wanted = wanted or result
                self.assertEqual(result, wanted, f"{name} to {to}\n{done and done.stderr}")
                made += 1 if done and done.returncode == 0 else 0
        self.assertEqual(wanted[1], 0, wanted[2])
        self.assertGreater(made, 10, "too few could be moved to prove anything")

    def test_move_python(self):
        self.check_move("shop_py", "main.py", "store/fresh.py",
                        ["RATE", "total", "discount", "with_tax", "Basket", "plural", "count", "Stock", "items_of", "width", "Shelf"])

    def test_move_javascript(self):
        self.check_move("shop_js", "main.mjs", "sub/fresh.mjs",
                        ["CURRENCY", "RATE", "total", "discount", "withTax", "rounded", "plural", "title", "count", "itemsOf"])

    def test_inline_python(self):
        self.check_inline("uses.py", 15)

    def test_inline_javascript(self):
        self.check_inline("uses.js", 12)

    def test_extract_python_functions(self):
        self.check_extract("sums.py")

    def test_extract_python_classes(self):
        self.check_extract("shapes.py")

    def test_extract_javascript(self):
        self.check_extract("sums.js")

    def test_extract_javascript_without_semicolons(self):
        self.check_extract("loose.js")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
