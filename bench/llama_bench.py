# SPDX-License-Identifier: Apache-2.0
"""The programs of llama.cpp: those of the private root, or the system's; and llama-bench, the yardstick."""
import json
import os
import pathlib
import shutil
import subprocess


def with_one_variant(root, variant, view):
    """A view of the private root whose ggml has one CPU variant, made of links in the empty folder `view`: how fast a
    machine without newer instructions would be. Returns the folder of the variant."""
    libraries = sorted(root.glob("usr/lib/*/libllama.so"))
    found = sorted(root.glob(f"usr/lib/*/ggml/backends*/libggml-cpu-{variant}.so"))
    if not libraries or not found:
        known = ", ".join(sorted(path.stem.split("-")[-1] for path in root.glob("usr/lib/*/ggml/backends*/libggml-cpu-*.so")))
        raise RuntimeError(f"there is no CPU variant '{variant}', but: {known or 'none'}")
    (view / "usr/lib").mkdir(parents=True)
    for path in [*root.glob("usr/bin"), *root.glob("usr/lib64"), *root.glob("usr/lib/ld-linux-*")]:
        (view / path.relative_to(root)).symlink_to(path)
    folder = view / libraries[0].parent.relative_to(root)
    folder.mkdir()
    for path in libraries[0].parent.iterdir():
        if path.name != "ggml":
            (folder / path.name).symlink_to(path)
    backends = view / found[0].parent.relative_to(root)
    backends.mkdir(parents=True)
    (backends / found[0].name).symlink_to(found[0])
    return backends


class LlamaProgram:
    """How to start one of them; `command` is None where it is not there."""

    def __init__(self, root, name):
        """`root`: the private root with libllama, or None for the system's programs."""
        self.command, self.folder = None, None
        # ggml would load one backend only.
        self.environment = {k: v for k, v in os.environ.items() if k != "GGML_BACKEND_PATH"}
        if root is not None:
            self._use_private(pathlib.Path(root).resolve(), name)
        elif shutil.which(name):
            self.command = [name]

    def _use_private(self, root, name):
        program = root / "usr/bin" / name
        linkers = sorted(root.glob("usr/lib64/ld-linux-*")) + sorted(root.glob("usr/lib/ld-linux-*"))
        libraries = sorted(root.glob("usr/lib/*/libllama.so"))
        backends = sorted(root.glob("usr/lib/*/ggml/backends*"))
        if program.exists() and linkers and libraries:
            folder = libraries[0].parent
            self.command = [str(linkers[0]), "--library-path", f"{folder}:{folder}/llama", str(program)]
            # ggml looks for its CPU variants in the current folder too, and takes the best of them.
            self.folder = backends[0] if backends else None

    def start(self, options, **more):
        return subprocess.Popen(self.command + list(options), cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                **more)

    def run(self, options):
        return subprocess.run(self.command + list(options), cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)


class LlamaBench:
    def __init__(self, root):
        self.program = LlamaProgram(root, "llama-bench")
        self.command = self.program.command

    def measure(self, model, threads, prompt_tokens, answer_tokens, repetitions, repack):
        """Tokens per second: a list for the prompt, and a list for the answer after such a prompt."""
        prefill = self.prefill(model, threads, prompt_tokens, repetitions, repack)
        decode = self.decode(model, threads, answer_tokens, prompt_tokens, repetitions, repack)
        return prefill, decode

    def prefill(self, model, threads, tokens, repetitions, repack):
        return self._run(self._common(model, threads, repetitions, repack) + ["-p", str(tokens), "-n", "0"])

    def decode(self, model, threads, tokens, depth, repetitions, repack, attention="on"):
        """`attention`: flash attention, "on" or "off"."""
        return self._run(self._common(model, threads, repetitions, repack, attention) + ["-p", "0", "-n", str(tokens), "-d", str(depth)])

    @staticmethod
    def _common(model, threads, repetitions, repack, attention="on"):
        return ["-m", str(model), "-t", str(threads), "-r", str(repetitions), "-fa", attention, "--repack", str(int(repack)), "-o", "json"]

    def _run(self, options):
        done = self.program.run(options)
        if done.returncode != 0:
            raise RuntimeError(f"llama-bench failed: {done.stderr.strip()[-500:]}")
        return json.loads(done.stdout)[0]["samples_ts"]
