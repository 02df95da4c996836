# SPDX-License-Identifier: Apache-2.0
"""The languages that are learned: names and fences as in src/syntax/language_table.cpp, grammars as in build/grammars."""
import os
from typing import NamedTuple


class Language(NamedTuple):
    name: str
    fence: str
    grammar: str  # folder under node_modules
    extensions: tuple


LANGUAGES = (
    Language("python", "python", "tree-sitter-python", (".py",)),
    Language("c", "c", "tree-sitter-c", (".c", ".h")),
    Language("cpp", "cpp", "tree-sitter-cpp", (".cc", ".cpp", ".hpp", ".cxx")),
    Language("javascript", "javascript", "tree-sitter-javascript", (".js", ".mjs", ".cjs")),
    Language("typescript", "typescript", "tree-sitter-typescript/typescript", (".ts",)),
    Language("go", "go", "tree-sitter-go", (".go",)),
    Language("rust", "rust", "tree-sitter-rust", (".rs",)),
    Language("java", "java", "tree-sitter-java", (".java",)),
    Language("bash", "bash", "tree-sitter-bash", (".sh", ".bash", ".bats")),
)
BY_NAME = {language.name: language for language in LANGUAGES}
BY_EXTENSION = {extension: language.name for language in LANGUAGES for extension in language.extensions}


def find_language(path, text):
    """Its name; None for files of no language that is learned."""
    extension = os.path.splitext(path)[1]
    if extension == ".h" and ("namespace " in text or "template <" in text or "template<" in text or "class " in text):
        return "cpp"
    if extension in BY_EXTENSION:
        return BY_EXTENSION[extension]
    first = text[:text.find("\n")]
    if not extension and first.startswith("#!") and first.rstrip().endswith(("sh", "bash")):
        return "bash"
    return None
