# SPDX-License-Identifier: Apache-2.0
"""The program's own prompts, filled and framed as src/tasks does, so that training asks what will be asked."""
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "prompts"


def filled(prompt, /, **values):
    text = (FOLDER / f"{prompt}.md").read_text().rstrip()
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match.group(1)], text)


def fenced(text, fence):
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{fence}\n{text}" + ("" if text.endswith("\n") else "\n") + marks + "\n"


def framed_file(path, text, fence, first_line=1):
    lines = f" from line {first_line}" if first_line > 1 else ""
    return f"File `{path}`{lines}:\n{fenced(text, fence)}"


def encode_chat(user, answer, tokenizer):
    """(tokens, how many of them at the end are the answer's), in ChatML with the program's system prompt."""
    start, end = tokenizer.special["<|im_start|>"], tokenizer.special["<|im_end|>"]

    def turn(role, text):
        return [start, *tokenizer.encode(f"{role}\n{text}"), end, *tokenizer.encode("\n")]

    head = [*turn("system", filled("system")), *turn("user", user), start, *tokenizer.encode("assistant\n")]
    wanted = [*tokenizer.encode(answer), end]
    return head + wanted, len(wanted)
