# SPDX-License-Identifier: Apache-2.0
"""The shipped programs as these tests see them: a home of its own for each test, an engine that is stopped afterwards,
and a client that speaks the local protocol (docs/protocol.md) without offline-coder's own code.

Limits of time here are several times what is promised: they say "bounded", on a machine that does other things too."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
STARTER = REPOSITORY / "models" / "starter.gguf"
CLIENT = BIN / "offline-coder"
ENGINE = BIN / "offline-coder-engine"
# Far longer than anything takes: what reaches it hangs.
PATIENCE_S = 60
SANITIZER_OPTIONS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")


def wait_until(condition, what, seconds=20):
    """Polls; the condition's first true value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.01)


class Done:
    """How a program ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out[-2000:]!r}\nstderr: {self.err[-2000:]!r}"


class Peer:
    """A client of the engine that writes what it likes."""

    def __init__(self, path, timeout=PATIENCE_S):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(timeout)
        self.lines = self.socket.makefile("rb")

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send(self, **message):
        self.send_bytes(json.dumps(message).encode() + b"\n")

    def receive(self):
        """The next reply; None when the engine has closed the connection."""
        line = self.lines.readline()
        return json.loads(line) if line else None

    def last_of(self, request):
        """(text, last reply) of a request; replies to others are passed over."""
        text = ""
        while True:
            reply = self.receive()
            if reply is None:
                raise AssertionError("the engine closed the connection")
            if reply["id"] != request or reply["type"] == "progress":
                continue
            if reply["type"] != "text":
                return text, reply
            text += reply["text"]

    def first_text_of(self, request):
        while True:
            reply = self.receive()
            if reply is None:
                raise AssertionError("the engine closed the connection")
            if reply["id"] == request and reply["type"] == "text":
                return reply["text"]

    def status(self):
        self.send(id=999999, type="status")
        return self.last_of(999999)[1]

    def close(self):
        self.lines.close()
        self.socket.close()


class ProcessTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="oc-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.home, self.work = self.root / "h", self.root / "w"
        self.work.mkdir()
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.root), "LANG": "C.UTF-8", "TERM": "dumb",
                    "OFFLINE_CODER_HOME": str(self.home),
                    # What goes on after a command has ended is seen or not, as it happens: saved_test.py wants it.
                    "OFFLINE_CODER_ENGINE_WARM_UP": "never"}
        self.env.update({name: os.environ[name] for name in SANITIZER_OPTIONS if name in os.environ})
        self.addCleanup(self.end_engines)
        self.socket = self.home / "run" / "engine.sock"

    def end_engines(self):
        for process in self.engines():
            os.kill(process, signal.SIGKILL)

    def engines(self):
        """Process ids of this home's engines."""
        if not pathlib.Path("/proc/self/environ").exists():
            self.skipTest("this system has no /proc to count processes in")
        mine = f"OFFLINE_CODER_HOME={self.home}".encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if words[0].endswith(b"offline-coder-engine") and words[1] == b"serve" and \
                        mine in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue  # it has ended
        return found

    # Inputs.

    def file(self, name, content):
        path = self.work / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def script(self, *answers, name="script"):
        """A script of answers: texts, or dictionaries of a script's keys."""
        lines = [json.dumps(a if isinstance(a, dict) else {"answer": a}) for a in answers]
        return self.file(name, "\n".join(lines) + "\n")

    # Programs.

    def start(self, *words, program=CLIENT, env=None, **popen):
        popen.setdefault("stdin", subprocess.DEVNULL)
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen([str(program), *map(str, words)], cwd=self.work, env=dict(self.env, **(env or {})), **popen)
        self.addCleanup(self.end_process, process)
        return process

    @staticmethod
    def end_process(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def finish(self, process, patience=PATIENCE_S):
        try:
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"still running after {patience} s; stdout: {out!r}, stderr: {err!r}, log: {self.log()}")
        return Done(process.returncode, (out or b"").decode(), (err or b"").decode())

    def run_client(self, *words, patience=PATIENCE_S, **popen):
        return self.finish(self.start(*words, **popen), patience)

    def start_engine(self, *options):
        """An engine started by hand, listening."""
        process = self.start("serve", *options, program=ENGINE)
        wait_until(lambda: self.can_connect() or process.poll() is not None, "an engine that listens")
        self.assertIsNone(process.poll(), "the engine ended")
        return process

    def can_connect(self):
        try:
            Peer(self.socket).close()
            return True
        except OSError:
            return False

    def peer(self):
        """Connected to the engine; one is there already."""
        peer = Peer(self.socket)
        self.addCleanup(peer.close)
        return peer

    def log(self):
        log = self.home / "state" / "engine.log"
        return log.read_text(errors="replace") if log.exists() else ""

    # Claims.

    def assert_done(self, done, out=None):
        self.assertEqual(done.code, 0, done)
        if out is not None:
            self.assertEqual(done.out, out, done)

    def assert_error(self, done, code, *parts):
        """One message with these parts, perhaps a hint, nothing that looks like a program falling over."""
        self.assertEqual(done.code, code, done)
        messages = [line for line in done.err.splitlines() if line.startswith("offline-coder: ")]
        self.assertEqual(len(messages), 1, done)
        for part in parts:
            self.assertIn(part, done.err, done)
        for word in ("terminate called", "Segmentation", "Aborted", "internal error"):
            self.assertNotIn(word, done.err, done)

    def assert_usable(self):
        """A command with a new script is answered as it should be."""
        answer = f"usable {time.monotonic_ns()}"
        self.assert_done(self.run_client("explain", "--script", self.script(answer, name="usable"), "why?"), answer + "\n")


def generate(request, script, **fields):
    """A generate request of the protocol for a scripted model."""
    return dict(dict(id=request, type="generate", model={"kind": "script", "path": str(script)}, prompt={"raw": "hello"},
                     max_tokens=100000), **fields)


class SmallDisks:
    """File systems of a test's own, for its class beside ProcessTest."""

    def mount(self, path, options):
        """A small file system in memory; skips the test where that is not allowed."""
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small file system")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"cannot mount a small file system: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(path)], capture_output=True, check=False)

    @staticmethod
    def fill_disk(folder):
        """Leaves no byte free."""
        with open(folder / "filler", "wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass


def main():
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} BIN [unittest's own arguments]")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
