# SPDX-License-Identifier: Apache-2.0
"""Workloads of the latency benchmark about conversations, through the real program."""
import json
import pathlib

from latency_machine import Shell, first_byte, wait_until_idle
from latency_session import median, shown, spread


class Conversation(Shell):
    def ask(self, question, *words):
        """Seconds from exec to the first byte (with --format json: of the whole answer), and the answer."""
        command = [self.program, "chat", "--format", "json", "--max-tokens", "1", "--no-actions", *words]
        with_question = ["sh", "-c", 'printf "%s" "$0" | "$@"', question, *command]
        wall, output = first_byte(with_question, cwd=self.folder, env=self.environment)
        return wall, json.loads(output)


def own_share(wall, answer):
    """What the model did not take of it."""
    return wall - (answer["timing"]["prefill_ms"] + answer["timing"]["generate_ms"]) / 1000


def chat_switch(session):
    """Two sessions of about 4k tokens in turn, each by a program of its own: seconds to the first word"""
    table, sizes = session.table, session.sizes
    with Conversation(session) as shell:
        model = ("--model", session.small_path)
        for name in ("one", "two"):
            text = session.texts.code(sizes.context, session.number())
            (pathlib.Path(shell.folder) / f"{name}.py").write_text(text, encoding="utf-8")
        # It calibrates; what it chooses holds from the next load on, and other settings find nothing computed by these.
        shell.ask("What is this?", *model, "--no-save")
        wait_until_idle(shell.home, 60)
        shell.stop_engine()
        _, first = shell.ask("What is this?", *model, "one.py")
        _, second = shell.ask("What is this?", *model, "two.py")
        ids = [first["session"], second["session"]]
        same, switched, own = [], [], []
        for turn in range(2 + 2 * sizes.shells):
            resumed = ids[turn % 2]
            wall, answer = shell.ask(f"And item {session.number()}?", *model, "--resume", str(resumed))
            wall_again, again = shell.ask(f"And item {session.number()}?", *model, "--resume", str(resumed))
            if turn < 2:
                continue
            switched.append(wall)
            same.append(wall_again)
            own += [own_share(wall, answer), own_share(wall_again, again)]
        shell.stop_engine()
        _, restarted = shell.ask("And after a restart?", *model, "--resume", str(ids[0]))
    table.row("the same session", f"{spread(same)}, prompt {again['usage']['prompt_tokens']} tokens", value=median(same))
    table.row("the other one", f"{spread(switched)}, {answer['usage']['prompt_tokens'] - answer['usage']['cached_tokens']} tokens computed",
              value=median(switched), target="<= the same + 0.3 s", met=median(switched) <= median(same) + 0.3)
    table.row("the program's own share", spread(own), value=median(own), target="< 50 ms", met=median(own) < 0.05)
    left = restarted["usage"]["prompt_tokens"] - restarted["usage"]["cached_tokens"]
    table.row("after a restart", f"{shown(restarted['timing']['first_token_ms'] / 1000)} without the load, {left} tokens computed")
