#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The index of a project in a bad world: killed scans, several at once, files that change under them, full disks, huge
files. Whatever happens, the next scan must give the index that a fresh one would be."""
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

from programs import CLIENT, ProcessTest, main, wait_until
from terminal_test import Terminal

REQUEST = "how does compute_7 count the items?"


class ScanTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.write(".offline-coder/config.yaml", "")
        self.index = self.work / ".offline-coder" / "cache.db"
        self.random = random.Random(self.id())

    def write(self, name, content):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_module(self, number, version=0):
        """A file that refers to its neighbours; some hold more than others."""
        functions = "".join(f"def helper_{number}_{i}(x):\n    return compute_{(number + i) % 50}(x) + {version}\n\n\n"
                            for i in range(number % 30))
        self.write(f"part{number % 12}/module_{number}.py",
                   f"from part{(number + 1) % 12}.module_{number + 1} import compute_{number + 1}\n\n\n"
                   f"def compute_{number}(items):\n    \"\"\"Counts items, {version}.\"\"\"\n    return compute_{number + 1}(items)\n\n\n" +
                   functions)

    def scan(self, *words, **popen):
        return self.run_client("scan", *words, **popen)

    def facts(self):
        """What a scan says about itself."""
        done = self.scan("--format", "json")
        self.assert_done(done)
        return json.loads(done.out)

    def listed(self):
        done = self.scan("--list")
        self.assert_done(done)
        self.assertEqual(done.err, "")
        return done.out

    def chosen(self):
        done = self.run_client("context", "--show", "--quiet", "--for", REQUEST)
        self.assert_done(done)
        return done.out

    def assert_as_fresh(self):
        """The index says what one made from nothing says."""
        self.assert_done(self.scan())
        kept = self.listed(), self.chosen()
        with sqlite3.connect(f"file:{self.index}?mode=ro", uri=True) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        database.close()
        self.assert_done(self.run_client("clear", "--all"))
        self.assertFalse(self.index.exists())
        self.assert_done(self.scan())
        self.assertEqual(kept[0], self.listed())
        self.assertEqual(kept[1], self.chosen())
        self.assertIn("compute_7", kept[1])


class Killed(ScanTest):
    def test_at_any_moment(self):
        for number in range(300):
            self.write_module(number)
        started = time.monotonic()
        self.assert_done(self.scan())
        whole = time.monotonic() - started
        killed = 0
        for attempt in range(30):
            if attempt % 10 == 0:
                self.assert_done(self.run_client("clear", "--cache"))
            for number in self.random.sample(range(300), 60):
                self.write_module(number, version=attempt + 1)
            gone = self.work / f"part{attempt % 12}" / f"module_{attempt % 12 + 12 * (attempt // 12)}.py"
            gone.unlink(missing_ok=True)
            process = self.start("scan")
            time.sleep(self.random.uniform(0, whole / 2))
            process.kill()
            killed += process.wait() == -signal.SIGKILL
        self.assertGreater(killed, 5, "most scans must have been at work")
        self.assert_as_fresh()

    def test_the_next_scan_goes_on(self):
        for number in range(3000):
            self.write_module(number)
        process = self.start("scan")
        wait_until(lambda: self.rows() > 300, "a part of the index")
        process.kill()
        process.wait()
        there = self.rows()
        facts = self.facts()
        self.assertLessEqual(facts["read"], 3000 - there * 0.9, "what is indexed is not read again")
        self.assertEqual(facts["indexed"], 3000)

    def rows(self):
        try:
            database = sqlite3.connect(f"file:{self.index}?mode=ro", uri=True)
            try:
                return database.execute("SELECT count(*) FROM files").fetchone()[0]
            finally:
                database.close()
        except sqlite3.Error:
            return 0


class Interrupted(ScanTest):
    def test_ctrl_c(self):
        for number in range(3000):
            self.write_module(number)
        for name, delay in (("SIGINT", 0.2), ("SIGTERM", 0.4)):
            process = self.start("scan")
            time.sleep(delay)
            started = time.monotonic()
            process.send_signal(getattr(signal, name))
            done = self.finish(process)
            self.assertLess(time.monotonic() - started, 2, name)
            self.assertEqual((done.code, done.out, done.err), (130, "", ""), name)
        self.assertEqual(self.facts()["indexed"], 3000)

    def test_an_answer_does_not_wait_for_a_large_project(self):
        for number in range(3000):
            self.write_module(number)
        self.write(".offline-coder/../settings.yaml", "context:\n  scan_seconds: 0\n")
        done = self.run_client("explain", "--config", "settings.yaml", "--script", self.script("answer"), "why?")
        self.assert_done(done, "answer\n")
        self.assertRegex(done.err, r"the index is not complete yet: [\d ]+ of [\d ]+ files are left; 'offline-coder scan' reads them all")


class Together(ScanTest):
    def test_scans_at_once(self):
        for number in range(300):
            self.write_module(number)
        for _ in range(3):
            processes = [self.start("scan", "--list") for _ in range(5)]
            results = [self.finish(process) for process in processes]
            for done in results:
                self.assert_done(done, results[0].out)
                self.assertEqual(done.err, "")
            self.assert_done(self.run_client("clear", "--cache"))
        self.assert_as_fresh()

    def test_damage_met_by_several(self):
        for number in range(100):
            self.write_module(number)
        wanted = self.listed()
        for _ in range(5):
            for ending in ("-wal", "-shm"):
                (self.index.parent / (self.index.name + ending)).unlink(missing_ok=True)
            self.index.write_bytes(b"damaged" * 3000)
            processes = [self.start("scan", "--list") for _ in range(4)]
            for process in processes:
                done = self.finish(process)
                self.assert_done(done, wanted)
                self.assertLessEqual(done.err.count("made anew"), 2)
        self.assert_as_fresh()

    def test_files_that_change_meanwhile(self):
        for number in range(300):
            self.write_module(number)
        self.outside = self.root / "outside.py"
        self.outside.write_text("def compute_7_outside(): pass\n")
        stop = threading.Event()
        changer = threading.Thread(target=self.change_until, args=(stop,), daemon=True)
        changer.start()
        try:
            for _ in range(12):
                self.assert_done(self.scan())
                self.assert_done(self.run_client("explain", "--script", self.script("answer", name=".script"), REQUEST), "answer\n")
        finally:
            stop.set()
            changer.join()
        for path in self.work.glob("part*/*"):
            if path.is_fifo() or path.is_symlink():
                path.unlink()
        self.assertEqual(self.outside.read_text(), "def compute_7_outside(): pass\n")
        self.assertNotIn("compute_7_outside", self.chosen())
        self.assert_as_fresh()

    def change_until(self, stop):
        version = 0
        while not stop.is_set():
            version += 1
            number = self.random.randrange(8, 300)
            path = self.work / f"part{number % 12}" / f"module_{number}.py"
            try:
                self.change(path, number, version)
            except OSError:
                pass  # a folder stands in the way
            time.sleep(0.0005)

    def change(self, path, number, version):
        what = self.random.randrange(8)
        if what == 0:
            path.unlink()
        elif what == 1:
            path.rename(path.with_name(f"renamed_{number}.py"))
        elif what == 2:
            path.unlink(missing_ok=True)
            os.mkfifo(path)
        elif what == 3:
            path.unlink(missing_ok=True)
            path.symlink_to(self.outside)
        elif what == 4:
            shutil.rmtree(path.parent / "folder", ignore_errors=True)
            self.write(f"{path.parent.relative_to(self.work)}/folder/{number}.py", "x = 1\n")
        elif what == 5:
            # Never through a link, and never waiting for the reader of a pipe.
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK)
            os.write(descriptor, b"more = 1\n" * 1000)
            os.close(descriptor)
        else:
            path.unlink(missing_ok=True)
            self.write_module(number, version)


class Places(ScanTest):
    def mount(self, path, options):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small file system")
        path.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"cannot mount a small file system: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(path)], capture_output=True, check=False)

    def test_a_disk_that_gets_full_in_the_middle(self):
        for number in range(300):
            self.write_module(number)
        self.mount(self.index.parent, "size=200k")
        self.write(".offline-coder/config.yaml", "")
        done = self.scan()
        self.assert_error(done, 9, "cannot bring ", "cache.db' up to date: the disk is full", "hint: make room on the disk")
        answered = self.run_client("explain", "--script", self.script("answer"), "why?")
        self.assert_done(answered, "answer\n")
        self.assertIn("going on without the rest of the project: ", answered.err)
        self.assertIn("the disk is full", answered.err)
        subprocess.run(["mount", "-o", "remount,size=64M", str(self.index.parent)], check=True)
        self.assert_as_fresh()

    def test_a_read_only_workspace(self):
        place = self.work / "place"
        self.mount(place, "size=1M")
        (place / ".offline-coder").mkdir()
        (place / ".offline-coder" / "config.yaml").touch()
        (place / "a.py").write_text("def f(): pass\n")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        done = self.scan("--directory", "place", "--format", "json")
        self.assert_done(done)
        facts = json.loads(done.out)
        self.assertEqual(facts["indexed"], 1)
        self.assertTrue(facts["index"].startswith(str(self.home)), facts)
        cleared = self.run_client("-c", 'cd place && "$0" clear --all --format json', CLIENT, program="/bin/sh")
        self.assert_done(cleared)
        self.assertGreater(json.loads(cleared.out)["cleared"][0]["bytes"], 0, cleared)

    def test_another_file_system_inside(self):
        self.write("a.py", "x = 1\n")
        self.mount(self.work / "mounted", "size=1M")
        (self.work / "mounted" / "b.py").write_text("y = 1\n")
        facts = self.facts()
        self.assertEqual(facts["indexed"], 1)
        self.assertEqual(facts["skipped"], [{"path": "mounted/", "reason": "other device"}])

    def test_what_may_not_be_read(self):
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("needs root, to become somebody else")
        self.root.chmod(0o755)
        self.home.mkdir()
        for path in (self.work, self.index.parent, self.home):
            os.chown(path, 65534, 65534)
        self.write("open.py", "x = 1\n")
        secret = self.write("closed.py", "y = 1\n")
        folder = self.write("closed/inner.py", "z = 1\n").parent

        def scan(*words):
            done = self.run_client("--reuid=65534", "--regid=65534", "--clear-groups", CLIENT, "scan", *words, program=shutil.which("setpriv"))
            self.assert_done(done)
            return done

        self.assertEqual(scan("--list").out, "closed.py\nclosed/inner.py\nopen.py\n")
        secret.chmod(0)
        folder.chmod(0)
        done = scan("--format", "json")
        facts = json.loads(done.out)
        self.assertEqual([(s["path"], s["reason"]) for s in facts["skipped"]], [("closed.py", "unreadable"), ("closed/", "unreadable")])
        self.assertIn("cannot list", done.err)
        self.assertEqual(scan("--list").out, "open.py\n")
        secret.chmod(0o644)
        folder.chmod(0o755)
        self.assertEqual(scan("--list").out, "closed.py\nclosed/inner.py\nopen.py\n")

        # The folder of the index may not be written: the index goes to the user's own.
        os.chown(self.index.parent, 0, 0)
        facts = json.loads(scan("--format", "json").out)
        self.assertTrue(facts["index"].startswith(str(self.home)), facts)


class Sizes(ScanTest):
    def assert_fast(self, seconds, *words):
        started = time.monotonic()
        done = self.run_client(*words)
        took = time.monotonic() - started
        self.assert_done(done)
        self.assertLess(took, seconds, words)
        return done

    def test_files_over_the_limit(self):
        self.write("a.py", "x = 1\n")
        with open(self.work / "sparse.txt", "wb") as file:
            file.truncate(2 << 30)
        with open(self.work / "line.py", "wb") as file:
            for _ in range(100):
                file.write(b"x" * 1_000_000)
        done = self.assert_fast(1, "scan", "--format", "json")
        facts = json.loads(done.out)
        self.assertEqual(facts["indexed"], 1)
        self.assertEqual([s["reason"] for s in facts["skipped"]], ["too large", "too large"])

    def test_one_long_line_below_the_limit(self):
        words = " ".join(f"name_{i}({i})," for i in range(600_000))[:9_000_000]
        for name in ("a.py", "a.c", "a.js", "a.json", "a.txt", "a.md", "a.unknown", "a.sql"):
            self.write(name, words)
        self.write("b.py", "b" * 9_000_000)
        self.assert_fast(40, "scan")
        self.assert_fast(5, "context", "--show", "--for", "what is name_77?")

    def test_deep_nesting(self):
        deep = 10_000
        self.write("a.c", "int f() {" + "{" * deep + "}" * deep + "}\nint after(void) { return 1; }\n")
        self.write("b.c", "int x = " + "(" * deep + "1" + ")" * deep + ";\n")
        self.write("open.c", "int f() {" + "{" * deep)
        self.write("a.json", "[" * deep + "]" * deep)
        self.write("b.json", '{"a":' * deep + "1" + "}" * deep)
        self.write("a.py", "x = " + "[" * deep + "]" * deep + "\n")
        self.write("b.py", "".join(" " * i + "if x:\n" for i in range(2000)) + " " * 2000 + "pass\n")
        self.write("a.html", "<div>" * deep)
        self.write("a.md", ">" * deep + " x\n" + "[" * deep + "\n" + "*" * deep)
        self.write("a.yaml", "[" * deep + "]" * deep)
        self.write("a.js", "f(" * deep + ")" * deep)
        self.write("a.rs", "fn f() {" + "(" * deep + ")" * deep + "}")
        self.write("a.sql", "SELECT " + "(" * deep + ")" * deep + ";")
        self.write("main.cpp", "#if A\n" * deep + "int x;\n" + "#endif\n" * deep)
        self.assert_fast(40, "scan")
        self.assertIn("after", self.symbols("a.c"))
        self.assert_fast(5, "context", "--show", "--for", "what is after?", "--file", "a.c", "--line", "2")

    def symbols(self, path):
        database = sqlite3.connect(f"file:{self.index}?mode=ro", uri=True)
        try:
            return [name for (name,) in database.execute("SELECT symbols.name FROM symbols JOIN files ON files.id=file WHERE path=?",
                                                         (path.encode(),))]
        finally:
            database.close()

    def test_many_files(self):
        for number in range(20_000):
            if number % 1000 == 0:
                (self.work / f"d{number // 1000}").mkdir()
            with open(self.work / f"d{number // 1000}" / f"f{number}.py", "w", encoding="utf-8") as file:
                file.write(f"def f{number}(): pass\n")
        started = time.monotonic()
        terminal = Terminal(["scan"], self.work, {**self.env, "TERM": "xterm"})
        self.addCleanup(terminal.kill)
        terminal.wait_for("indexing: ")
        shown = terminal.finish()
        self.assertLess(time.monotonic() - started, 20)
        self.assert_done(shown)
        self.assertRegex(shown.out, r"indexing: [\d ]+ of 20 000 files")
        self.assertRegex(re.sub(r".*\r\x1b\[K", "", shown.out, flags=re.S), r"^20 000 files indexed: 20 000 new or changed")
        time.sleep(0.1)
        self.facts()  # files as young as the scan are looked at twice
        started = time.monotonic()
        self.assertEqual(self.facts()["read"], 0)
        self.assertLess(time.monotonic() - started, 2)


if __name__ == "__main__":
    main()
