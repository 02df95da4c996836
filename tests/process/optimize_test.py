#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""model optimize when it is stopped, killed, or its child dies: no half copy, nothing left behind, the original as it was."""
import hashlib
import json
import os
import signal
import time

from programs import ENGINE, STARTER, ProcessTest, main, wait_until


class Optimize(ProcessTest):
    def setUp(self):
        super().setUp()
        self.models = self.home / "data" / "models"
        self.before = hashlib.sha256(STARTER.read_bytes()).digest()

    def tearDown(self):
        self.assertEqual(hashlib.sha256(STARTER.read_bytes()).digest(), self.before, "the original changed")

    def engine(self, quantize):
        """An engine that does these shell commands before it quantizes ($ENGINE is the real one), and measures nothing."""
        path = self.file("engine.sh", f"""#!/bin/sh
ENGINE='{ENGINE}'
if [ "$1" = quantize ]; then
  echo $$ > '{self.work}/child'
  {quantize}
fi
if [ "$1" = measure ]; then
  echo '{{"type":"speed","prefill_tokens_per_second":1,"decode_tokens_per_second":1}}'
  exit 0
fi
exec "$ENGINE" "$@"
""")
        path.chmod(0o755)
        return {"OFFLINE_CODER_ENGINE": str(path)}

    def start_optimize(self, env, *words):
        return self.start("model", "optimize", STARTER, "--type", "Q4_0", "--threads", "1", *words, env=env)

    def child(self):
        file = self.work / "child"
        return int(wait_until(lambda: file.exists() and file.read_text().strip(), "a child that quantizes"))

    def files(self):
        return sorted(p.name for p in self.models.iterdir()) if self.models.exists() else []

    @staticmethod
    def is_gone(process):
        try:
            with open(f"/proc/{process}/stat") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    def test_a_copy_that_answers(self):
        done = self.finish(self.start_optimize({}, "--format", "json"))
        self.assert_done(done)
        result = json.loads(done.out)
        self.assertEqual(self.files(), ["starter-pure-q4_0.gguf", "starter-pure-q4_0.gguf.sha256"])
        copy = self.models / "starter-pure-q4_0.gguf"
        self.assertEqual(hashlib.sha256(copy.read_bytes()).hexdigest(), result["copy"]["sha256"])
        self.assertLess(copy.stat().st_size, STARTER.stat().st_size)
        info = json.loads(self.run_client("model", "info", "starter-pure-q4_0", "--format", "json").out)
        self.assertEqual((info["quantization"], info["template"]), ("Q4_0", "chatml"))

    def test_interrupted_while_it_writes(self):
        client = self.start_optimize(self.engine('"$ENGINE" "$@"; exec sleep 1000'), "--format", "json")
        child = self.child()
        wait_until(lambda: any(name.endswith(".unfinished") for name in self.files()), "a file that is being written")
        started = time.monotonic()
        client.send_signal(signal.SIGINT)
        done = self.finish(client)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(done.code, 130, done)
        self.assertEqual(json.loads(done.out)["error"]["kind"], "cancelled")
        self.assertEqual(self.files(), [])
        wait_until(lambda: self.is_gone(child), "the child's end")

    def test_killed_while_it_writes(self):
        client = self.start_optimize(self.engine("kill -STOP $$"))
        child = self.child()
        try:
            client.kill()
            client.wait()
        finally:
            os.kill(child, signal.SIGCONT)
        wait_until(lambda: self.is_gone(child), "the end of a child that nobody listens to")
        self.assertEqual(self.files(), [])

    def test_what_a_killed_run_left_is_removed_by_the_next(self):
        client = self.start_optimize(self.engine('"$ENGINE" "$@" > /dev/null; exec sleep 1000'))
        child = self.child()
        wait_until(lambda: any(name.endswith(".unfinished") for name in self.files()), "a file that is being written")
        client.kill()
        client.wait()
        os.kill(child, signal.SIGKILL)
        self.assertEqual(len(self.files()), 1)
        self.assert_done(self.finish(self.start_optimize({})))
        self.assertEqual(self.files(), ["starter-pure-q4_0.gguf", "starter-pure-q4_0.gguf.sha256"])

    def test_a_child_that_dies(self):
        for death in ("kill -ABRT $$", "kill -SEGV $$", "kill -KILL $$", "exit 3", "echo nonsense; exit 0",
                      """echo '{"type":"speed"}'; exit 0"""):
            done = self.finish(self.start_optimize(self.engine('"$ENGINE" "$@" > /dev/null; ' + death)))
            self.assertIn(done.code, (4, 8), done)
            self.assert_error(done, done.code, "quantize")
            self.assertEqual(self.files(), [], death)


if __name__ == "__main__":
    main()
