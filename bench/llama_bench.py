# SPDX-License-Identifier: Apache-2.0
"""llama-bench, the yardstick: the one of the private root, or the system's."""
import json
import os
import pathlib
import shutil
import subprocess


class LlamaBench:
    def __init__(self, root):
        """`root`: the private root with libllama, or None for the system's llama-bench."""
        self.command, self.folder = None, None
        if root is not None:
            self._use_private(pathlib.Path(root))
        elif shutil.which("llama-bench"):
            self.command = ["llama-bench"]

    def _use_private(self, root):
        program = root / "usr/bin/llama-bench"
        linkers = sorted(root.glob("usr/lib64/ld-linux-*")) + sorted(root.glob("usr/lib/ld-linux-*"))
        libraries = sorted(root.glob("usr/lib/*/libllama.so"))
        backends = sorted(root.glob("usr/lib/*/ggml/backends*"))
        if program.exists() and linkers and libraries:
            folder = libraries[0].parent
            self.command = [str(linkers[0]), "--library-path", f"{folder}:{folder}/llama", str(program)]
            # ggml looks for its CPU variants in the current folder too, and takes the best of them.
            self.folder = backends[0] if backends else None

    def measure(self, model, threads, prompt_tokens, answer_tokens, repetitions, repack):
        """Tokens per second: a list for the prompt, and a list for the answer after such a prompt."""
        common = ["-m", str(model), "-t", str(threads), "-r", str(repetitions), "-fa", "on", "--repack", str(int(repack)),
                  "-o", "json"]
        prefill = self._run(common + ["-p", str(prompt_tokens), "-n", "0"])
        decode = self._run(common + ["-p", "0", "-n", str(answer_tokens), "-d", str(prompt_tokens)])
        return prefill, decode

    def _run(self, options):
        environment = {k: v for k, v in os.environ.items() if k != "GGML_BACKEND_PATH"}
        done = subprocess.run(self.command + options, cwd=self.folder, env=environment, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"llama-bench failed: {done.stderr.strip()[-500:]}")
        return json.loads(done.stdout)[0]["samples_ts"]
