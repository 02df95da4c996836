# SPDX-License-Identifier: Apache-2.0
"""Source trees of any size for benchmarks: C, C++, Python, TypeScript and Go, with imports and calls across files.

The same size and seed give the same bytes. Names are made of common words, so that files share words as real ones do;
most imports lead to the same folder, some to another.
"""
import pathlib
import random

VERBS = "load store parse build find merge split read write open close count check apply plan send take make sort pack".split()
NOUNS = """account answer archive block branch buffer cache channel client cluster column config cursor device document edge
           entry event field filter folder frame graph group handle header index input item job journal key layer ledger
           line link list lock map message model module node object offset option order output packet page parser path
           peer piece pipe plan point pool port price queue range record region report request result route row rule
           sample schema scope section segment server session shard signal slot socket source stage state step stream
           string table target task term thread ticket timer token trace tree unit user value vector view window word
           worker zone""".split()
LANGUAGES = ("c", "cpp", "python", "typescript", "go")
FILES_A_FOLDER = 40


def camel(words):
    return "".join(word.capitalize() for word in words)


class Unit:
    """One module of one language: its names, and what it uses of others."""

    def __init__(self, number, language, source, functions):
        self.number, self.language = number, language
        words = [source.choice(NOUNS), source.choice(NOUNS)]
        self.stem = f"{'_'.join(words)}_{number}"
        self.type = f"{camel(words)}{number % 997}"
        self.functions = [f"{source.choice(VERBS)}_{source.choice(NOUNS)}_{source.choice(NOUNS)}" for _ in range(functions)]
        self.functions = [f"{name}_{i}" if self.functions.index(name) != i else name for i, name in enumerate(self.functions)]
        self.uses = []

    @property
    def folder(self):
        return f"{self.language}/part_{self.number // (FILES_A_FOLDER * len(LANGUAGES)):04}"


def comment(source):
    return f"{source.choice(VERBS).capitalize()}s the {source.choice(NOUNS)} of each {source.choice(NOUNS)} before the {source.choice(NOUNS)}."


def statements(source, unit, count, end):
    """Assignments and calls that all five languages read alike."""
    lines = []
    for _ in range(count):
        left, a, b = source.choice(NOUNS), source.choice(NOUNS), source.choice(NOUNS)
        if unit.uses and source.random() < 0.4:
            other = source.choice(unit.uses)
            lines.append(f"{left}_total = {source.choice(other.functions)}({a}_{b}, {source.randrange(100)}){end}")
        else:
            lines.append(f"{left}_total = {a}_count + {b}_size * {source.randrange(100)}{end}")
    return lines


def write_c(unit, source, size):
    cpp = unit.language == "cpp"
    header = [f"// {comment(source)}", "#pragma once", ""]
    body = [f'#include "{unit.stem}.{"hpp" if cpp else "h"}"', ""]
    for other in unit.uses:
        body.append(f'#include "{other.folder}/{other.stem}.{"hpp" if cpp else "h"}"')
    fields = [f"  int {source.choice(NOUNS)}_{i};" for i in range(4)]
    header += [f"struct {unit.type} {{", *fields, "};", ""]
    for name in unit.functions:
        header += [f"// {comment(source)}", f"int {name}(int {source.choice(NOUNS)}_size, int {source.choice(NOUNS)}_count);"]
        text = [f"// {comment(source)}", f"int {name}(int size, int count) {{", f"  struct {unit.type} value;"]
        text += [f"  {line}" for line in statements(source, unit, size, ";")]
        body += ["", *text, "  return size + count;", "}"]
    if cpp:
        header = [*header[:3], "namespace made {", "", *header[3:], "}  // namespace made"]
        body = [*body, "}  // namespace made"]
        body.insert(2 + len(unit.uses), "\nnamespace made {")
    return {f"{unit.stem}.{'hpp' if cpp else 'h'}": header, f"{unit.stem}.{'cpp' if cpp else 'c'}": body}


def write_python(unit, source, size):
    lines = [f'"""{comment(source)}"""']
    lines += [f"from {other.folder.replace('/', '.')}.{other.stem} import {', '.join(sorted(set(other.functions)))}"
              for other in unit.uses]
    lines += ["", "", f"class {unit.type}:", f'    """{comment(source)}"""', "", "    def __init__(self, size):",
              "        self.size = size"]
    for name in unit.functions:
        lines += ["", "", f"def {name}(size, count):", f'    """{comment(source)}"""']
        lines += [f"    {line}" for line in statements(source, unit, size, "")] + ["    return size + count"]
    return {f"{unit.stem}.py": lines}


def write_typescript(unit, source, size):
    lines = [f"// {comment(source)}"]
    lines += [f"import {{ {', '.join(sorted(set(other.functions)))} }} from '../../{other.folder}/{other.stem}';"
              for other in unit.uses]
    lines += ["", f"export interface {unit.type} {{", "  size: number;", "  count: number;", "}"]
    for name in unit.functions:
        lines += ["", f"/** {comment(source)} */", f"export function {name}(size: number, count: number): number {{"]
        lines += [f"  {line}" for line in statements(source, unit, size, ";")] + ["  return size + count;", "}"]
    return {f"{unit.stem}.ts": lines}


def write_go(unit, source, size):
    lines = [f"// {comment(source)}", f"package {unit.folder.rsplit('/', 1)[-1]}", ""]
    lines += ["import (", *(f'\t"made/{other.folder}"' for other in unit.uses), ")"] if unit.uses else []
    lines += ["", f"type {unit.type} struct {{", "\tsize  int", "\tcount int", "}"]
    for name in unit.functions:
        lines += ["", f"// {comment(source)}", f"func {name}(size int, count int) int {{"]
        lines += [f"\t{line}" for line in statements(source, unit, size, "")] + ["\treturn size + count", "}"]
    return {f"{unit.stem}.go": lines}


WRITERS = {"c": write_c, "cpp": write_c, "python": write_python, "typescript": write_typescript, "go": write_go}


def make_tree(folder, files, functions, size, seed=1):
    """Writes `files` files of about `functions` functions with `size` lines; returns their paths, relative."""
    folder, source, paths, last = pathlib.Path(folder), random.Random(seed), [], {language: [] for language in LANGUAGES}
    number = 0
    while len(paths) < files:
        language = LANGUAGES[number % len(LANGUAGES)]
        unit = Unit(number, language, source, functions)
        near, known = last[language][-FILES_A_FOLDER:], last[language]
        unit.uses = list({other.number: other for other in
                          [*source.sample(near, min(3, len(near))), *source.sample(known, min(1, len(known)))]}.values())
        known.append(unit)
        (folder / unit.folder).mkdir(parents=True, exist_ok=True)
        for name, lines in WRITERS[language](unit, source, size).items():
            path = f"{unit.folder}/{name}"
            (folder / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
            paths.append(path)
        number += 1
    return paths
