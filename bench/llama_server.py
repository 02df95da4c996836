# SPDX-License-Identifier: Apache-2.0
"""llama-server, the rival: started, asked and ended by the benchmark, in its default settings or tuned."""
import http.client
import json
import pathlib
import shutil
import socket
import tempfile
import time

from llama_bench import LlamaProgram

# One conversation at a time, no TCP, and all that it has to find computed text again.
TUNED = ["-np", "1", "-c", "{context}", "-t", "{decode_threads}", "-tb", "{prefill_threads}", "--cache-reuse", "256", "-cram", "8192",
         "--spec-type", "ngram-simple"]
START_PATIENCE_S = 120


class RivalError(Exception):
    """What the server did instead of answering."""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class Completion:
    """Tokens of the prompt, those of them that were found computed, and seconds as the client sees them."""

    def __init__(self, reply, wall_s):
        self.text, self.wall_s = reply.get("content", ""), wall_s
        timings = reply["timings"]
        self.cached_tokens = timings.get("cache_n", 0)
        self.computed = timings["prompt_n"]
        self.prompt_tokens = self.computed + self.cached_tokens


class LlamaServer:
    def __init__(self, root, model, name, settings):
        """`settings`: words for the command line; `name` says in the report which they are."""
        self.name, self.settings = name, list(settings)
        self.program = LlamaProgram(root, "llama-server")
        if self.program.command is None:
            raise RivalError("there is no llama-server")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="oc-rival-"))
        self.socket = self.folder / "llama.sock"
        self.log = self.folder / "log"
        self.model = model
        self.process = None

    def start(self):
        """Returns when it is ready to answer."""
        self.socket.unlink(missing_ok=True)
        with open(self.log, "wb") as log:
            self.process = self.program.start(["-m", str(self.model), "--host", str(self.socket), "--offline", *self.settings],
                                              stdout=log, stderr=log)
        end = time.monotonic() + START_PATIENCE_S
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RivalError(f"llama-server does not start: {self.log.read_text(errors='replace')[-800:]}")
            time.sleep(0.02)

    def _request(self, method, path, body=None):
        # A connection for each request: the server ends those that wait for some seconds.
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _is_ready(self):
        try:
            return self._request("GET", "/health")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _post(self, path, body):
        status, text = self._request("POST", path, json.dumps(body))
        if status != 200:
            raise RivalError(f"llama-server answers {status}: {text[:300].decode(errors='replace')}")
        return json.loads(text)

    def render(self, prompt):
        """The text of a chat prompt of ours, by the template of the model; neighbours of one role are one message."""
        messages = []
        for segment in prompt["chat"]:
            if messages and messages[-1]["role"] == segment["role"]:
                messages[-1]["content"] += segment["text"]
            else:
                messages.append({"role": segment["role"], "content": segment["text"]})
        return self._post("/apply-template", {"messages": messages})["prompt"]

    def complete(self, text, tokens):
        return self._timed("/completion", {"prompt": text, "n_predict": tokens})

    def infill(self, infill, tokens):
        return self._timed("/infill", {"input_prefix": infill["prefix"], "input_suffix": infill["suffix"], "prompt": "",
                                       "n_predict": tokens})

    def _timed(self, path, body):
        begin = time.perf_counter()
        reply = self._post(path, {"temperature": 0, "cache_prompt": True, "stream": False, **body})
        return Completion(reply, time.perf_counter() - begin)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
