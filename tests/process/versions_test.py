#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who listens at the socket is not the engine that belongs to this program."""
import json
import os
import shutil
import socket
import threading
import time

from programs import CLIENT, ENGINE, ProcessTest, main, wait_until

# The client waits some seconds for an answer to its greeting.
BOUND_S = 30


class FakeEngine:
    """Listens at the socket; `behaviour(connection, lines)` talks to each client."""

    def __init__(self, path, behaviour):
        self.path, self.behaviour = path, behaviour
        self.seen = []  # requests, decoded
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.open = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(connection)
            try:
                self.behaviour(self, connection)
            except OSError:
                pass  # the client has left

    def read(self, lines):
        line = lines.readline()
        if line:
            self.seen.append(json.loads(line))
        return self.seen[-1] if line else None

    def leave(self):
        self.path.unlink(missing_ok=True)
        self.stop()

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes the accept
        except OSError:
            pass
        for connection in [self.listener, *self.open]:
            connection.close()


def send(connection, **reply):
    connection.sendall(json.dumps(reply).encode() + b"\n")


def hello(request, version, protocol=1):
    return dict(id=request["id"], type="hello", protocol=protocol, version=version, executable="/elsewhere/engine",
                executable_stamp=1, process_id=os.getpid())


class Strangers(ProcessTest):
    def setUp(self):
        super().setUp()
        (self.home / "run").mkdir(parents=True)
        (self.home / "run").chmod(0o700)

    def fake(self, behaviour):
        fake = FakeEngine(self.socket, behaviour)
        self.addCleanup(fake.stop)
        return fake

    def assert_gives_up(self, *parts):
        started = time.monotonic()
        done = self.run_client("explain", "--script", self.script("x"), "why?", patience=BOUND_S * 2)
        self.assert_error(done, 8, *parts)
        self.assertLess(time.monotonic() - started, BOUND_S)
        return done

    def check_replaced(self, version, protocol):
        def polite(fake, connection):
            with connection.makefile("rb") as lines:
                send(connection, **hello(fake.read(lines), version, protocol))
                request = fake.read(lines)
                if request and request["type"] == "shutdown":
                    send(connection, id=request["id"], type="done")
                    fake.leave()
        fake = self.fake(polite)
        self.assert_usable()
        self.assertEqual([r["type"] for r in fake.seen], ["hello", "shutdown"])
        self.assertIn("takes over", fake.seen[1]["reason"])
        self.assertEqual(len(self.engines()), 1)

    def test_an_engine_of_another_version_is_replaced(self):
        self.check_replaced("0.0.1-other", 1)

    def test_an_engine_of_another_protocol_is_replaced(self):
        own = self.run_client("--version").out.split()[-1]
        self.check_replaced(own, 999)

    def test_status_shows_an_engine_of_another_version(self):
        def old(fake, connection):
            with connection.makefile("rb") as lines:
                send(connection, **hello(fake.read(lines), "0.0.1-other"))
                request = fake.read(lines)
                send(connection, id=request["id"], type="status", version="0.0.1-other", process_id=1)
        self.fake(old)
        status = self.run_client("engine", "status")
        self.assert_done(status)
        self.assertIn("0.0.1-other", status.out)

    def test_one_that_never_answers(self):
        self.fake(lambda fake, connection: None)
        others = [self.start("engine", command) for command in ("status", "stop")]
        self.assert_gives_up("does not answer", str(self.socket), "hint: ")
        for client in others:
            self.assert_error(self.finish(client, BOUND_S), 8, "does not answer")

    def test_ctrl_c_while_waiting_for_one_that_never_answers(self):
        fake = self.fake(lambda fake, connection: None)
        client = self.start("explain", "--script", self.script("x"), "why?")
        wait_until(lambda: fake.open, "the client")
        started = time.monotonic()
        client.terminate()
        self.assertEqual(self.finish(client).code, 130)
        self.assertLess(time.monotonic() - started, 2)

    def test_one_that_greets_and_then_never_leaves(self):
        def stubborn(fake, connection):
            lines = connection.makefile("rb")
            send(connection, **hello(fake.read(lines), "0.0.1-other"))
            fake.read(lines)
        self.fake(stubborn)
        self.assert_gives_up("does not answer", "hint: ")

    def test_one_that_talks_garbage(self):
        self.fake(lambda fake, connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n\x00\xff\xfe garbage\n"))
        self.assert_gives_up(str(self.socket), "hint: ")

    def test_one_that_answers_something_else(self):
        def confused(fake, connection):
            request = fake.read(connection.makefile("rb"))
            send(connection, id=request["id"], type="done")
        self.fake(confused)
        self.assert_gives_up("hint: ")

    def test_one_that_sends_a_line_without_end(self):
        def endless(fake, connection):
            for _ in range(80):
                connection.sendall(b"x" * (1 << 20))
        self.fake(endless)
        self.assert_gives_up("a line of more than", "hint: ")

    def test_one_that_closes_at_once(self):
        # What an engine that is just leaving does; a new one takes its place.
        self.fake(lambda fake, connection: connection.close())
        self.assert_usable()

    def test_one_that_drips(self):
        def dripping(fake, connection):
            for _ in range(BOUND_S * 10):
                connection.sendall(b" ")
                time.sleep(0.1)
        self.fake(dripping)
        self.assert_gives_up("does not answer")

    def test_an_engine_that_was_rebuilt_is_replaced(self):
        own = self.root / "own"
        own.mkdir()
        for program in (CLIENT, ENGINE):
            shutil.copy(program, own / program.name)
        client = own / CLIENT.name
        self.assert_done(self.run_client("explain", "--script", self.script("one"), "why?", program=client), "one\n")
        first = self.engines()
        os.utime(own / ENGINE.name, (1, 1))
        self.assert_done(self.run_client("explain", "--script", self.script("two", name="s2"), "why?", program=client), "two\n")
        wait_until(lambda: len(self.engines()) == 1 and self.engines() != first, "another engine")


if __name__ == "__main__":
    main()
