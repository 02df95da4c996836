#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes of files where there is no room, no right, or a journal that is not what it was."""
import fcntl
import json
import os
import pathlib
import random
import subprocess

from apply_test import SEED, Applying, block, names_of_difference, removal, search_replace, snapshot
from programs import SmallDisks, main, wait_until

SMALL = "".join(f"word {i}\n" for i in range(600))


class Disks(SmallDisks, Applying):
    """No room, no rights."""

    ANSWER = (search_replace("one.txt", "word 1\n", "other\n") + removal("gone.txt", SMALL)
              + block("new0/file.txt", SMALL, "text") + block("new1/file.txt", SMALL, "text")
              + block("new2/file.txt", SMALL, "text") + block("new3/file.txt", SMALL, "text")
              + search_replace("last.txt", "word 1\n", "other\n"))

    def fill_but(self, folder, pages):
        filler = folder / "filler"
        filler.unlink(missing_ok=True)
        facts = os.statvfs(folder)
        size = facts.f_bavail * facts.f_frsize - pages * 4096
        self.assertGreaterEqual(size, 0)
        with open(filler, "wb") as out:
            out.write(b"x" * size)

    def fill(self, project):
        for name in ("one.txt", "gone.txt", "last.txt"):
            (project / name).write_text(SMALL)

    def state(self):
        return {n: v for n, v in snapshot(self.work).items() if n != b"filler" and not n.startswith(b".offline-coder")}

    def step_by_step(self, disk):
        """With a page more each time until it fits: nothing or everything happens, and what failed does not come later."""
        before = self.state()
        failures = 0
        for pages in range(0, 400, 1):
            self.fill_but(disk, pages)
            done = self.apply(self.ANSWER, "--yes", "--quiet")
            state = self.state()
            if done.code == 0:
                break
            failures += 1
            self.assertEqual(names_of_difference(before, state), [], f"{pages} pages: {done}")
            self.assert_error(done, 9)
            self.assertRegex(done.err, "No space left on device|disk is full|disk I/O error|unable to open", done)
            (disk / "filler").unlink()
            listed = self.run_client("undo", "--list", "--format", "json")
            state = self.state()
            self.assertEqual(names_of_difference(before, state), [], f"{pages} pages, later: {done} {listed}")
            self.assertEqual((json.loads(listed.out)["changes"], listed.err), ([], ""), f"{pages} pages: {done}")
            for left in self.journals():
                if pages % 2:  # a new journal, and one that has been there
                    for path in left.parent.glob("changes.db*"):
                        path.unlink()
        self.assertEqual(done.code, 0, "never enough")
        self.assertGreater(failures, 5)
        (disk / "filler").unlink()
        self.assert_done(self.undo())
        state = self.state()
        self.assertEqual(names_of_difference(before, state), [])
        return failures

    def test_no_room_for_the_files(self):
        self.mount(self.work, "size=512k")
        self.fill(self.work)
        self.step_by_step(self.work)

    def test_no_room_for_the_journal(self):
        self.mount(self.home, "size=512k")
        self.fill(self.work)
        self.step_by_step(self.home)

    def test_no_room_for_both(self):
        self.mount(self.work, "size=768k")
        (self.work / ".offline-coder").mkdir()
        (self.work / ".offline-coder" / "config.yaml").write_text("")
        self.fill(self.work)
        self.step_by_step(self.work)

    def test_no_room_to_undo(self):
        self.mount(self.work, "size=768k")
        (self.work / ".offline-coder").mkdir()
        (self.work / ".offline-coder" / "config.yaml").write_text("")
        self.fill(self.work)
        self.assert_done(self.apply(self.ANSWER, "--yes"))
        after = self.state()
        for pages in range(0, 100):
            self.fill_but(self.work, pages)
            done = self.undo()
            (self.work / "filler").unlink()
            if done.code == 0:
                break
            self.assert_error(done, 9)
            self.assertEqual(names_of_difference(after, self.state()), [], f"{pages} pages: {done}")
            listed = self.run_client("undo", "--list", "--format", "json")
            self.assertEqual(names_of_difference(after, self.state()), [], f"{pages} pages, later: {done.err[-800:]} {listed}")
            self.assertEqual(listed.err, "")
        self.assertEqual(done.code, 0)
        self.assertGreater(pages, 2)

    def test_a_crash_and_no_room_to_end_it(self):
        # What was begun can be neither finished now nor is it lost: it is taken back, or said at every command.
        self.mount(self.work, "size=512k")
        self.fill(self.work)
        before = snapshot(self.work)
        self.answer.write_text(self.ANSWER)
        env = {"OFFLINE_CODER_CHECK_COMMANDS": f"sh: echo >'{self.root}/begun'; exec sleep 100"}
        with open(self.answer, "rb") as stdin:
            process = self.start("apply", "--yes", stdin=stdin, env=env)
        wait_until((self.root / "begun").exists, "a check that runs")
        process.kill()
        process.wait()
        (self.work / "one.txt").unlink()
        (self.work / "one.txt").symlink_to("last.txt")  # a stranger
        self.fill_but(self.work, 0)
        # What takes room is done when there is some, at the latest; whatever is left undone is said.
        done = self.any_command()
        self.assertIn("interrupted", done.err)
        (self.work / "filler").unlink()
        if "was taken back" not in done.err:
            self.assertIn("can neither be finished nor taken back now: cannot write", done.err)
            self.assertIn("was taken back", self.any_command().err)
        self.assertNotIn("interrupted", self.any_command().err)
        now = snapshot(self.work)
        self.assertEqual(names_of_difference(before, now), [b"one.txt"])

    def test_a_folder_without_rights(self):
        place = self.work / "place"
        self.mount(place, "size=256k")
        (place / "one.py").write_text("a = 1\n")
        self.file("first.py", "f = 1\n")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        before = snapshot(self.work)
        done = self.apply(block("first.py", "f = 2\n") + block("place/one.py", "a = 2\n"), "--yes")
        self.assert_error(done, 9, "place/one.py", "Read-only file system")
        self.assert_same(before, done)
        done = self.apply(block("first.py", "f = 2\n") + block("place/sub/new.py", "a = 2\n"), "--yes")
        self.assert_error(done, 9, "Read-only file system")
        self.assert_same(before, done)
        self.assertEqual(json.loads(self.run_client("undo", "--list", "--format", "json").out)["changes"], [])

    def test_a_folder_of_somebody_else(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        place = self.work / "place"
        place.mkdir()
        (place / "one.py").write_text("a = 1\n")
        self.file("first.py", "f = 1\n")
        place.chmod(0o555)
        self.addCleanup(place.chmod, 0o755)
        before = snapshot(self.work)
        self.assert_error(self.apply(block("first.py", "f = 2\n") + block("place/one.py", "a = 2\n"), "--yes"), 9, "Permission denied")
        self.assert_same(before)


class Journals(Applying):
    """changes.db is not what it was."""

    def make_changes(self, count):
        for i in range(1, count + 1):
            self.file("one.py", f"a = {i}\n" + "# x\n" * 2000)
            self.assert_done(self.apply(search_replace("one.py", f"a = {i}\n", f"a = {i} * 2\n"), "--yes", "--quiet"))
        return self.journal()

    def assert_still_works(self, why, may_fail=False):
        """The next change lands or, where that is allowed, fails in words; nothing falls over."""
        self.file("two.py", "b = 1\n")
        done = self.apply(block("two.py", "b = 2\n"), "--yes")
        if may_fail and done.code != 0:
            self.assert_error(done, 9, "changes.db")
            self.assertEqual((self.work / "two.py").read_text(), "b = 1\n", why)
            return done
        self.assertEqual(done.code, 0, f"{why}: {done}")
        self.assertEqual((self.work / "two.py").read_text(), "b = 2\n")
        self.assert_done(self.undo())
        self.assertEqual((self.work / "two.py").read_text(), "b = 1\n")
        return done

    def test_damage(self):
        journal = self.make_changes(3)
        good = journal.read_bytes()
        cases = {
            "empty": b"", "one byte": good[:1], "no database": b"hello\n" * 999, "half": good[:len(good) // 2],
            "first page": good[:4096], "zeros": bytes(len(good)), "head": b"\xff" * 200 + good[200:],
            "other version": good[:60] + b"\0\0\0\x63" + good[64:], "somebody else's": good[:68] + b"abcd" + good[72:],
            "one byte less": good[:-1], "schema": good[:105] + b"\xff" * 1000 + good[1105:],
        }
        for name, data in cases.items():
            with self.subTest(name):
                for path in journal.parent.glob("changes.db*"):
                    path.unlink()
                journal.write_bytes(data)
                done = self.assert_still_works(name)
                aside = list(journal.parent.glob("changes.db.damaged-*"))
                if aside:
                    self.assertIn("the journal of changes was damaged; it is kept as", done.err)
                    self.assertEqual(aside[0].read_bytes(), data)

    def test_bytes_changed_anywhere(self):
        journal = self.make_changes(4)
        good = journal.read_bytes()
        chance = random.Random(SEED)
        for number in range(30):
            with self.subTest(number):
                for path in journal.parent.glob("changes.db*"):
                    path.unlink()
                data = bytearray(good)
                for _ in range(chance.choice([1, 30, 3000])):
                    data[chance.randrange(len(data))] = chance.randrange(256)
                journal.write_bytes(data)
                listed = self.run_client("undo", "--list")
                self.assertIn(listed.code, (0, 9), listed)
                before = (self.work / "one.py").read_bytes()
                undone = self.undo()
                self.assertIn(undone.code, (0, 1, 2, 6, 9), undone)
                if undone.code != 0:
                    self.assertEqual((self.work / "one.py").read_bytes(), before, undone)
                (self.work / "one.py").write_bytes(before)
                self.assert_still_works(f"damage {number}")

    def test_a_folder_in_its_place(self):
        journal = self.make_changes(1)
        for path in journal.parent.glob("changes.db*"):
            path.unlink()
        journal.mkdir()
        self.file("two.py", "b = 1\n")
        done = self.apply(block("two.py", "b = 2\n"), "--yes")
        self.assert_error(done, 9, "changes.db")
        self.assertEqual((self.work / "two.py").read_text(), "b = 1\n")
        self.assert_error(self.undo(), 9, "changes.db")
        self.assert_done(self.any_command())

    def test_a_link_in_its_place(self):
        journal = self.make_changes(1)
        for path in journal.parent.glob("changes.db*"):
            path.unlink()
        other = self.root / "other"
        other.write_bytes(b"not yours\n")
        journal.symlink_to(other)
        self.file("two.py", "b = 1\n")
        self.apply(block("two.py", "b = 2\n"), "--yes")
        self.assertEqual(other.read_bytes(), b"not yours\n")

    def test_the_lock_is_held(self):
        journal = self.make_changes(1)
        before = snapshot(self.work)
        with open(journal.parent / "changes.lock", "rb+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_error(self.apply(block("one.py", "a = 5\n"), "--yes", "--whole-file"), 6, "another command is changing files")
            self.assert_error(self.undo(), 6, "another command is changing files")
            # Who changes nothing is not disturbed, even if it looks as if something had died.
            pathlib.Path(f"{journal}-wal").touch()
            done = self.any_command()
            self.assertEqual(done.code, 0, done)
            self.assertNotIn("another command", done.err)
        self.assert_same(before)
        self.assert_done(self.undo())

    def test_the_lock_is_a_folder(self):
        journal = self.make_changes(1)
        lock = journal.parent / "changes.lock"
        lock.unlink()
        lock.mkdir()
        self.assert_error(self.undo(), 9, "changes.lock")


if __name__ == "__main__":
    main()
