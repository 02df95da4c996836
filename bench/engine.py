# SPDX-License-Identifier: Apache-2.0
"""An engine of the benchmark's own, and just enough of the local protocol (docs/protocol.md) to ask it things."""
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


class Engine:
    """Runs offline-coder-engine with folders of its own; use it in a `with` block."""

    def __init__(self, program, options=()):
        # Short, because the name of a socket may not be long.
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="oc-bench-"))
        self.log = self.home / "engine.log"
        self.environment = dict(os.environ, OFFLINE_CODER_HOME=str(self.home))
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program, "serve", *options], env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        self.connection = None
        self.last_id = 0

    def __enter__(self):
        try:
            self.connect()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def connect(self, patience_s=10):
        address = self.home / "run" / "engine.sock"
        end = time.monotonic() + patience_s
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(address))
                break
            except OSError as error:
                connection.close()
                if self.process.poll() is not None or time.monotonic() > end:
                    raise EngineError(f"the engine does not answer ({error}): {self.log.read_text(errors='replace')}") from error
                time.sleep(0.01)
        self.connection = connection.makefile("rwb")
        connection.close()
        self.ask({"type": "hello", "protocol": 1, "version": "bench"})

    def ask(self, request):
        """Sends one request and returns its last reply; progress and text are passed over."""
        self.last_id += 1
        self.connection.write(json.dumps(dict(request, id=self.last_id)).encode() + b"\n")
        self.connection.flush()
        for line in self.connection:
            reply = json.loads(line)
            if reply.get("id") != self.last_id or reply["type"] in ("progress", "text"):
                continue
            if reply["type"] == "error":
                raise EngineError(f"{reply['message']} ({reply['kind']}) {reply.get('hint', '')}")
            return reply
        raise EngineError(f"the engine is gone: {self.log.read_text(errors='replace')}")

    def load(self, model):
        return self.ask({"type": "load", "model": model})

    def generate(self, model, text, max_tokens):
        return self.ask({"type": "generate", "model": model, "prompt": {"raw": text}, "sampling": {"temperature": 0},
                         "max_tokens": max_tokens, "stop": []})

    def status(self):
        return self.ask({"type": "status"})

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def peak_memory(process_id):
    """The most memory the process ever had resident, in bytes; None where the system does not say."""
    try:
        for line in pathlib.Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
