# SPDX-License-Identifier: Apache-2.0
"""Workloads of the latency benchmark about the programs around the model: shells, memory, rest, and exactness."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from edit_replay import ROOT, chat
from engine import Engine, generate_request, peak_memory, processor_seconds
from latency_session import median, shown, spread
from llama_bench import LlamaProgram
from memory_watch import MemoryWatch

GIGABYTE = 1e9


def first_byte(command, **options):
    """Seconds from exec to the first byte of output, and the output."""
    begin = time.perf_counter()
    with subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **options) as process:
        output = process.stdout.read(1)
        elapsed = time.perf_counter() - begin
        output += process.stdout.read()
        errors = process.stderr.read()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {errors.decode(errors='replace').strip()[-500:]}")
    return elapsed, output


class Shell:
    """The real program, in a folder that is no project, with an engine of its own."""

    def __init__(self, session):
        self.program = session.programs / "offline-coder"
        self.home = tempfile.mkdtemp(prefix="oc-bench-")
        self.environment = dict(os.environ, OFFLINE_CODER_HOME=self.home)
        self.folder = tempfile.mkdtemp(prefix="oc-shell-")
        shutil.copy(ROOT / "docs/demo/basket.py", self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_engine()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop_engine(self):
        subprocess.run([self.program, "engine", "stop"], env=self.environment, capture_output=True, check=False)

    def explain(self, question, *options):
        return first_byte([self.program, "explain", question, "--file", "basket.py", "--max-tokens", "1", *options],
                          cwd=self.folder, env=self.environment)


def give_back_pages(path):
    """Asks the system to drop the file's pages from memory; those that some process maps stay."""
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def load_pages(path):
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def cold_shell(session):
    """Nothing runs: seconds from exec to the first byte of an answer"""
    table = session.table
    rival = LlamaProgram(session.root, "llama-completion")
    session.stop_rivals()
    session.engine.stop()  # it maps the model
    table.note("the model's pages: given back by posix_fadvise before each run (cold), read before each run (warm)")
    try:
        with Shell(session) as shell:
            for state, prepare in (("cold", give_back_pages), ("warm", load_pages)):
                ours, theirs = [], []
                for who in "ABBA":
                    prepare(session.model_path)
                    if who == "A":
                        wall, output = shell.explain(f"What is item {session.number()}?", "--model", session.model_path, "--format", "json")
                        tokens = json.loads(output)["usage"]["prompt_tokens"]
                        shell.stop_engine()
                        ours.append(wall)
                    elif rival.command:
                        begin = time.perf_counter()
                        done = rival.run(["-m", str(session.model_path), "-p", " one" * tokens, "-n", "1", "-no-cnv", "--no-display-prompt"])
                        if done.returncode == 0:
                            theirs.append(time.perf_counter() - begin)
                table.row(f"pages {state}", f"{spread(ours)}, {tokens} tokens of prompt", value=median(ours))
                if theirs:
                    table.row("  llama-completion", f"{spread(theirs)}, to its end after 1 token", value=median(theirs))
    finally:
        session.engine.start()
        session.engine.connect()
        session.engine.load(session.model)


def warm_shell(session):
    """The engine is there: milliseconds from exec to the first byte, without the model's own work"""
    table = session.table
    with Shell(session) as shell:
        options = ("--model", session.small_path, "--format", "json")
        overheads, walls = [], []
        for turn in range(session.sizes.shells + 2):
            wall, output = shell.explain(f"What is item {session.number()}?", *options)
            timing = json.loads(output)["timing"]
            if turn >= 2:  # the first starts the engine, and then it calibrates
                walls.append(wall)
                overheads.append(wall - (timing["prefill_ms"] + timing["generate_ms"]) / 1000)
            elif turn == 0:
                wait_until_idle(shell.home, 60)
        table.row("exec to first byte", spread(walls), value=median(walls))
        table.row("without the model", spread(overheads), value=median(overheads), target="< 30 ms", met=median(overheads) < 0.03)


def wait_until_idle(home, patience_s):
    """Until the engine of that home has used no CPU time for a second."""
    process_id = engine_of(home)
    last, end = -1.0, time.monotonic() + patience_s
    while process_id and time.monotonic() < end:
        now = processor_seconds(process_id)
        if now - last < 0.01:
            return
        last = now
        time.sleep(1)


def engine_of(home):
    """The process whose environment names this home."""
    wanted = f"OFFLINE_CODER_HOME={home}".encode()
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if b"offline-coder-engine" in (path / "cmdline").read_bytes() and wanted in (path / "environ").read_bytes():
                return int(path.name)
        except OSError:
            pass
    return None


