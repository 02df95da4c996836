#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disks that are full and folders that cannot be written."""
import subprocess

from programs import CLIENT, ProcessTest, SmallDisks, main


class Disks(SmallDisks, ProcessTest):
    def test_a_full_disk_keeps_the_old_file(self):
        full = self.work / "full"
        self.mount(full, "size=256k")
        (full / "app.py").write_text("old = 1\n")
        self.fill_disk(full)
        script = self.script("new = 2\n" * 2000 + "```\n")
        done = self.run_client("gen", "--script", script, "--file", "full/app.py", "--write", "--yes", "--max-tokens", "100000", "make it new")
        self.assert_error(done, 9, "cannot write", "No space left on device", "hint: free some space")
        self.assertEqual((full / "app.py").read_text(), "old = 1\n")
        self.assertEqual(sorted(p.name for p in full.iterdir()), ["app.py", "filler"])

    def test_a_full_disk_has_no_half_of_a_new_file(self):
        full = self.work / "full"
        self.mount(full, "size=256k")
        self.fill_disk(full)
        script = self.script("new = 2\n" * 2000 + "```\n")
        done = self.run_client("gen", "--script", script, "--file", "full/new.py", "--write", "--max-tokens", "100000", "write it")
        self.assert_error(done, 9, "No space left on device", "what was to be written is on standard output")
        self.assertEqual(done.out, "new = 2\n" * 2000, "nothing is lost")
        self.assertEqual([p.name for p in full.iterdir()], ["filler"])

    def test_no_room_for_another_name(self):
        full = self.work / "full"
        self.mount(full, "size=256k,nr_inodes=3")
        (full / "app.py").write_text("old = 1\n")
        (full / "other").write_text("")
        done = self.run_client("gen", "--script", self.script("new = 2\n```\n"), "--file", "full/app.py", "--write", "--yes", "make it new")
        self.assert_error(done, 9, "cannot write", "No space left on device")
        self.assertEqual((full / "app.py").read_text(), "old = 1\n")

    def test_a_read_only_disk(self):
        place = self.work / "place"
        self.mount(place, "size=256k")
        (place / "app.py").write_text("old = 1\n")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        script = self.script("new = 2\n```\n", "new = 2\n```\n")
        done = self.run_client("gen", "--script", script, "--file", "place/app.py", "--write", "--yes", "make it new")
        self.assert_error(done, 9, "cannot write", "Read-only file system")
        done = self.run_client("gen", "--script", script, "--file", "place/new.py", "--write", "write it")
        self.assert_error(done, 9, "place/new.py", "Read-only file system")

    def test_a_home_on_a_read_only_disk(self):
        self.mount(self.home, "size=256k,ro")
        done = self.run_client("explain", "--script", self.script("x"), "why?")
        self.assert_error(done, 9, "cannot create folder", "Read-only file system", "hint: ")
        self.assertEqual(self.engines(), [])

    def test_a_home_below_a_file(self):
        home = self.file("file", "not a folder") / "home"
        done = self.run_client("explain", "--script", self.script("x"), "why?", env={"OFFLINE_CODER_HOME": str(home)})
        self.assert_error(done, 9, "cannot create folder", "Not a directory", "hint: ")

    def test_a_home_on_a_full_disk(self):
        # The engine's log stays empty; everything else works.
        self.mount(self.home, "size=64k")
        self.fill_disk(self.home)
        self.assert_usable()

    def test_a_home_with_a_long_name(self):
        home = self.root / ("long" * 30)
        done = self.run_client("explain", "--script", self.script("x"), "why?", env={"OFFLINE_CODER_HOME": str(home)})
        self.assert_error(done, 3, "socket name", "the system allows", "hint: set OFFLINE_CODER_HOME")

    def test_a_folder_that_vanished(self):
        gone = self.root / "gone"
        gone.mkdir()
        self.script("x")
        done = self.run_client("-c", 'cd "$1" && rmdir "$1" && exec "$0" explain --script script "why?"', CLIENT, gone, program="/bin/sh")
        self.assert_error(done, 9, "cannot find the working directory")


if __name__ == "__main__":
    main()
