#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A language server that says and does what a file tells it: fake_language_server.py PLAN.json. The plan's keys:

    edits        what rename answers: [[FILE or URI, line, character, end line, end character, text], …]
    definitions  {"FILE:line:character": [FILE or URI, line, character]}
    encoding     the unit of positions that it chooses
    at           {METHOD: [action, …]}: done when that method comes, before it is answered

Every method that comes is a line of PLAN.json.log. Actions: see ACTIONS."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

PLAN = pathlib.Path(sys.argv[1])
plan = json.loads(PLAN.read_text())
root = ""


def write(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def send(**message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    write(b"Content-Length: %d\r\n\r\n" % len(body) + body)


def note(text):
    with open(f"{PLAN}.log", "a") as log:
        log.write(text + "\n")


def read():
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            return None
        if line == b"\r\n":
            return json.loads(sys.stdin.buffer.read(length))
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])


def uri_of(name):
    return name if ":" in name else f"{root}/{name}"


def children():
    """Processes that want to stay: one as it is, one in a session of its own."""
    for own_session in (False, True):
        child = subprocess.Popen(["sleep", "1000"], start_new_session=own_session, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        note(f"child {child.pid}")


def ask():
    """Everything a server may ask of an editor."""
    edit = {"changes": {uri_of("a.py"): [{"range": span(0, 0, 0, 0), "newText": "evil\n"}]}}
    for number, (method, params) in enumerate([
            ("workspace/applyEdit", {"edit": edit}), ("workspace/configuration", {"items": [{}, {}]}),
            ("window/showDocument", {"uri": "http://evil/"}), ("window/workDoneProgress/create", {"token": 1}),
            ("client/registerCapability", {}), ("evil/method", None)]):
        send(id=f"s{number}", method=method, params=params)


def span(line, character, end_line, end_character):
    return {"start": {"line": line, "character": character}, "end": {"line": end_line, "character": end_character}}


def flood():
    while True:
        write(b"x" * 70 + b"\n")


ACTIONS = {
    "noise": lambda: write(b"Loading the project, please wait\n"),
    "garbage": lambda: write(b"\x00\xff\xfe{]\n" * 100_000),
    "flood": flood,
    "endless line": lambda: write(b"y" * 5_000_000),
    "huge header": lambda: write(b"Content-Length: 5\r\n" + b"X: y\r\n" * 10_000 + b"\r\nhello"),
    "huge body": lambda: write(b"Content-Length: 1000000000000\r\n\r\nhello"),
    "negative length": lambda: write(b"Content-Length: -5\r\n\r\nhello"),
    "no json": lambda: write(b"Content-Length: 5\r\n\r\nhello"),
    "deep json": lambda: write(b"Content-Length: 2000000\r\n\r\n" + b"[" * 2_000_000),
    "half a message": lambda: (write(b"Content-Length: 500\r\n\r\n{"), os._exit(0)),
    "die": lambda: os._exit(3),
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "complain and die": lambda: (os.write(2, b"\n\x1b[31mno toolchain\x1b[0m\nmore\n"), os._exit(1)),
    "never": lambda: time.sleep(1000),
    "stubborn": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "children": children,
    "ask": ask,
    "wrong answers": lambda: [send(id=i, result=plan) for i in (-1, 99, "x", None, 1.5)],
    "busy": lambda: send(method="$/progress", params={"token": "t", "value": {"kind": "begin", "title": "x"}}),
}


def result_of(message):
    global root
    method, params = message["method"], message.get("params") or {}
    if method == "initialize":
        root = params["rootUri"]
        return {"capabilities": {"renameProvider": True, "definitionProvider": True, "documentSymbolProvider": True,
                                 "positionEncoding": plan.get("encoding", "utf-16")}}
    if method == "textDocument/rename":
        files = {}
        for name, *range_, text in plan.get("edits", []):
            files.setdefault(uri_of(name), []).append({"range": span(*range_), "newText": text})
        return {"changes": files}
    if method == "textDocument/definition":
        name = params["textDocument"]["uri"].removeprefix(root + "/")
        place = params["position"]
        found = plan.get("definitions", {}).get(f"{name}:{place['line']}:{place['character']}")
        return found and {"uri": uri_of(found[0]), "range": span(found[1], found[2], found[1], found[2] + 3)}
    return None


def main():
    while True:
        message = read()
        if message is None or message.get("method") == "exit":
            return
        if "method" not in message:
            note(f"answer {json.dumps(message)}")
            continue
        note(message["method"])
        for action in plan.get("at", {}).get(message["method"], []):
            ACTIONS[action]()
        if "id" in message:
            send(id=message["id"], result=result_of(message))


if __name__ == "__main__":
    main()
