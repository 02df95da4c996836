# SPDX-License-Identifier: Apache-2.0
"""Questions with answers that are made of code itself: nobody wrote them, so nobody's rights or taste are in them."""
import re
import subprocess
import tempfile
from typing import NamedTuple

import languages
import prompts
import syntax_nodes

MOST_CODE = 1800
LEAST_WORDS = 4


class Pair(NamedTuple):
    kind: str
    question: str
    answer: str


class Function(NamedTuple):
    name: str
    code: str  # without its documentation, not indented
    words: str  # of the documentation; may be empty
    line: int


def _without_marks(comment):
    lines = (re.sub(r"^\s*(?:/\*\*?|\*/|\*|///?!?|#)\s?|\s*\*/\s*$", "", line) for line in comment.split("\n"))
    return "\n".join(lines).strip().strip('"\'').strip()


def first_paragraph(words):
    """What a documentation says first, as one line; empty where that is no sentence about code."""
    text = re.sub(r"(?m)^\s*(?:@|:param|:return|\\|Args|Parameters|Returns|---).*", "", words)
    text = " ".join(text.strip().split("\n\n")[0].split())
    text = re.sub(r"<[^>]+>|\{@\w+ ([^}]*)\}", r"\1", text)
    is_sentence = len(text.split()) >= LEAST_WORDS and len(text) < 400 and text[0].isalpha() and "TODO" not in text
    return text if is_sentence and not re.search(r"(?i)copyright|licen[cs]e|eslint|clang-|noqa", text) else ""


def _unindented(code, column):
    return "\n".join(line[column:] if not line[:column].strip() else line for line in code.split("\n"))


def _python_parts(code):
    match = re.match(r'(?s)((?:async )?def [^\n]*?(?:\n[^\n]*?)*?:\n)(\s*)[rRuU]?("""|\'\'\')(.*?)\3[^\n]*\n', code)
    return (match.group(1) + code[match.end():], match.group(4)) if match else (code, "")


def find_functions(language, text, nodes):
    raw = text.encode()
    comments = [node for node in nodes if "comment" in node.kind]
    for node in nodes:
        if node.kind not in syntax_nodes.FUNCTIONS or not 60 < node.end - node.begin < MOST_CODE:
            continue
        line_begin = raw.rfind(b"\n", 0, node.begin) + 1
        if raw[line_begin:node.begin].strip():
            continue
        code = _unindented(raw[node.begin:node.end].decode(), node.begin - line_begin)
        head = code[:code.find("\n")].split("(")[0]
        name = re.findall(r"[A-Za-z_]\w*", head)
        if not name or "\n" not in code:
            continue
        words = ""
        if language == "python":
            code, words = _python_parts(code)
        else:
            above, end = [], line_begin
            for comment in reversed([c for c in comments if c.end <= line_begin]):
                if raw[comment.end:end].strip() or raw[comment.end:end].count(b"\n") > 1:
                    break
                above.insert(0, raw[comment.begin:comment.end].decode())
                end = comment.begin
            words = _without_marks("\n".join(above))
        yield Function(name[-1], code, words, raw.count(b"\n", 0, node.begin) + 1)


def make_generate(language, function, random):
    """Documentation → function."""
    first = first_paragraph(function.words)
    if not first:
        return None
    form = random.choice(("Write a function `{name}`. {first}", "{first}", "Write a function: {first}", "Function {name}: {first}"))
    request = form.format(name=function.name, first=first)
    question = prompts.filled("generate", request=request, language=language)
    return Pair("gen", question, prompts.fenced(function.code, languages.BY_NAME[language].fence).rstrip())


def make_explain(language, path, function, random):
    """Function → what its documentation says of it."""
    first = first_paragraph(function.words)
    if not first:
        return None
    piece = prompts.framed_file(path, function.code, languages.BY_NAME[language].fence, random.choice((1, function.line)))
    request = random.choice((prompts.filled("explain_default"), f"What does `{function.name}` do?"))
    parameters = re.search(r"\(([^()]*)\)", function.code)
    names = re.findall(r"(?:^|,)\s*\*{0,2}(\w+)", parameters.group(1)) if language in ("python", "javascript") and parameters else []
    names = [name for name in names if name not in ("self", "cls")]
    takes = f" It takes {', '.join(f'`{name}`' for name in names)}." if names else ""
    first = first if first.endswith((".", "!", "?")) else first + "."
    return Pair("explain", piece + prompts.filled("explain", request=request), f"`{function.name}` is a function.{takes} {first}")


