# SPDX-License-Identifier: Apache-2.0
"""Where the blocks and symbols of a text begin and end, by the tree-sitter grammars that the program itself uses."""
import ctypes
import pathlib
import subprocess
from typing import NamedTuple

import languages

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULES = ROOT / "build/grammars/node_modules"
SYMBOLS = {
    "function_definition", "function_declaration", "method_definition", "method_declaration", "constructor_declaration",
    "class_definition", "class_declaration", "function_item", "struct_item", "enum_item", "impl_item", "trait_item",
    "struct_specifier", "class_specifier", "enum_specifier", "type_declaration", "interface_declaration",
    "enum_declaration", "generator_function_declaration",
}
FUNCTIONS = {"function_definition", "function_declaration", "method_definition", "method_declaration", "function_item",
             "generator_function_declaration"}
BLOCKS = {"block", "compound_statement", "statement_block", "class_body", "declaration_list", "field_declaration_list",
          "do_group", "constructor_body", "interface_body", "enum_body", "enum_variant_list"}


class Node(NamedTuple):
    kind: str
    begin: int  # in bytes
    end: int


class _TsNode(ctypes.Structure):
    _fields_ = [("context", ctypes.c_uint32 * 4), ("id", ctypes.c_void_p), ("tree", ctypes.c_void_p)]


def _grammar_sources(grammar):
    folder = MODULES / grammar / "src"
    own = ROOT / "src/syntax" / f"{grammar.rpartition('-')[2]}_scanner.c"  # guards of the program
    scanners = [own] if own.exists() else [folder / "scanner.c"] if (folder / "scanner.c").exists() else []
    return folder, [folder / "parser.c", *scanners]


def build_library(target):
    """Compiles the runtime and the grammars into one library: half a minute, once."""
    runtime = next(MODULES.glob("tree-sitter/vendor/tree-sitter/lib"))
    objects, flags = [], ["-O1", "-fPIC", "-w", "-std=gnu11", "-D_DEFAULT_SOURCE", f"-I{runtime}/include", f"-I{runtime}/src"]
    target.parent.mkdir(parents=True, exist_ok=True)
    jobs = [("runtime", runtime / "src", runtime / "src/lib.c")]
    for language in languages.LANGUAGES:
        folder, sources = _grammar_sources(language.grammar)
        jobs += [(f"{language.name}-{source.stem}", folder, source) for source in sources]
    for name, folder, source in jobs:
        objects.append(target.parent / f"{name}.o")
        subprocess.run(["cc", *flags, f"-iquote{folder}", f"-I{folder}", "-c", source, "-o", objects[-1]], check=True)
    subprocess.run(["cc", "-shared", *objects, "-o", target], check=True)


class Parser:
    def __init__(self, library=ROOT / "build/training/syntax/libgrammars.so"):
        if not library.exists():
            build_library(library)
        self.c = ctypes.CDLL(str(library))
        for name, result, arguments in (
                ("ts_parser_new", ctypes.c_void_p, ()), ("ts_parser_set_language", ctypes.c_bool, (ctypes.c_void_p,) * 2),
                ("ts_parser_parse_string", ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32)),
                ("ts_tree_delete", None, (ctypes.c_void_p,)), ("ts_tree_root_node", _TsNode, (ctypes.c_void_p,)),
                ("ts_node_named_child_count", ctypes.c_uint32, (_TsNode,)),
                ("ts_node_named_child", _TsNode, (_TsNode, ctypes.c_uint32)), ("ts_node_type", ctypes.c_char_p, (_TsNode,)),
                ("ts_node_start_byte", ctypes.c_uint32, (_TsNode,)), ("ts_node_end_byte", ctypes.c_uint32, (_TsNode,)),
                ("ts_node_has_error", ctypes.c_bool, (_TsNode,))):
            function = getattr(self.c, name)
            function.restype, function.argtypes = result, arguments
        self.parsers = {}
        for language in languages.LANGUAGES:
            grammar = getattr(self.c, f"tree_sitter_{language.name}")
            grammar.restype = ctypes.c_void_p
            self.parsers[language.name] = self.c.ts_parser_new()
            self.c.ts_parser_set_language(self.parsers[language.name], grammar())

    def find_nodes(self, language, text):
        """Blocks, symbols and comments of a text; of one line and more."""
        raw = text.encode()
        tree = self.c.ts_parser_parse_string(self.parsers[language], None, raw, len(raw))
        found, waiting = [], [self.c.ts_tree_root_node(tree)]
        while waiting:
            node = waiting.pop()
            begin, end = self.c.ts_node_start_byte(node), self.c.ts_node_end_byte(node)
            kind = self.c.ts_node_type(node).decode()
            if kind in SYMBOLS or kind in BLOCKS or "comment" in kind:
                found.append(Node(kind, begin, end))
            if b"\n" in raw[begin:end]:  # what is inside one line is cut by its words
                waiting += [self.c.ts_node_named_child(node, i) for i in range(self.c.ts_node_named_child_count(node))]
        self.c.ts_tree_delete(tree)
        return sorted(found, key=lambda node: (node.begin, -node.end))

    def has_errors(self, language, text):
        raw = text.encode()
        tree = self.c.ts_parser_parse_string(self.parsers[language], None, raw, len(raw))
        wrong = self.c.ts_node_has_error(self.c.ts_tree_root_node(tree))
        self.c.ts_tree_delete(tree)
        return wrong
