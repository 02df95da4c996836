# SPDX-License-Identifier: Apache-2.0
"""The wait: how long until the first word and until the last, against llama-server with the same model file.

Both sides get the same prompts in turns (A B B A), the first pass of each is dropped; ratios within one run are what
counts. docs/performance.md says what each workload means.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import time

import latency_answers as answers
import latency_chat
import latency_machine as machine
import latency_prompts as prompts
from engine import EngineError
from latency_session import Session, Sizes
from llama_server import RivalError

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHAPES = {"small": "qwen2.5-coder-1.5b", "large": "qwen2.5-coder-7b"}
# In this order: later ones find what earlier ones computed.
WORKLOADS = {
    "calibrate": machine.calibrate,
    "warm-shell": machine.warm_shell, "cold-shell": machine.cold_shell,
    "repo-ask": prompts.repo_ask, "restart-ask": prompts.restart_ask, "three-repos": prompts.three_repos,
    "edit-mid": prompts.edit_mid, "type-40": prompts.type_40,
    "apply-file": answers.apply_file, "chat-200": answers.chat_200, "busy-complete": answers.busy_complete,
    "batch-16": answers.batch_16, "depth": answers.depth,
    "chat-switch": latency_chat.chat_switch,
    "exact": machine.exact, "mem": machine.mem, "idle": machine.idle, "forecast": machine.forecast,
}


class Table:
    """Prints a line for each figure and remembers them all."""

    def __init__(self):
        self.workload, self.rows, self.facts, self.busy = "", [], {}, {}

    def fact(self, name, value):
        self.facts[name] = value
        print(f"  {name:<12} {value}", flush=True)

    def heading(self, name, text):
        self.workload = name
        busy = others_busy()
        self.busy[name] = busy
        print(f"\n{name}: {text}\n  (others use {busy * 100:.0f} % of the processors as it begins)", flush=True)

    def note(self, text):
        print(f"  ({text})", flush=True)

    def row(self, name, figure, value=None, target="", met=None):
        """`value`: the figure as a number (seconds, bytes, shares); `met`: None where there is no verdict."""
        self.rows.append({"workload": self.workload, "name": name.strip(), "figure": figure, "value": value, "target": target, "met": met})
        print(f"  {name:<28} {figure:<58} {self._verdict(self.rows[-1])}".rstrip(), flush=True)

    @staticmethod
    def _verdict(row):
        return row["target"] + {None: "", True: "  ok", False: "  MISSED"}[row["met"]]

    def missed(self):
        return [f"{row['workload']}: {row['name']}" for row in self.rows if row["met"] is False]

    def markdown(self):
        lines = ["", *(f"- {name}: {value}" for name, value in self.facts.items()), "", "| workload | what | measured | target |",
                 "|---|---|---|---|"]
        last = ""
        for row in self.rows:
            name = "" if row["workload"] == last else row["workload"]
            last = row["workload"]
            cells = (name, row["name"], row["figure"], self._verdict(row).replace("MISSED", "**missed**"))
            if name and self.busy.get(name, 0) > 0.1:
                cells = (f"{name} (others used {self.busy[name] * 100:.0f} % of the processors)", *cells[1:])
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        return "\n".join(lines)


def processor_name():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def others_busy():
    """Share of the processors that is in use while the bench itself waits; 0 where the system does not say."""
    def times():
        try:
            return [int(word) for word in pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
        except OSError:
            return [0] * 8

    before = times()
    time.sleep(0.5)
    spent = [after - earlier for earlier, after in zip(before, times())]
    resting = spent[3] + spent[4]
    return 1 - resting / sum(spent) if sum(spent) else 0


def state_of(path):
    done = subprocess.run(["git", "-C", str(path), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def note_machine(table):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    table.fact("machine", f"{processor_name()}, {os.cpu_count()} processors, {memory:.0f} GB, {platform.system()} {platform.release()}")
    table.fact("date", datetime.date.today().isoformat())
    table.fact("load", f"{os.getloadavg()[0]:.1f} when the run began (1-minute average)")
    table.fact("state", state_of(ROOT))
    waiting = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(("OMP_", "GOMP_"))]
    if waiting:
        table.fact("environment", f"{' '.join(sorted(waiting))}, for both sides")


def note_session(table, session):
    calibrated = session.calibrated[str(session.model_path)]
    table.fact("model", f"{session.model_path.name}, {session.model_path.stat().st_size / 1e9:.2f} GB; small: {session.small_path.name}")
    table.fact("threads", f"{calibrated['prefill_threads']} for prompts, {calibrated['decode_threads']} for answers, "
               f"weights {'repacked' if calibrated['repack'] else 'as in the file'} (calibrated)")
    table.fact("T(N)", ", ".join(f"{step['rows']}: {step['ms']:.0f} ms" for step in calibrated["steps"]))
    table.fact("rivals", "llama-server of the same libllama: default settings; tuned: one slot, the threads above, "
               "--cache-reuse 256, -cram 8192, --spec-type ngram-simple; both over a Unix socket")
    table.fact("page cache", "the model file is in it, but where a row says otherwise")


def parse(arguments, shape_model):
    parser = argparse.ArgumentParser(prog="./dev bench latency", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"of: {', '.join(WORKLOADS)} (default: all)")
    parser.add_argument("--model", default="small", metavar="small|large|FILE", help="shape of 1.5B or 7B with random weights, or a GGUF")
    parser.add_argument("--small", type=pathlib.Path, metavar="FILE", help="the model that completes (default: the small shape)")
    parser.add_argument("--quick", action="store_true", help="a context of 1000 tokens and few repetitions")
    parser.add_argument("--context", type=int, metavar="TOKENS", help="of repo-ask, restart-ask and three-repos (default: "
                        "4000, with --quick 1000; the other two of three-repos less)")
    parser.add_argument("--lines", type=int, metavar="LINES", help="of the file of apply-file (default: 200, with --quick 60)")
    parser.add_argument("--cpu", metavar="VARIANT", help="of ggml's CPU backends, for both sides, as haswell: a machine without newer "
                        "instructions; the shells' own engines take the best one all the same")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/performance.md at the end")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/release/bin", metavar="FOLDER", help="where they are")
    options = parser.parse_args(arguments)
    for name in options.workloads:
        if name not in WORKLOADS:
            parser.error(f"'{name}' is none of: {', '.join(WORKLOADS)}")
    options.large = options.model == "large"
    options.small = options.small or shape_model(SHAPES["small"])
    options.model = shape_model(SHAPES[options.model]) if options.model in SHAPES else pathlib.Path(options.model)
    for path in (options.model, options.small):
        if path is None or not path.is_file():
            parser.error(f"there is no model file '{path}'" if path else "the tool that makes shape models is not there; name a --model FILE and a --small FILE")
    options.model, options.small = options.model.resolve(), options.small.resolve()
    return options


def run_all(table, options):
    machine.load_pages(options.model)
    with Session(table, options.programs.resolve(), options.model, options.small, Sizes(options.quick, options.large, options.context, options.lines), options.large,
                 options.cpu) as session:
        note_session(table, session)
        if options.cpu:
            table.fact("CPU variant", f"{options.cpu}, for both sides")
        for name in (name for name in WORKLOADS if not options.workloads or name in options.workloads):
            table.heading(name, WORKLOADS[name].__doc__)
            try:
                WORKLOADS[name](session)
            except (EngineError, RivalError, RuntimeError, OSError, KeyError, ValueError) as error:
                # One that fails says so, and the others are still measured.
                table.row("failed", f"{type(error).__name__}: {error}", target="works", met=False)


def main(arguments, shape_model):
    """`shape_model`: finds or makes the file of a shape."""
    options = parse(arguments, shape_model)
    # Whoever ends this ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    table = Table()
    note_machine(table)
    table.fact("command", " ".join(["./dev bench latency", *arguments]))
    try:
        run_all(table, options)
    except (EngineError, OSError, KeyError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.json:
        options.json.write_text(json.dumps({"facts": table.facts, "others_busy": table.busy, "rows": table.rows}, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        print(table.markdown())
    missed = table.missed()
    print(f"\nmissed: {'; '.join(missed)}" if missed else "\nall targets are met")
    return 1 if missed else 0