CHECKS = {  # a check of one text that needs nothing of its project
    "python": ("python3", "-c", "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')"),
    "bash": ("bash", "-n"),
    "javascript": ("node", "--check"),
    "c": ("cc", "-fsyntax-only", "-w", "-x", "c"),
}


def compiler_message(language, path, code):
    """What the language's own compiler says of a text; empty when it finds nothing."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"{folder}/{path.rpartition('/')[2]}"
        with open(name, "w") as file:
            file.write(code)
        try:
            done = subprocess.run([*CHECKS[language], name], capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return ""
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.replace(folder + "/", "").split("\n")
             if line.strip() and not re.match(r"\s+at |Node\.js|Traceback|  File \"<string>\"", line)]
    return "\n".join(lines[:8])


def _python_message(path, code):
    name = path.rpartition("/")[2]
    try:
        compile(code, name, "exec")
    except SyntaxError as error:
        where = f'  File "{name}", line {error.lineno}\n    {(error.text or "").strip()}\n'
        return f"{where}{type(error).__name__}: {error.msg}"
    except ValueError:
        pass
    return ""


BREAKS = (  # (what is taken away, what was done)
    (r":(?=\n)", "a `:` is missing"), (r"\)", "a `)` is missing"), (r";(?=\n)", "a `;` is missing"),
    (r"\]", "a `]` is missing"), (r"\{(?=\n)", "a `{` is missing"), (r"\bthen\b", "`then` is missing"),
    (r"\bdone\b", "`done` is missing"), (r"\bfi\b", "`fi` is missing"), (r"(?<=\w)\(", "a `(` is missing"),
)


def make_debug(language, path, function, random):
    """A function with something taken away + the compiler's real message → the cause and the whole function."""
    if language not in CHECKS or len(function.code) > 900:
        return None
    check = _python_message if language == "python" else lambda p, c: compiler_message(language, p, c)
    pattern, what = random.choice(BREAKS)
    places = list(re.finditer(pattern, function.code))
    if not places or check(path, function.code + "\n"):
        return None
    place = random.choice(places)
    broken = function.code[:place.start()] + function.code[place.end():]
    message = check(path, broken + "\n")
    if not message:
        return None
    line = function.code.count("\n", 0, place.start()) + 1
    fence = languages.BY_NAME[language].fence
    trace = prompts.fenced(message, "text").rstrip()
    question = prompts.framed_file(path, broken, fence) + prompts.filled("debug", trace=trace, request=prompts.filled("debug_default"))
    fixed = prompts.fenced(function.code, fence).rstrip()
    return Pair("debug", question, f"In line {line}, {what}. Put it back:\n\n{fixed}")


NEW_NAMES = ("result", "value", "current", "total", "items", "name", "index", "count", "source", "target", "entry")


def make_refactor(language, path, function, random):
    """A name is replaced by another everywhere: before and after of a refactoring that a program can do."""
    if len(function.code) > 900 or re.search(r"[\"'`]\s*\w+\s+\w+", function.code):
        return None  # words in texts and comments might be the name too
    names = [name for name in set(re.findall(r"(?<![\w.>])[a-z_]\w{2,}(?=\s*(?::?=)[^=])", function.code)) if name != function.name]
    if not names:
        return None
    old, new = random.choice(sorted(names)), random.choice(NEW_NAMES)
    if re.search(rf"\b{new}\b", function.code) or re.search(rf"(?:\.|->){old}\b", function.code):
        return None
    changed = re.sub(rf"\b{old}\b", new, function.code)
    fence = languages.BY_NAME[language].fence
    question = prompts.framed_file(path, function.code, fence) + prompts.filled(
        "refactor_step", request=f"Rename `{old}` to `{new}` in `{function.name}`.", name=function.name, path=path)
    return Pair("refactor", question, prompts.fenced(changed, fence).rstrip())


def make_pairs(language, path, functions, random):
    for function in functions:
        made = [make_generate(language, function, random)]
        if random.random() < 0.6:
            made.append(make_explain(language, path, function, random))
        if random.random() < (0.25 if language != "python" else 0.4):
            made.append(make_debug(language, path, function, random))
        if random.random() < 0.25:
            made.append(make_refactor(language, path, function, random))
        yield from (pair for pair in made if pair)