def calibrate(session):
    """What it took to measure the machine for the model, before everything else, and the most memory meanwhile"""
    for path, (seconds, most) in session.calibrations.items():
        name = pathlib.Path(path).stem
        session.table.row(name, shown(seconds), value=seconds, target="< 20 s", met=seconds < 20)
        session.table.row(f"  memory, {name}", f"{most / GIGABYTE:.2f} GB", value=most, target="< 6 GB", met=most < 6 * GIGABYTE)


def mem(session):
    """Memory of the engine at its most, pages shared with nobody (proportional set size)"""
    table = session.table
    session.stop_rivals()
    context = session.texts.code(session.sizes.memory_context, 0)
    with MemoryWatch(session.engine.process.pid) as watch:
        session.ask(chat(context, session.question()), 16)
        if session.small_path != session.model_path:
            session.ask({"infill": {"prefix": context[:1000], "suffix": context[1000:2000], "path": "", "repository": "", "files": []}},
                        8, model=session.small, priority="completion")
        short = context[:2000]
        session.engine.connection.generate_all([
            generate_request(session.model, chat(short, session.question(20)), 8, priority="batch") for _ in range(16)])
    most = max(watch.most, session.most_memory)
    table.row(f"{session.sizes.memory_context} tokens and 16 at once", f"{watch.most / GIGABYTE:.2f} GB", value=watch.most)
    table.row("in all workloads of the run", f"{most / GIGABYTE:.2f} GB", value=most, target="< 6 GB", met=most < 6 * GIGABYTE)
    peak = peak_memory(session.engine.process.pid)
    if peak:
        table.row("  resident at its most", f"{peak / GIGABYTE:.2f} GB, file pages that others map counted in full", value=peak)


def idle(session):
    """The engine with a loaded model and nothing to do: share of one CPU over 10 s"""
    wait_until_idle(session.engine.home, 30)
    before = processor_seconds(session.engine.process.pid)
    time.sleep(10)
    share = (processor_seconds(session.engine.process.pid) - before) / 10
    session.table.row("CPU", f"{share * 100:.3f} %", value=share, target="< 0.1 %", met=share < 0.001)


def exact(session):
    """Greedy answers from computed KV (memory, disk after SIGKILL) and from an engine that has none: equal, byte for byte?"""
    table = session.table
    plain = {"guesses": "none"}
    prompts = [chat(session.texts.code(700 + 150 * i, 6), session.question()) for i in range(3)]
    prompts.append({"raw": session.texts.code(600, 6)})
    stored = [session.ask(prompt, 24, **plain).text for prompt in prompts]
    again = [session.ask(prompt, 24, **plain).text for prompt in prompts]
    # Now it guesses what it said before. Calls of several rows differ in the last bits, and random weights have many ties.
    guesses = session.engine.status()["reuse"]
    guessed = [session.ask(prompt, 24).text for prompt in prompts]
    guesses = {name: value - guesses[name] for name, value in session.engine.status()["reuse"].items()}
    session.wait_until_stored()
    session.engine.kill()
    session.engine.start()
    session.engine.connect()
    from_disk = [session.ask(prompt, 24, **plain) for prompt in prompts]
    fresh = []
    for prompt in prompts:
        with Engine(session.programs / "offline-coder-engine", [*session.engine_options, "--kv-bytes", "0"]) as other:
            # The same threads and weights as the calibrated engine.
            shutil.copytree(session.engine.home / "cache/speeds", other.home / "cache/speeds", dirs_exist_ok=True)
            fresh.append(other.connection.generate_all([generate_request(session.model, prompt, 24, **plain)])[0].text)
    for name, answers in (("computed just now", stored), ("from memory", again), ("from disk", [a.text for a in from_disk])):
        equal = sum(a == b for a, b in zip(answers, fresh))
        table.row(name, f"{equal} of {len(fresh)} answers are equal", value=equal, target="all", met=equal == len(fresh))
    equal = sum(a == b for a, b in zip(guessed, fresh))
    table.row("with guesses", f"{equal} of {len(fresh)} answers are equal, {guesses['accepted_tokens']} of {guesses['drafted_tokens']} guesses right",
              value=equal)
    table.row("  found on disk", f"{min(a.usage['cached_tokens'] for a in from_disk)} tokens at least, "
              f"answers of {min(len(text) for text in fresh)} to {max(len(text) for text in fresh)} bytes")


def forecast(session):
    """What was forecast before each prompt of this run, against what it took"""
    for tokens in (300, 600, 900):
        session.ask(chat(session.texts.code(tokens, 8), session.question()))
    errors = [abs(said - took) / took for said, took in session.forecasts]
    session.table.row("error, first token", f"{median(errors) * 100:.0f} % (of {len(errors)} prompts)", value=median(errors),
                      target="median < 25 %", met=median(errors) < 0.25)
    long = [abs(said - took) / took for said, took in session.forecasts if took > 1000]
    if long:
        session.table.row("  of those over a second", f"{median(long) * 100:.0f} % (of {len(long)})", value=median(long))
