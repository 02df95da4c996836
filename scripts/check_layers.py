#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the folders of src/ depend on each other as ARCHITECTURE.md draws it.

    check_layers.py [SRC]      one line for each violation, exit 1 when there is one
    check_layers.py --self-test   a small tree with each violation in it; each must be caught

Violations: an include against the arrows; a cycle of folders; a library's header outside the folder that owns it, or
in a header where only .cpp files may have it; an operating system's header outside the seams of base; a seam that has
one side only; DEPENDS in a CMakeLists.txt that says something else than the arrows or the includes.
Cycles of components (a .hpp and its .cpp) are printed as notes: they are worth a look, not an error.
"""
import pathlib
import re
import sys
import tempfile

# Folder -> the folders it may include. Every folder of src/ has a row; the order is bottom up.
ARROWS = {
    "base": [],
    "config": ["base"],
    "storage": ["base"],
    "sessions": ["base", "storage"],
    "syntax": ["base"],
    "edit": ["base", "storage", "syntax"],
    "sandbox": ["base"],
    "language_server": ["base", "sandbox"],
    "protocol": ["base"],
    "kv": ["base"],
    "context": ["base", "storage", "syntax"],
    "quality": ["base", "syntax", "context"],
    "engine_client": ["base", "protocol"],
    "tasks": ["base", "protocol", "engine_client", "syntax", "context", "edit", "sandbox", "language_server", "quality"],
    "cli": ["base", "config", "kv", "protocol", "engine_client", "tasks", "context", "edit", "quality", "sandbox", "sessions", "syntax"],
    "api": ["base", "config", "protocol", "engine_client", "tasks", "context", "edit", "syntax"],
    "editor": ["base", "config", "protocol", "engine_client", "tasks", "context", "edit", "syntax"],
    "llama": ["base", "protocol"],
    "inference": ["base", "protocol", "kv", "llama"],
    "server": ["base", "protocol", "kv", "inference", "llama"],
}

# How the header of a library begins -> the one folder that includes it.
OWNERS = {
    "llama": "llama", "ggml": "llama", "gguf.h": "llama",
    "yaml-cpp/": "config", "CLI/": "cli", "spdlog/": "base", "openssl/": "base",
    "sqlite3": "storage", "tree_sitter/": "syntax", "xxhash.h": "kv",
}
SOURCE_FILES_ONLY = ("nlohmann/",)

SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "mach/", "mach-o/", "linux/")
SYSTEM_HEADERS = {
    "aclapi.h", "bcrypt.h", "conio.h", "csignal", "direct.h", "dirent.h", "dlfcn.h", "fcntl.h", "grp.h", "io.h", "pdh.h",
    "poll.h", "process.h", "psapi.h", "pthread.h", "pwd.h", "sched.h", "sddl.h", "shellapi.h", "shlobj.h", "signal.h",
    "spawn.h", "termios.h", "tlhelp32.h", "unistd.h", "windows.h", "winioctl.h", "winsock2.h", "ws2tcpip.h",
}
SEAM = re.compile(r"(.+)_(posix|windows)\.cpp$")
ONE_SIDE = re.compile(r"base/(?:\w+_(?:posix|windows)\.cpp|(?:posix|windows)_\w+\.[ch]pp)$")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
FOLDER_CALL = re.compile(r"oc_folder\s*\(\s*(\w+)([^)]*)\)", re.S)
KEYWORDS = ("SOURCES", "POSIX", "WINDOWS", "DEPENDS", "PRIVATE")


class Tree:
    """The source files under src/, who includes whom, and what is wrong with that."""

    def __init__(self, src):
        self.src = src
        self.files = sorted(p for p in src.rglob("*") if p.suffix in (".hpp", ".h", ".cpp"))
        self.violations = []
        self.component_edges = {}  # "edit/diff" -> {"base/text", …}
        self.folder_edges = {}     # "edit" -> {"base": "edit/diff.cpp", …}: where it was seen first

    def check(self):
        for path in self.files:
            self.check_file(path)
        self.check_arrows()
        self.check_seams()
        for lists in sorted(self.src.glob("*/CMakeLists.txt")):
            self.check_depends(lists)
        for cycle in find_cycles(self.folder_edges):
            self.violations.append("folders in a circle: " + ", ".join(cycle))
        return self.violations

    def check_file(self, path):
        name = path.relative_to(self.src).as_posix()
        folder = name.split("/")[0]
        component = name.rsplit(".", 1)[0]
        edges = self.component_edges.setdefault(component, set())
        for quote, target in INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace")):
            own = (self.src / target) if quote == '"' else None
            if own is not None and target.split("/")[0] in ARROWS:
                edges.add(target.rsplit(".", 1)[0])
                if target.split("/")[0] != folder:
                    self.folder_edges.setdefault(folder, {}).setdefault(target.split("/")[0], name)
            else:
                self.check_library(name, folder, target)
        edges.discard(component)

    def check_library(self, name, folder, target):
        for prefix, owner in OWNERS.items():
            if target.startswith(prefix) and folder != owner:
                self.violations.append(f"{name}: <{target}> belongs to {owner}/")
        if target.startswith(SOURCE_FILES_ONLY) and not name.endswith(".cpp"):
            self.violations.append(f"{name}: <{target}> may be included by .cpp files only")
        is_system = target.lower() in SYSTEM_HEADERS or target.startswith(SYSTEM_FOLDERS)
        if is_system and not ONE_SIDE.match(name):
            self.violations.append(f"{name}: <{target}> is the operating system's: base/*_posix.cpp or base/*_windows.cpp")

    def check_arrows(self):
        for folder in sorted({p.relative_to(self.src).parts[0] for p in self.files}):
            if folder not in ARROWS:
                self.violations.append(f"{folder}: not in the table of arrows in scripts/check_layers.py")
        for folder, targets in sorted(self.folder_edges.items()):
            for target, seen in sorted(targets.items()):
                if target not in ARROWS.get(folder, []):
                    self.violations.append(f"{seen}: {folder} may not include {target}")

    def check_seams(self):
        names = {p.relative_to(self.src).as_posix() for p in self.files}
        for name in sorted(names):
            match = SEAM.search(name)
            other = match and f"{match[1]}_{'windows' if match[2] == 'posix' else 'posix'}.cpp"
            # One side may need several files for one header: files_folders_windows.cpp beside files_posix.cpp.
            stem, side = (match[1], "windows" if match[2] == "posix" else "posix") if match else ("", "")
            shared = match and any(f"{stem[:cut]}_{side}.cpp" in names for cut, c in enumerate(stem) if c == "_")
            if match and other not in names and not shared:
                self.violations.append(f"{name}: there is no {other}")

    def check_depends(self, lists):
        for folder, body in FOLDER_CALL.findall(lists.read_text(encoding="utf-8")):
            said, keyword = set(), ""
            for word in re.sub(r"#.*", "", body).split():
                keyword = word if word in KEYWORDS else keyword
                if keyword == "DEPENDS" and word != "DEPENDS":
                    said.add(word)
            where = f"{folder}/CMakeLists.txt: DEPENDS"
            for extra in sorted(said - set(ARROWS.get(folder, []))):
                self.violations.append(f"{where} names {extra}, which the arrows do not allow")
            for missing in sorted(set(self.folder_edges.get(folder, {})) - said):
                self.violations.append(f"{where} lacks {missing}, included by {self.folder_edges[folder][missing]}")


def find_cycles(graph):
    """Groups of nodes that reach each other, each group sorted."""
    def reachable(start):
        seen, todo = set(), list(graph.get(start, ()))
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo.extend(graph.get(node, ()))
        return seen

    reach = {node: reachable(node) for node in graph}
    groups = {tuple(sorted(other for other in reach[node] if node in reach.get(other, ())))
              for node in graph if node in reach[node]}
    return sorted(groups)


TOY = {  # file -> (content, what the message must contain; None where nothing is wrong)
    "base/text.hpp": ('#include "edit/diff.hpp"\n', "base may not include edit"),
    "edit/diff.hpp": ('#include "base/text.hpp"\n', "folders in a circle: base, edit"),
    "tasks/answer.cpp": ("#include <llama.h>\n", "<llama.h> belongs to llama/"),
    "tasks/limits.cpp": ("#include <sys/resource.h>\n", "tasks/limits.cpp: <sys/resource.h> is the operating system's"),
    "base/files.cpp": ("#include <Windows.h>\n", "base/files.cpp: <Windows.h> is the operating system's"),
    "base/windows_api.hpp": ("#include <windows.h>\n", None),
    "base/clock_posix.cpp": ("#include <unistd.h>\n", "there is no base/clock_windows.cpp"),
    "protocol/codec.hpp": ("#include <nlohmann/json.hpp>\n", "may be included by .cpp files only"),
    "protocol/codec.cpp": ("#include <nlohmann/json.hpp>\n", None),
    "helpers/misc.cpp": ("", "helpers: not in the table"),
    "edit/CMakeLists.txt": ("oc_folder(edit SOURCES a.cpp DEPENDS base tasks PRIVATE x)\n", "names tasks, which the arrows"),
    "context/scan.cpp": ('#include "base/text.hpp"\n#include "syntax/language.hpp"\n', None),
    "context/CMakeLists.txt": ("oc_folder(context SOURCES scan.cpp DEPENDS base)\n", "lacks syntax, included by context/scan.cpp"),
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        src = pathlib.Path(folder)
        for name, (content, _) in TOY.items():
            (src / name).parent.mkdir(exist_ok=True)
            (src / name).write_text(content, encoding="utf-8")
        found = Tree(src).check()
    expected = [text for _, text in TOY.values() if text]
    failures = [f"not caught: {text}" for text in expected if not any(text in line for line in found)]
    failures += [f"caught for nothing: {line}" for line in found if not any(text in line for text in expected)]
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        violations = self_test()
    else:
        src = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "src"
        tree = Tree(src.resolve())
        violations = tree.check()
        for cycle in find_cycles(tree.component_edges):
            print("note: components in a circle:", ", ".join(cycle))
    print("\n".join(violations) if violations else "layers: nothing is wrong")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
