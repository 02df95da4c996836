# SPDX-License-Identifier: Apache-2.0
"""An engine of the benchmark's own, and just enough of the local protocol (docs/protocol.md) to ask it things."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time


class EngineError(Exception):
    """What the engine answered instead of a result, or why there is no engine."""


class Answer:
    """What became of a generate request: the last reply, the text, and seconds from sending to first text and to end."""

    def __init__(self, reply, text, first_s, wall_s):
        self.reply, self.text, self.first_s, self.wall_s = reply, text, first_s, wall_s
        self.usage, self.timing = reply["usage"], reply["timing"]

    @property
    def computed(self):
        """Tokens of the prompt that were not found computed."""
        return self.usage["prompt_tokens"] - self.usage["cached_tokens"]

    @property
    def token_ms(self):
        """Milliseconds for each decoded token."""
        # The first token comes out of the prefill; an answer that ended by itself has decoded its last token too.
        steps = self.usage["completion_tokens"] - (1 if self.reply["stop"] == "max_tokens" else 0)
        return self.timing["generate_ms"] / max(steps, 1)


def generate_request(model, prompt, max_tokens, **more):
    return {"type": "generate", "model": model, "prompt": prompt, "sampling": {"temperature": 0}, "max_tokens": max_tokens,
            "stop": [], **more}


class Connection:
    """One client of the engine; requests may be under way at once."""

    def __init__(self, address, why_gone):
        self._why_gone = why_gone
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(address))
            self._stream = connection.makefile("rwb")
        self._last_id = 0
        self.ask({"type": "hello", "protocol": 1, "version": "bench"})

    def send(self, request):
        """Returns the id that replies to it will have."""
        self._last_id += 1
        self._stream.write(json.dumps(dict(request, id=self._last_id)).encode() + b"\n")
        self._stream.flush()
        return self._last_id

    def replies(self):
        for line in self._stream:
            yield json.loads(line)
        raise EngineError(f"the engine is gone: {self._why_gone()}")

    def _finish(self, ids, on_reply):
        """Hands on replies until each of the ids has its last one."""
        waiting = set(ids)
        for reply in self.replies():
            if reply.get("id") not in waiting:
                continue
            if reply["type"] == "error":
                raise EngineError(f"{reply['message']} ({reply['kind']}) {reply.get('hint', '')}")
            on_reply(reply)
            if reply["type"] not in ("progress", "text"):
                waiting.discard(reply["id"])
            if not waiting:
                return

    def ask(self, request):
        """Sends one request and returns its last reply; progress and text are passed over."""
        replies = []
        self._finish([self.send(request)], replies.append)
        return replies[-1]

    def generate_all(self, requests):
        """Sends all at once; an Answer for each, in their order."""
        begin = time.perf_counter()
        ids = [self.send(request) for request in requests]
        texts, firsts, answers = {i: "" for i in ids}, {}, {}

        def on_reply(reply):
            number, elapsed = reply["id"], time.perf_counter() - begin
            if reply["type"] == "text":
                firsts.setdefault(number, elapsed)
                texts[number] += reply["text"]
            elif reply["type"] == "generated":
                answers[number] = Answer(reply, texts[number], firsts.get(number, elapsed), elapsed)

        self._finish(ids, on_reply)
        return [answers[i] for i in ids]

    def close(self):
        self._stream.close()


class Engine:
    """Runs offline-coder-engine with folders of its own; use it in a `with` block."""

    def __init__(self, program, options=()):
        self.command = [str(program), "serve", *options]
        # Short, because the name of a socket may not be long.
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="oc-bench-"))
        self.log = self.home / "engine.log"
        self.environment = dict(os.environ, OFFLINE_CODER_HOME=str(self.home))
        self.process, self.connection = None, None
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def why_gone(self):
        return self.log.read_text(errors="replace")[-2000:]

    def connect(self, patience_s=10):
        end = time.monotonic() + patience_s
        while True:
            try:
                self.connection = self.open_connection()
                return
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise EngineError(f"the engine does not answer ({error}): {self.why_gone()}") from error
                time.sleep(0.01)

    def open_connection(self):
        return Connection(self.home / "run" / "engine.sock", self.why_gone)

    def kill(self):
        """SIGKILL; what it has written stays for the next one."""
        self.connection.close()
        self.process.kill()
        self.process.wait()

    def restart(self):
        """Leaves in peace, and starts again with the same folders."""
        self.stop()
        self.start()
        self.connect()

    @contextlib.contextmanager
    def restarted_with(self, options):
        """With these options too, for as long as the `with` block lasts."""
        usual, self.command = self.command, self.command + list(options)
        self.restart()
        try:
            yield
        finally:
            self.command = usual
            self.restart()

    def ask(self, request):
        return self.connection.ask(request)

    def load(self, model):
        return self.ask({"type": "load", "model": model})

    def generate(self, model, text, max_tokens):
        return self.ask(generate_request(model, {"raw": text}, max_tokens))

    def status(self):
        return self.ask({"type": "status"})

    def fresh_status(self, model):
        """Facts about the stores are renewed when work ends."""
        self.load(model)
        return self.status()

    def stop(self):
        if self.connection is not None:
            self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def peak_memory(process_id):
    """The most memory the process ever had resident, in bytes; None where the system does not say."""
    return _kilobytes(f"/proc/{process_id}/status", "VmHWM:")


def proportional_memory(process_id):
    """Resident memory, pages that others map too counted in part, in bytes; None where the system does not say."""
    return _kilobytes(f"/proc/{process_id}/smaps_rollup", "Pss:")


def processor_seconds(process_id):
    """CPU time that all threads of the process have used."""
    total = 0
    for path in pathlib.Path(f"/proc/{process_id}/task").glob("*/schedstat"):
        total += int(path.read_text(encoding="ascii").split()[0])
    return total / 1e9


def _kilobytes(path, name):
    try:
        for line in pathlib.Path(path).read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
