# SPDX-License-Identifier: Apache-2.0
"""What the workloads of the latency benchmark share: the engine, the rivals, the texts, and what was measured so far."""
import os
import pathlib
import shutil
import statistics
import tempfile
import time

from edit_replay import Texts
from engine import Engine, generate_request, proportional_memory
from llama_bench import LlamaBench, with_one_variant
from llama_server import TUNED, LlamaServer, RivalError
from memory_watch import MemoryWatch

ROOT = pathlib.Path(__file__).resolve().parent.parent


def median(values):
    return statistics.median(values)


def p95(values):
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def shown(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.2f} s"


# Of fewer samples the 95th percentile is the largest one, and is called that.
FEW = 10


def spread(seconds):
    if len(seconds) < FEW:
        return f"{shown(median(seconds))}, at most {shown(max(seconds))} (of {len(seconds)})"
    return f"{shown(median(seconds))}, p95 {shown(p95(seconds))} (of {len(seconds)})"


class Sizes:
    """How much each workload does."""

    def __init__(self, quick, large, context=None, lines=None):
        """`context`: tokens, `lines`: of a file, where not those of the kind of run."""
        self.context = context or (1000 if quick else 4000)
        self.other_contexts = context or (500 if quick else 4000 if large else 2000)
        self.edited = 1000 if quick else 4000
        self.rounds = 1 if quick else 3  # of A B B A
        self.restarts = 1 if quick else 3
        self.shells = 3 if quick else 10
        self.keystrokes = 40
        self.places = 1 if quick else 3
        self.lines = lines or (60 if quick else 200)
        self.edits = 1 if quick else 3
        self.depths = [0, 1000] if quick else [0, 1000, 2000, 4000, 8000] if large else [0, 1000, 2000, 4000]
        self.memory_context = 8000 if large else 1000 if quick else 4000
        self.completions = 8 if quick else 20
        self.batch_rounds = 1 if quick else 2


def libllama_root():
    known = os.environ.get("OC_LLAMA_ROOT") or ROOT / "build/llama/root"
    return known if pathlib.Path(known).is_dir() else None


