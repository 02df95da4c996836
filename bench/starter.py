# SPDX-License-Identifier: Apache-2.0
"""How good the starter model is, through the programs, on projects that it has not seen.

    ./dev bench starter [--model FILE]… [--cases N] [--questions N]

Needs what training/collect.py wrote (build/training/files.jsonl) and its held-out projects. Completions: the rest of a line
and of a block, by language, with the project's other files in the prompt and without; exact match, and edit similarity
(1 - distance / length of the longer). Beside them: what follows the same words most often in the same file. Answers of gen
and explain: how many parse, close their fence, stop by themselves.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/release/bin/offline-coder"
STARTER = ROOT / "models/starter.gguf"
sys.path.insert(0, str(ROOT / "training"))

import fim  # noqa: E402  (of training/)
import languages  # noqa: E402
import pairs  # noqa: E402
import syntax_nodes  # noqa: E402

Case = collections.namedtuple("Case", "language form path line column cut")
MOST_COMPARED = 400  # characters


def edit_similarity(a, b):
    a, b = a[:MOST_COMPARED], b[:MOST_COMPARED]
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return 1 - row[-1] / max(len(a), len(b), 1)


def repeated(cut, form):
    """The first baseline: what follows the last words before the cursor most often elsewhere in the file."""
    before = cut.prefix.rpartition("\n")[2]
    for count in (4, 3, 2, 1):
        words = re.findall(r"\w+\W*|\W+", before)[-count:]
        end = "".join(words)
        if len(words) < count or not end.strip():
            continue
        rests = re.findall(rf"{re.escape(end)}([^\n]+)", cut.prefix[:-len(end)] + "\n" + cut.suffix)
        if rests:
            return collections.Counter(rests).most_common(1)[0][0]
    if form == "line":
        return ""
    lines = [line.strip() for line in (cut.prefix + cut.suffix).split("\n") if len(line.strip()) > 3]
    return collections.Counter(lines).most_common(1)[0][0] if lines else ""


def make_cases(files, parser, per_form, folder):
    """Writes the held-out projects with a gap in some of their files, one in each."""
    chance, cases = random.Random(5), []
    wanted = {(language.name, form): per_form for language in languages.LANGUAGES for form in ("line", "block")}
    chance.shuffle(files)
    for file in files:
        text, language = file["text"], file["language"]
        form = max(("line", "block"), key=lambda name: wanted[language, name])
        if wanted[language, form] > 0 and len(text) > 600:
            nodes = parser.find_nodes(language, text)
            cut = fim.cut_line(text, chance) if form == "line" else fim.cut_block(text, nodes, chance)
            if cut and len(cut.middle.strip()) > 2 and len(cut.prefix) > 200:
                wanted[language, form] -= 1
                path = f"{file['repository']}/{file['path']}"
                cases.append(Case(language, form, path, cut.prefix.count("\n") + 1, len(cut.prefix.rpartition("\n")[2]) + 1, cut))
                text = cut.prefix + cut.suffix
        target = folder / file["repository"] / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return cases


def batch(requests, model, folder, environment):
    """{id: what the command printed with --format json}"""
    lines = "".join(json.dumps({"id": name, "args": [str(word) for word in words]}) + "\n" for name, words in requests)
    done = subprocess.run([PROGRAM, "batch", "-", "--model", model, "--jobs", "2", "--quiet"], input=lines, text=True, cwd=folder,
                          env=environment, capture_output=True, check=False)
    results = {}
    for line in done.stdout.splitlines():
        reply = json.loads(line)
        results[reply.get("id")] = reply.get("result") or {}
    return results


def complete(cases, model, folder, environment):
    """{(number of the case, with the project?): text}"""
    requests = []
    for repository in sorted({case.path.split("/")[0] for case in cases}):
        for number, case in enumerate(cases):
            if case.path.split("/")[0] != repository:
                continue
            shape = "--single-line" if case.form == "line" else "--multi-line"
            words = ["complete", "--file", folder / case.path, "--line", case.line, "--column", case.column, shape, "--max-tokens", 96]
            requests.append((repository, f"{number} alone", [*words, "--context-tokens", 0]))
            requests.append((repository, f"{number} project", words))
    texts = {}
    for repository in sorted({row[0] for row in requests}):
        mine = [(name, words) for where, name, words in requests if where == repository]
        replies = batch(mine, model, folder / repository, environment)
        for name, _ in mine:
            number, kind = name.split(" ")
            texts[int(number), kind] = replies.get(name, {}).get("code") or ""
    return texts


def completion_table(cases, columns):
    """`columns`: {name: [text of each case]}; a row for each form and language."""
    print("\n| form | language | cases | " + " | ".join(f"{name}: exact | similar" for name in columns) + " |")
    print("| --- | --- | ---: |" + " ---: | ---: |" * len(columns))
    groups = collections.defaultdict(list)
    for number, case in enumerate(cases):
        groups[case.form, case.language].append(number)
        groups[case.form, "all"].append(number)
    for form, language in sorted(groups, key=lambda key: (key[0] == "block", key[1] != "all", key[1])):
        numbers, cells = groups[form, language], []
        for texts in columns.values():
            wanted = [(texts[i].strip(), cases[i].cut.middle.strip()) for i in numbers]
            exact = sum(a == b for a, b in wanted) / len(wanted)
            similar = sum(edit_similarity(a, b) for a, b in wanted) / len(wanted)
            cells.append(f"{exact:.0%} | {similar:.2f}")
        print(f"| {form} | {language} | {len(numbers)} | " + " | ".join(cells) + " |")


def make_questions(files, parser, count, folder):
    """(what to generate, what to explain): functions with documentation, of all languages in turn."""
    chance, generate, explain = random.Random(8), [], []
    for language in languages.LANGUAGES:
        mine = [file for file in files if file["language"] == language.name]
        chance.shuffle(mine)
        found = [(file, function) for file in mine for function in
                 pairs.find_functions(language.name, file["text"], parser.find_nodes(language.name, file["text"]))
                 if pairs.first_paragraph(function.words)]
        for number, (file, function) in enumerate(chance.sample(found, min(count, len(found)))):
            generate.append((language.name, ["gen", "--language", language.name, "--max-tokens", 200, pairs.first_paragraph(function.words)]))
            path = folder / f"{language.name}{number}{pathlib.Path(file['path']).suffix or '.sh'}"
            path.write_text(function.code + "\n")
            explain.append((language.name, ["explain", "--file", path, "--max-tokens", 200]))
    return generate, explain


def answer_rows(name, model, generate, explain, parser, folder, environment):
    made = batch([(f"gen {i}", words) for i, (_, words) in enumerate(generate)] +
                 [(f"explain {i}", words) for i, (_, words) in enumerate(explain)], model, folder, environment)
    stops = {kind: 0 for kind in ("gen", "explain")}
    parses = closed = said = 0
    for i, (language, _) in enumerate(generate):
        reply = made.get(f"gen {i}", {})
        is_closed = reply.get("stop") in ("end", "stop_text")
        closed += is_closed
        stops["gen"] += is_closed
        parses += is_closed and bool(reply.get("code")) and not parser.has_errors(language, reply["code"])
    for i in range(len(explain)):
        reply = made.get(f"explain {i}", {})
        stops["explain"] += reply.get("stop") == "end"
        said += bool(reply.get("answer", "").strip()) and reply["answer"].count("```") % 2 == 0
    share = lambda part, rows: f"{part / max(1, len(rows)):.0%}"  # noqa: E731
    print(f"| {name} | {share(closed, generate)} | {share(parses, generate)} | {share(stops['explain'], explain)} | {share(said, explain)} |",
          flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="./dev bench starter", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--model", type=pathlib.Path, action="append", metavar="FILE", help="may be given more than once")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "build/training/files.jsonl", metavar="FILE")
    parser.add_argument("--cases", type=int, default=20, metavar="N", help="lines, and blocks, of each language (default: 20)")
    parser.add_argument("--questions", type=int, default=10, metavar="N", help="of gen, and of explain, of each language (default: 10)")
    options = parser.parse_args(arguments)
    if not options.data.exists():
        print(f"bench: there is no {options.data}: run training/collect.py first", file=sys.stderr)
        return 1
    files = [file for file in map(json.loads, open(options.data)) if file["split"] == "held-out"]
    code = syntax_nodes.Parser()
    models = [path.resolve() for path in options.model or [STARTER]]
    with tempfile.TemporaryDirectory(prefix="oc-bench-") as work:
        home, projects, answers = (pathlib.Path(work) / name for name in ("home", "projects", "answers"))
        for folder in (home, projects, answers):
            folder.mkdir()
        environment = dict(os.environ, OFFLINE_CODER_HOME=str(home))
        try:
            cases = make_cases(files, code, options.cases, projects)
            for repository in sorted({case.path.split("/")[0] for case in cases}):
                (projects / repository / ".offline-coder").mkdir()
                (projects / repository / ".offline-coder/config.yaml").touch()
                subprocess.run([PROGRAM, "scan", "--quiet"], cwd=projects / repository, env=environment, capture_output=True, check=True)
            columns = {"repeated": [repeated(case.cut, case.form) for case in cases]}
            for model in models:
                texts = complete(cases, model, projects, environment)
                for kind in ("alone", "project"):
                    columns[f"{model.parent.name}/{model.stem}, {kind}"] = [texts[i, kind] for i in range(len(cases))]
            completion_table(cases, columns)
            generate, explain = make_questions(files, code, options.questions, answers)
            print(f"\n{len(generate)} questions of gen, {len(explain)} of explain\n")
            print("| model | gen closes and stops | … and parses | explain stops | … with all fences closed |\n| --- | ---: | ---: | ---: | ---: |")
            for model in models:
                answer_rows(f"{model.parent.name}/{model.stem}", model, generate, explain, code, answers, environment)
        finally:
            subprocess.run([PROGRAM, "engine", "stop"], env=environment, capture_output=True, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
