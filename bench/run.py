#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed, as ratios measured side by side in one run: a figure alone says more about the machine than about the program.

    ./dev bench [startup] [overhead] [throughput] [memory]      all of them when none is named
    --small FILE, --large FILE   GGUF models to use instead of the shape models (1.5B and 7B, random weights)
    ./dev bench context …        the index and the context of a request: context_scan.py has its options
    ./dev bench context_recall … how much of a change its context holds: context_recall.py
    ./dev bench review …         eight questions over a change against one: review.py
    ./dev bench measures …       complexity, beside what pmccabe and radon count: measures.py
    ./dev bench starter …        how good the starter model is: starter.py and docs/starter-model.md
    ./dev bench latency …        the wait, against llama-server: latency.py and docs/performance.md

Shape models are made by a tool that lies beside the repository (../shared/tools); without it and without --small and
--large, throughput and memory are passed over, and the output says so. Close other programs first.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import context_recall
import context_scan
import latency
import measures
import review
import starter
from engine import Engine, EngineError, peak_memory
from llama_bench import LlamaBench

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "build/release/bin"
PROGRAM = PROGRAMS / "offline-coder"
ENGINE = PROGRAMS / "offline-coder-engine"
SHAPE_TOOL = ROOT.parent / "shared/tools/make_shape_model.py"
STARTER = ROOT / "models/starter.gguf"

PROMPT_TOKENS = 512
ANSWER_TOKENS = 32
GIGABYTE = 1e9


class Report:
    """Prints one line for each figure, and remembers whether any missed its target."""

    def __init__(self):
        self.missed = []

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def line(self, name, figures, verdict="", met=True):
        if not met:
            self.missed.append(name)
        mark = f"  {'ok' if met else 'MISSED'}: {verdict}" if verdict else ""
        print(f"  {name:<22} {figures}{mark}", flush=True)


def wall_ms(command, **options):
    begin = time.perf_counter()
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, check=False, **options)
    elapsed = (time.perf_counter() - begin) * 1000
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    return elapsed, done.stdout


def spread(values, unit, digits=1):
    return f"{statistics.median(values):.{digits}f} {unit} (of {len(values)}: {min(values):.{digits}f} to {max(values):.{digits}f})"


def bench_startup(report, _):
    report.heading("startup")
    ours, nothing = [], []
    for _ in range(40):
        ours.append(wall_ms([PROGRAM, "--version"])[0])
        nothing.append(wall_ms(["true"])[0])
    report.line("--version", spread(ours, "ms"), "< 20 ms", statistics.median(ours) < 20)
    report.line("an empty program", spread(nothing, "ms"))
    report.line("ratio", f"{statistics.median(ours) / statistics.median(nothing):.1f}")


def overhead_samples(options, environment, count):
    """Wall time of `explain` minus the time that the model worked in it, once warm."""
    command = [PROGRAM, "explain", "--file", ROOT / "docs/demo/basket.py", "--lines", "19-22", "--format", "json", *options]
    overheads, walls = [], []
    for i in range(count + 1):
        elapsed, output = wall_ms(command, env=environment)
        timing = json.loads(output)["timing"]
        if i > 0:  # the first one starts the engine and loads the model
            walls.append(elapsed)
            overheads.append(elapsed - timing["prefill_ms"] - timing["generate_ms"])
    return overheads, walls


def bench_overhead(report, _):
    report.heading("overhead: a warm 'explain', everything but the model's own work")
    with tempfile.TemporaryDirectory(prefix="oc-bench-") as home:
        environment = dict(os.environ, OFFLINE_CODER_HOME=home)
        script = pathlib.Path(home) / "script.jsonl"
        script.write_text("".join(json.dumps({"answer": "It adds up the prices."}) + "\n" for _ in range(100)), encoding="utf-8")
        try:
            for name, options in (("starter model", ["--model", STARTER, "--max-tokens", "16"]), ("scripted model", ["--script", script])):
                overheads, walls = overhead_samples(options, environment, 20)
                report.line(name, spread(overheads, "ms"), "< 50 ms", statistics.median(overheads) < 50)
                report.line("", f"whole command {spread(walls, 'ms')}")
        finally:
            subprocess.run([PROGRAM, "engine", "stop"], env=environment, capture_output=True, check=False)


