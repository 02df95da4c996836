#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The engine among clients that do not behave: whatever one of them does, the others are served."""
import threading
import time

from programs import ProcessTest, generate, main, wait_until


class Robustness(ProcessTest):
    def setUp(self):
        super().setUp()
        self.engine = self.start_engine()

    def assert_healthy(self):
        self.assertIsNone(self.engine.poll(), "the engine ended")
        wait_until(lambda: self.queue() == 0, "an empty queue")
        self.assert_usable()
        self.assertEqual(self.engines(), [self.engine.pid])

    def queue(self):
        peer = self.peer()
        status = peer.status()
        peer.close()
        return status["queued"]

    def test_lines_that_are_no_requests(self):
        peer = self.peer()
        lines = [b"", b"garbage", b"\xff\xfe\x00\x01", b"[]", b"null", b"42", b'"text"', b"{}", b'{"id":1}',
                 b'{"id":1,"type":"dance"}', b'{"id":"one","type":"status"}', b'{"id":1,"type":7}', b'{"id":1,"type":"generate"}',
                 b'{"id":1,"type":"generate","prompt":{"chat":[7]}}', b'{"id":1,"type":"count","prompts":[1]}',
                 b'{"id":1,"type":"generate","prompt":{"raw":"x"},"priority":"king"}',
                 b'{"id":1,"type":"generate","prompt":{"chat":[]},"endings":[7]}',
                 b'{"id":1,"type":"generate","prompt":{"chat":[]},"endings":"x"}', b'{"id":1.5,"type":"status"}',
                 b"[" * 100000, b'{"a":' * 50000, b'{"id":1,"type":"cancel","request":"x"}']
        for line in lines:
            peer.send_bytes(line + b"\n")
            reply = peer.receive()
            self.assertEqual((reply["type"], reply["kind"]), ("error", "engine"), line[:60])
            self.assertIn("cannot understand a request", reply["message"])
        self.assertEqual(peer.status()["queued"], 0)
        self.assert_healthy()

    def test_requests_with_odd_values(self):
        peer = self.peer()
        script = self.script(*["fine"] * 20)
        for number, fields in enumerate([{"max_tokens": -5}, {"max_tokens": 0}, {"stop": [""]}, {"sampling": {"temperature": -1}},
                                         {"endings": ["x"] * 9}, {"endings": [""] * 8}, {"endings": ["x"], "alternatives": 2},
                                         {"endings": ["x"], "prompt": {"raw": "x"}}, {"endings": ["x"], "max_tokens": 0},
                                         {"model": {"kind": "script", "path": ""}}, {"model": {"kind": "script", "path": "/"}},
                                         {"model": {"kind": "gguf", "path": str(script)}},
                                         {"model": {"kind": "gguf", "path": "/dev/zero"}},
                                         {"model": {"kind": "script", "path": str(script), "context": -1, "threads": -1}}], 1):
            peer.send(**generate(number, script, **fields))
            reply = peer.last_of(number)[1]
            self.assertIn(reply["type"], ("generated", "error"), fields)
        self.assert_healthy()

    def test_a_number_that_is_in_use(self):
        script = self.script({"answer": "x" * 40000, "delay_ms": 100}, "next")
        peer = self.peer()
        peer.send(**generate(1, script))
        peer.first_text_of(1)
        peer.send(**generate(1, script))
        reply = peer.last_of(0)[1]
        self.assertEqual((reply["type"], reply["message"]), ("error", "request 1 is not finished"))
        peer.close()
        wait_until(lambda: self.queue() == 0, "the first to be stopped all the same")
        self.assert_healthy()

    def test_cancel_of_what_is_not_there(self):
        peer = self.peer()
        peer.send(id=1, type="cancel", request=77)
        self.assertEqual(peer.receive(), {"id": 1, "type": "done"})
        self.assert_healthy()

    def test_half_a_line_and_gone(self):
        for _ in range(20):
            peer = self.peer()
            peer.send_bytes(b'{"id":1,"type":"gener')
            peer.close()
        wait_until(lambda: self.clients() == 1, "an engine without the clients that left")
        self.assert_healthy()

    def clients(self):
        peer = self.peer()
        status = peer.status()
        peer.close()
        return status["clients"]

    def test_a_line_longer_than_allowed(self):
        peer = self.peer()
        try:
            for _ in range(66):
                peer.send_bytes(b"x" * (1 << 20))
        except OSError:
            pass  # it hangs up before the end
        try:
            reply = peer.receive()
            self.assertIn("a line of more than", reply["message"])
        except ConnectionError:
            pass  # what it said was lost with the connection
        self.assert_healthy()

    def test_a_client_that_leaves_in_the_middle_of_its_answer(self):
        peer = self.peer()
        peer.send(**generate(1, self.script({"answer": "x" * 40000, "delay_ms": 100})))
        peer.first_text_of(1)
        self.assertEqual(self.queue(), 1)
        peer.close()
        started = time.monotonic()
        wait_until(lambda: self.queue() == 0, "the engine to stop that answer")
        self.assertLess(time.monotonic() - started, 5)
        self.assert_healthy()

    def test_a_client_that_leaves_while_it_waits(self):
        first, second = self.peer(), self.peer()
        script = self.script({"answer": "x" * 40000, "delay_ms": 100}, "the next")
        first.send(**generate(1, script))
        first.first_text_of(1)
        for request in range(2, 7):
            second.send(**generate(request, script))
        wait_until(lambda: self.queue() == 6, "a queue of six")
        second.close()
        wait_until(lambda: self.queue() == 1, "a queue without the client that left")
        first.send(id=9, type="cancel", request=1)
        self.assertEqual(first.last_of(1)[1]["stop"], "cancelled")
        first.send(**generate(10, script))
        self.assertEqual(first.last_of(10)[0], "the next", "requests nobody waits for took no answer")
        self.assert_healthy()

    def test_a_client_that_never_reads(self):
        deaf = self.peer()
        deaf.send(**generate(1, self.script("x" * 4000000), prompt={"raw": "hello"}, max_tokens=10000000))
        started = time.monotonic()
        self.assert_usable()
        self.assertLess(time.monotonic() - started, 20)
        self.assert_healthy()

    def test_a_client_that_reads_a_little_now_and_then(self):
        slow = self.peer()
        slow.send(**generate(1, self.script("x" * 8000000), prompt={"raw": "hello"}, max_tokens=10000000))
        slow.socket.recv(1)
        usable = threading.Thread(target=self.assert_usable)
        started = time.monotonic()
        usable.start()
        while usable.is_alive() and time.monotonic() - started < 60:
            try:
                slow.socket.recv(20000)
            except OSError:
                break  # it is not served any more
            time.sleep(0.2)
        usable.join()
        self.assertLess(time.monotonic() - started, 40)
        self.assert_healthy()

    def test_more_connections_than_anybody_needs(self):
        peers = [self.peer() for _ in range(255)]
        for peer in peers:
            peer.send(id=1, type="hello", protocol=1, version="x")
            self.assertEqual(peer.receive()["type"], "hello")
        last = self.peer()  # the number of those that left before may still count
        over = [self.peer() for _ in range(20)]
        told = [peer.receive() for peer in over]
        self.assertEqual({reply["type"] for reply in told}, {"error"})
        self.assertIn("it takes no more", told[0]["message"])
        self.assertEqual({peer.receive() for peer in over}, {None}, "and their connections are closed")
        for peer in [*peers, last, *over]:
            peer.close()
        self.assert_healthy()

    def test_more_requests_than_a_connection_may_have(self):
        peer = self.peer()
        # One for each that begins: several share the time.
        script = self.script(*[{"answer": "x" * 40000, "delay_ms": 100}] * 4)
        replies = []
        reading = threading.Thread(target=lambda: replies.append(peer.last_of(299)[1]))
        reading.start()  # who does not read hundreds of replies is not served any more
        for request in range(1, 300):
            peer.send(**generate(request, script))
        reading.join()
        refused = replies[0]
        self.assertEqual((refused["type"], refused["kind"]), ("error", "engine"))
        self.assertIn("there can be no more", refused["message"])
        peer.close()
        self.assert_healthy()

    def test_a_hundred_requests_at_once(self):
        peer = self.peer()
        script = self.script(*[f"answer {i}" for i in range(100)])
        for request in range(1, 101):
            peer.send(**generate(request, script))
        texts, done = {}, set()
        while len(done) < 100:
            reply = peer.receive()
            if reply["type"] == "text":
                texts[reply["id"]] = texts.get(reply["id"], "") + reply["text"]
            elif reply["type"] != "progress":
                self.assertEqual(reply["type"], "generated", reply)
                done.add(reply["id"])
        self.assertEqual(texts, {request: f"answer {request - 1}" for request in range(1, 101)}, "in order, none mixed up")
        self.assert_healthy()

    def test_waiting_is_never_reported_after_it_has_ended(self):
        peers = [self.peer(), self.peer()]
        rounds = 400
        script = self.script(*["words"] * rounds * 2)
        for request in range(rounds):
            for peer in peers:  # the second comes while the first runs, or is just leaving
                peer.send(**generate(request, script))
            for peer in peers:
                stages = []
                while not stages or stages[-1] != "generated":
                    reply = peer.receive()
                    stages.append(reply.get("stage", reply["type"]))
                self.assertNotIn("queued", stages[1:], stages)

    def test_a_hundred_connections_at_once(self):
        peers = [self.peer() for _ in range(100)]
        for peer in peers:
            peer.send(id=1, type="hello", protocol=1, version="x")
        for peer in peers:
            self.assertEqual(peer.receive()["type"], "hello")
        self.assertEqual(peers[0].status()["clients"], 100)
        for peer in peers:
            peer.close()
        self.assert_healthy()

    def test_cancel_of_a_running_request(self):
        peer = self.peer()
        peer.send(**generate(1, self.script({"answer": "x" * 40000, "delay_ms": 100}, "next")))
        first = peer.first_text_of(1)
        started = time.monotonic()
        peer.send(id=2, type="cancel", request=1)
        text, end = peer.last_of(1)
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual((end["type"], end["stop"]), ("generated", "cancelled"))
        self.assertEqual(end["usage"]["completion_tokens"] * 4, len(first + text), "what was generated is told")
        self.assert_healthy()

    def test_cancel_of_a_waiting_request(self):
        script = self.script({"answer": "x" * 4000, "delay_ms": 20}, "not for the second")
        first, second = self.peer(), self.peer()
        first.send(**generate(1, script))
        first.first_text_of(1)
        second.send(**generate(1, script))
        self.assertEqual(second.receive(), {"id": 1, "type": "progress", "stage": "queued", "done": 1, "total": 0})
        started = time.monotonic()
        second.send(id=2, type="cancel", request=1)
        end = second.last_of(1)[1]
        self.assertEqual((end["type"], end["kind"]), ("error", "cancelled"))
        self.assertLess(time.monotonic() - started, 2, "it need not wait for its turn to be cancelled")
        self.assertEqual(self.queue(), 1)
        first.send(id=3, type="cancel", request=1)
        first.last_of(1)
        self.assert_healthy()

    def test_whoever_goes_on_talking_does_not_keep_an_engine_that_leaves(self):
        talkers = [self.peer() for _ in range(100)]  # more than a listener's queue holds
        talkers[0].send_bytes(b'{"id":1,"type":"shutdown"}\n' + b"x\n" * 1000)
        for talker in talkers[1:]:
            try:
                talker.send_bytes(b"x\n" * 100)
            except OSError:
                pass  # it has left
        self.assertEqual(self.engine.wait(timeout=10), 0)
        self.assert_usable()

    def test_a_line_of_brackets(self):
        peer = self.peer()
        for line in (b"[" * 10_000_000, b'{"id":' * 1_000_000):
            peer.send_bytes(line + b"\n")
            reply = peer.receive()
            self.assertEqual(reply["type"], "error")
            self.assertIn("nested too deeply", reply["message"])
        self.assertLess(peer.status()["resident_bytes"], 300_000_000)

    def test_shutdown_in_the_middle_of_other_answers(self):
        busy = self.peer()
        busy.send(**generate(1, self.script({"answer": "x" * 40000, "delay_ms": 100})))
        busy.first_text_of(1)
        peer = self.peer()
        peer.send(id=1, type="shutdown", reason="a test")
        self.assertEqual(peer.receive(), {"id": 1, "type": "done"})
        self.assertIsNone(peer.receive())
        self.assertEqual(self.engine.wait(timeout=20), 0)
        self.assertFalse(self.socket.exists())


if __name__ == "__main__":
    main()