class Session:
    """One run. Use it in a `with` block: it starts the engine, calibrates, and ends all that it started."""

    def __init__(self, table, programs, model, small, sizes, large, variant=None):
        """`variant`: of ggml's CPU backend, for the engine and its rivals; None: the best one for this machine."""
        self.table, self.programs, self.sizes, self.large = table, pathlib.Path(programs), sizes, large
        self.model_path, self.small_path = model, small
        self.model = {"kind": "gguf", "path": str(model), "context": 0, "threads": 0}
        self.small = dict(self.model, path=str(small))
        self.root, self.view = libllama_root(), None
        self.engine_options = []
        if variant is not None:
            if self.root is None:
                raise RuntimeError("only a private libllama has a choice of CPU variants")
            self.view = pathlib.Path(tempfile.mkdtemp(prefix="oc-root-"))
            try:
                self.engine_options = ["--backends", str(with_one_variant(pathlib.Path(self.root).resolve(), variant, self.view))]
            except RuntimeError:
                shutil.rmtree(self.view)
                raise
            self.root = self.view
        self.bench = LlamaBench(self.root)
        self.engine = Engine(self.programs / "offline-coder-engine", self.engine_options)
        self.texts = Texts(self._tokenize)
        self.rivals = {}
        self.forecasts = []  # (forecast, measured), milliseconds to the first token
        self.most_memory = 0
        self.calibrated = {}
        self.calibrations = {}  # path: (seconds of the longest, memory at its most)
        self.known = {}  # figures of one workload that another one compares with
        self._number = 0

    def __enter__(self):
        self.engine.__enter__()
        try:
            self.calibrate()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop_rivals()
        self.engine.close()
        if self.view is not None:
            shutil.rmtree(self.view, ignore_errors=True)

    def calibrate(self):
        """Twice: what the first one chooses holds from the next load on, and steps cost something else then."""
        for _ in range(2):
            for model in {self.small["path"]: self.small, self.model["path"]: self.model}.values():
                self.calibrated[model["path"]] = self._calibrate_undisturbed(model)
            self.engine.restart()
        self.engine.load(self.model)

    def _calibrate_undisturbed(self, model):
        """Once more where a neighbour came between: a call of more rows is never faster by much."""
        for _ in range(4):
            begin, before = time.monotonic(), self.calibrations.get(model["path"], (0, 0))
            with MemoryWatch(self.engine.process.pid) as watch:
                calibrated = self.engine.ask({"type": "calibrate", "model": model})
            self.calibrations[model["path"]] = (max(before[0], time.monotonic() - begin), max(before[1], watch.most))
            times = [step["ms"] for step in calibrated["steps"]]
            if all(fewer < 1.2 * more for fewer, more in zip(times, times[1:])):
                break
        else:
            self.table.note("T(N) is not plausible: other programs were busy while it was measured")
        return calibrated

    def step_ms(self, rows, model=None):
        """T(N), as calibrated."""
        steps = self.calibrated[(model or self.model)["path"]]["steps"]
        return next(step["ms"] for step in steps if step["rows"] == rows)

    def _tokenize(self, text):
        reply = self.engine.ask({"type": "tokenize", "model": self.model, "text": text, "special": False})
        return [token["text"] for token in reply["tokens"]]

    def number(self):
        """A number that no text of this run was made with."""
        self._number += 1
        return self._number

    def question(self, tokens=30):
        return self.texts.question(tokens, self.number())

    def ask(self, prompt, max_tokens=1, model=None, **more):
        """An Answer; what was forecast for it is noted."""
        model = model or self.model
        forecast = self.engine.ask({"type": "forecast", "model": model, "prompt": prompt})
        answer = self.engine.connection.generate_all([generate_request(model, prompt, max_tokens, **more)])[0]
        # One that is known as a whole waits for nothing.
        if max_tokens > 0 and forecast["first_token_ms"] > 0 and forecast["cached_tokens"] < forecast["prompt_tokens"]:
            self.forecasts.append((forecast["first_token_ms"], answer.timing["first_token_ms"]))
        self.note_memory()
        return answer

    def plain_token_ms(self, prompt, tokens):
        """Milliseconds for a token decoded without guesses, behind this prompt."""
        before = self.engine.status()["reuse"]["drafted_tokens"]
        answer = self.ask(prompt, tokens + 8, replay=self.texts.words(tokens, f"plain {self.number()}"), guesses="none")
        guessed = self.engine.status()["reuse"]["drafted_tokens"] - before
        return answer.token_ms, guessed

    def note_memory(self):
        self.most_memory = max(self.most_memory, proportional_memory(self.engine.process.pid) or 0)

    def rival(self, name, model=None):
        """A running llama-server; None where there is none. With the large model one at a time."""
        path = model or self.model_path
        key = (name, path)
        if key not in self.rivals:
            if self.large:
                self.stop_rivals()
            calibrated = self.calibrated[str(path)]
            settings = [word.format(context=8192, decode_threads=calibrated["decode_threads"],
                                    prefill_threads=calibrated["prefill_threads"]) for word in TUNED]
            try:
                server = LlamaServer(self.root, path, f"llama-server, {name}", settings if name == "tuned" else [])
            except RivalError as error:
                self.table.row("rival", str(error))
                return None
            self.rivals[key] = server
            server.start()
        return self.rivals[key]

    def stop_rivals(self):
        for server in self.rivals.values():
            server.close()
        self.rivals.clear()

    def wait_until_stored(self):
        """Until what was computed is on disk."""
        last = -1
        for _ in range(50):
            now = self.engine.fresh_status(self.model)["kv"]["disk_bytes"]
            if now == last:
                return
            last = now
            time.sleep(0.2)