def shape_model(name):
    """The path of a model with the shape of a published one and random weights; None where it cannot be made."""
    path = ROOT / "build/bench" / f"{name}.gguf"
    if not path.exists():
        if not SHAPE_TOOL.exists():
            return None
        print(f"  making {path.relative_to(ROOT)} …", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        incomplete = path.with_suffix(".incomplete")
        subprocess.run([sys.executable, str(SHAPE_TOOL), name, str(incomplete)], check=True, stdout=subprocess.DEVNULL)
        incomplete.rename(path)
    return path


def reference(path, context=0):
    return {"kind": "gguf", "path": str(path), "context": context, "threads": 0}


def digits(count, first):
    """A text of `count` tokens where every digit is one; texts with another first digit share no prefix."""
    source = random.Random(first)
    return str(first % 10) + "".join(str(source.randrange(10)) for _ in range(count - 1))


def engine_speed(engine, model, rounds, seed):
    prefill, decode = [], []
    for i in range(rounds):
        reply = engine.generate(model, digits(PROMPT_TOKENS, seed + i), ANSWER_TOKENS)
        usage, timing = reply["usage"], reply["timing"]
        prefill.append((usage["prompt_tokens"] - usage["cached_tokens"]) / timing["prefill_ms"] * 1000)
        # The first token comes out of the prefill; an answer that ended early has decoded its last token too.
        steps = usage["completion_tokens"] - (1 if reply["stop"] == "max_tokens" else 0)
        if steps > 0:
            decode.append(steps / timing["generate_ms"] * 1000)
    return prefill, decode


def bench_throughput(report, options):
    report.heading(f"throughput: {PROMPT_TOKENS} tokens of prompt, {ANSWER_TOKENS} of answer, tokens/s")
    model = options.small or shape_model("qwen2.5-coder-1.5b")
    yardstick = LlamaBench(os.environ.get("OC_LLAMA_ROOT"))
    if model is None or yardstick.command is None:
        report.line("passed over", "there is no model" if model is None else "there is no llama-bench")
        return
    ours, theirs = ([], []), {False: ([], []), True: ([], [])}
    with Engine(ENGINE) as engine:
        threads = engine.load(reference(model))["threads"]
        engine_speed(engine, reference(model), 1, 90)  # warms up
        # A B B A: what drifts while this runs (heat, neighbours) weighs on both alike.
        for turn, who in enumerate("ABBA"):
            if who == "A":
                for sink, samples in zip(ours, engine_speed(engine, reference(model), 4, 10 * turn + turn)):
                    sink += samples
            else:
                for repack in (False, True):
                    for sink, samples in zip(theirs[repack], yardstick.measure(model, threads, PROMPT_TOKENS, ANSWER_TOKENS, 3, repack)):
                        sink += samples
    for i, name in enumerate(("prefill", "decode")):
        repack = max(theirs, key=lambda setting: statistics.median(theirs[setting][i]))
        ratio = statistics.median(ours[i]) / statistics.median(theirs[repack][i])
        report.line(f"{name}, engine", spread(ours[i], "t/s"))
        for setting in (False, True):
            report.line(f"{name}, llama-bench", f"{spread(theirs[setting][i], 't/s')}, repack {'on' if setting else 'off'}")
        report.line(f"{name}, ratio", f"{ratio:.3f}, {threads} threads", "≥ 0.97 of the better", ratio >= 0.97)


def bench_memory(report, options):
    report.heading("memory: the large model with a context of 8192 tokens")
    model = options.large or shape_model("qwen2.5-coder-7b")
    if model is None:
        report.line("passed over", "there is no model")
        return
    with open(model, "rb") as file:  # into the page cache
        while file.read(1 << 24):
            pass
    loads = []
    for _ in range(3):
        with Engine(ENGINE) as engine:
            begin = time.perf_counter()
            engine.load(reference(model, 8192))
            loads.append(time.perf_counter() - begin)
            loaded = engine.status()["resident_bytes"]
            engine.generate(reference(model, 8192), digits(300, 1), 8)
            resident, peak = engine.status()["resident_bytes"], peak_memory(engine.process.pid)
    report.line("load, from page cache", spread(loads, "s", 2), "< 3 s", statistics.median(loads) < 3)
    report.line("resident after loading", f"{loaded / GIGABYTE:.2f} GB")
    report.line("resident after a prompt", f"{resident / GIGABYTE:.2f} GB", "< 6 GB", resident < 6 * GIGABYTE)
    if peak is not None:
        report.line("at its most", f"{peak / GIGABYTE:.2f} GB, {peak / model.stat().st_size:.2f} of the file's size")


BENCHES = {"startup": bench_startup, "overhead": bench_overhead, "throughput": bench_throughput, "memory": bench_memory}
# With options of their own; not among "all": they take minutes.
SUITES = {"context": context_scan.main, "context_recall": context_recall.main, "measures": measures.main,
          "review": lambda arguments: review.main(arguments, shape_model),
          "starter": starter.main,
          "latency": lambda arguments: latency.main(arguments, shape_model)}


def existing_file(text):
    path = pathlib.Path(text).resolve()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file '{text}'")
    return path


def main():
    if len(sys.argv) > 1 and sys.argv[1] in SUITES:
        return SUITES[sys.argv[1]](sys.argv[2:])
    parser = argparse.ArgumentParser(prog="./dev bench", description="Speed, as ratios measured in one run.")
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"one of: {', '.join(BENCHES)} (default: all)")
    parser.add_argument("--small", type=existing_file, help="a GGUF model for throughput")
    parser.add_argument("--large", type=existing_file, help="a GGUF model for memory")
    options = parser.parse_args()
    for name in options.what:
        if name not in BENCHES:
            parser.error(f"'{name}' is none of: {', '.join(BENCHES)}")
    report = Report()
    try:
        for name in options.what or BENCHES:
            BENCHES[name](report, options)
    except (EngineError, RuntimeError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"\nmissed: {', '.join(report.missed)}" if report.missed else "\nall targets are met")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
