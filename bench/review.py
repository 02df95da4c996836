# SPDX-License-Identifier: Apache-2.0
"""What a review of a change of 300 lines costs: eight questions over the same code, against reading it for one.

    ./dev bench review [--model FILE] [--rounds N] [--lines N]

By tokens: what `offline-coder review` says of itself. By time: the same texts sent to an engine, all questions in one request,
one alone, and one after the other, in turns. The time of an answer is apart from that of reading, because who asks eight
questions wants eight answers.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from engine import Engine, EngineError, generate_request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "build/release/bin"
TARGET = 1.4
ANSWER_TOKENS = 24  # for each question


def source_lines(count):
    lines = [line for file in sorted((ROOT / "bench").glob("*.py")) for line in file.read_text(encoding="utf-8").splitlines()]
    return lines[:count]


def questions():
    rows = (ROOT / "prompts/review_items.md").read_text(encoding="utf-8").splitlines()
    frame = (ROOT / "prompts/review_question.md").read_text(encoding="utf-8").strip()
    return [frame.replace("{{question}}", row.split("|", 2)[2].strip()) for row in rows if row.count("|") >= 2]


def prompt(sample, lines):
    """The code first, as `review` sends it; another sample has no beginning in common with this one."""
    code = "".join(f"{number}+| {line}\n" for number, line in enumerate(lines, 1))
    instructions = (ROOT / "prompts/review.md").read_text(encoding="utf-8").replace("{{marks}}", "")
    return {"chat": [{"role": "system", "text": f"You are careful, {sample}."},
                     {"role": "user", "text": f"File `change.py`:\n```python\n{code}```\n"},
                     {"role": "user", "text": instructions + "\n"}]}


def with_question(asked, question):
    return {"chat": [*asked["chat"], {"role": "user", "text": question}]}


def reviewed_usage(model, lines):
    """The usage of a whole review by the shipped programs, of a change in a repository."""
    with tempfile.TemporaryDirectory(prefix="oc-bench-") as home, tempfile.TemporaryDirectory() as workspace:
        environment = dict(os.environ, OFFLINE_CODER_HOME=home)
        file = pathlib.Path(workspace) / "change.py"

        def run(*words):
            return subprocess.run([str(word) for word in words], cwd=workspace, env=environment, check=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout

        file.write_text("# to be changed\n", encoding="utf-8")
        run("git", "init", "-q")
        run("git", "add", ".")
        run("git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "-qm", "one")
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        try:
            command = [PROGRAMS / "offline-coder", "review", "--model", model, "--no-linters", "--quiet", "--max-tokens", "4"]
            review = json.loads(run(*command, "--format", "json"))["model"]
        finally:
            run(PROGRAMS / "offline-coder", "engine", "stop")
        if "error" in review or review["left_out"] or review["questions"] == 0:
            raise RuntimeError(f"the review was not whole: {json.dumps(review)}")
        return review


def read_together(engine, request):
    """Milliseconds until the prompts of all answers were read, and until all answers were given."""
    begin = time.perf_counter()
    reply = engine.ask(request)
    wall = (time.perf_counter() - begin) * 1000
    return max(each["timing"]["prefill_ms"] for each in reply["alternatives"]), wall


def read_apart(engine, model, asked, texts):
    begin = time.perf_counter()
    read = sum(engine.ask(generate_request(model, with_question(asked, text), ANSWER_TOKENS))["timing"]["prefill_ms"] for text in texts)
    return read, (time.perf_counter() - begin) * 1000


def spread(values):
    return f"{statistics.median(values):.0f} ms (of {len(values)}: {min(values):.0f} to {max(values):.0f})"


class Measurement:
    """Milliseconds by what was asked; each sample is computed anew."""

    def __init__(self, engine, model, lines):
        self._engine, self._model, self._lines = engine, model, lines
        self._samples = 0
        self.one, self.together, self.apart, self.together_wall, self.apart_wall = [], [], [], [], []

    def _fresh_prompt(self):
        self._samples += 1
        return prompt(f"number {self._samples}", self._lines)

    def ask_one(self):
        request = generate_request(self._model, with_question(self._fresh_prompt(), questions()[0]), 1)
        self.one.append(self._engine.ask(request)["timing"]["prefill_ms"])

    def ask_together(self):
        read, wall = read_together(self._engine, generate_request(self._model, self._fresh_prompt(), ANSWER_TOKENS, endings=questions()))
        self.together.append(read)
        self.together_wall.append(wall)

    def ask_apart(self):
        read, wall = read_apart(self._engine, self._model, self._fresh_prompt(), questions())
        self.apart.append(read)
        self.apart_wall.append(wall)

    def run(self, rounds):
        steps = [self.ask_one, self.ask_together, self.ask_apart]
        for turn in range(rounds):  # what drifts meanwhile weighs on all alike
            for step in steps if turn % 2 == 0 else reversed(steps):
                step()


def report(model, options):
    lines = source_lines(options.lines)
    review = reviewed_usage(model, lines)
    usage, count = review["usage"], len(questions())
    one = usage["prompt_tokens"] / count  # in all prompts that the code was put into
    computed = usage["prompt_tokens"] - usage["cached_tokens"]
    by_tokens = computed / one
    print(f"a change of {len(lines)} lines, {count} questions, {one:.0f} tokens for one of them")
    print(f"  tokens computed      {computed} of {usage['prompt_tokens']}, {by_tokens:.2f} × those of one question", flush=True)
    with Engine(PROGRAMS / "offline-coder-engine") as engine:
        reference = {"kind": "gguf", "path": str(model), "context": 0, "threads": 0}
        engine.load(reference)
        Measurement(engine, reference, lines[:10]).ask_one()  # warms up
        timed = Measurement(engine, reference, lines)
        timed.run(options.rounds)
    base = statistics.median(timed.one)
    by_time = statistics.median(timed.together) / base
    print(f"  reading for one      {spread(timed.one)}")
    apart = statistics.median(timed.apart) / base
    print(f"  reading for all      {spread(timed.together)}, {by_time:.2f} ×; one after the other {apart:.2f} ×")
    print(f"  with the answers     {spread(timed.together_wall)}; one after the other {spread(timed.apart_wall)}")
    met = by_tokens <= TARGET and by_time <= TARGET
    print(f"  {'ok' if met else 'MISSED'}: ≤ {TARGET} × one question's reading")
    return 0 if met else 1


def main(arguments, shape_model):
    parser = argparse.ArgumentParser(prog="./dev bench review", description="What a review costs against one question.")
    parser.add_argument("--model", type=lambda text: pathlib.Path(text).resolve(), help="a GGUF instead of the shape of a 0.5B")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--lines", type=int, default=300)
    options = parser.parse_args(arguments)
    model = options.model or shape_model("qwen2.5-coder-0.5b")
    if model is None or not model.is_file():
        print("bench review: there is no model", file=sys.stderr)
        return 1
    try:
        return report(model, options)
    except (EngineError, RuntimeError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench review: {error}", file=sys.stderr)
        return 1
