# SPDX-License-Identifier: Apache-2.0
"""Workloads of the latency benchmark that are about answers: guesses, batches, depth, and two models at once."""
import threading
import time

from edit_replay import changed_lines, chat, rewrite
from engine import generate_request
from latency_prompts import suggest, typed_prompts
from latency_session import median, p95, shown, spread

REPLAY = "teacher-forced replay: the recorded text is taken for the answer, so this is the most that an obedient model gets"


def best_ratio(session, plain_ms):
    """What T(N) allows behind as many tokens as make a plain one take `plain_ms`: the largest N x T(1) / T(N), and its N.

    T(N) is measured with nothing before the rows. What is before them costs each row the same, however many there are:
    attention is computed row by row.
    """
    steps = session.calibrated[session.model["path"]]["steps"]
    depth_ms = max(0.0, plain_ms - session.step_ms(1))
    return max((step["rows"] * plain_ms / (step["ms"] + step["rows"] * depth_ms), step["rows"]) for step in steps)


def apply_file(session):
    """A file of 200 lines rewritten with 5 changed lines: tokens/s with guesses and without"""
    table, sizes = session.table, session.sizes
    table.note(REPLAY)
    speeds, seconds, tokens, shares = [], [], 0, []
    for turn in range(sizes.edits + 1):
        lines = session.texts.file(sizes.lines, turn)
        prompt, answer = rewrite(lines, changed_lines(lines, 5, turn))
        # Without guesses an answer has this speed half-way.
        half = {"chat": prompt["chat"] + [{"role": "user", "text": answer[:len(answer) // 2]}]}
        plain = [session.plain_token_ms(half, 24)[0]]
        before = session.engine.status()["reuse"]
        ours = session.ask(prompt, 8000, replay=answer)
        after = session.engine.status()["reuse"]
        plain.append(session.plain_token_ms(half, 24)[0])
        if ours.text != answer:
            raise ValueError("the replayed answer is not the text that was sent")
        if turn == 0 and sizes.edits > 1:
            continue
        tokens = ours.usage["completion_tokens"]
        speeds.append(median(plain) / ours.token_ms)
        seconds.append(ours.wall_s)
        shares.append((after["accepted_tokens"] - before["accepted_tokens"]) / max(1, after["drafted_tokens"] - before["drafted_tokens"]))
        plain_ms = median(plain)
    ratio, (ceiling, rows) = median(speeds), best_ratio(session, plain_ms)
    table.row("whole file", f"{spread(seconds)}, {tokens} tokens, {median(shares) * 100:.0f} % of the guesses right", value=median(seconds))
    table.row("plain, as deep", f"{plain_ms:.1f} ms a token; T(1) = {session.step_ms(1):.1f} ms", value=plain_ms)
    table.row("faster than plain by", f"{ratio:.2f}", value=ratio, target=">= 1.5", met=ratio >= 1.5)
    table.row("  of what T(N) allows", f"{ratio / ceiling * 100:.0f} % of {ceiling:.2f}, at {rows} rows", value=ratio / ceiling,
              target=">= 90 %", met=ratio >= 0.9 * ceiling)


def chat_200(session):
    """200 tokens of prose about some code: tokens/s with the guessing on, and where nothing can be guessed"""
    table = session.table
    table.note(REPLAY)
    prompt = chat(session.texts.code(1000, 0), session.question())
    session.ask(prompt)
    ours, plain, guessed = [], [], 0
    for turn, who in enumerate("AB" + "ABBA" * session.sizes.rounds):
        if who == "A":
            before = session.engine.status()["reuse"]["drafted_tokens"]
            answer = session.ask(prompt, 1000, replay=session.texts.prose(200, turn))
            guessed += session.engine.status()["reuse"]["drafted_tokens"] - before
            ours.append(answer.token_ms)
        else:
            plain.append(session.plain_token_ms(prompt, 200)[0])
    ratio = median(plain[1:]) / median(ours[1:])
    table.row("prose", f"{median(ours[1:]):.2f} ms a token, {guessed} guesses in all", value=median(ours[1:]))
    table.row("words in no order", f"{median(plain[1:]):.2f} ms a token; T(1) = {session.step_ms(1):.2f} ms", value=median(plain[1:]))
    table.row("  speed of prose", f"{ratio * 100:.1f} % of plain", value=ratio, target=">= 99 %", met=ratio >= 0.99)


def busy_complete(session):
    """Completions by the small model while the model prefills a new context: seconds to the whole suggestion"""
    table, sizes = session.table, session.sizes
    prompts = typed_prompts(session, 2 * sizes.completions, 4)
    for prompt in prompts[:2]:
        suggest(session, prompt)
    quiet, busy, background = [], [], {}
    for prompt in prompts[2:2 + sizes.completions // 2]:
        quiet.append(suggest(session, prompt).wall_s)

    def prefill():
        connection = session.engine.open_connection()
        fresh = chat(session.texts.code(sizes.context, 5 + session.number()), session.question())
        background["answer"] = connection.generate_all([generate_request(session.model, fresh, 0)])[0]
        connection.close()

    thread = threading.Thread(target=prefill)
    thread.start()
    time.sleep(0.3)
    for prompt in prompts[2:]:
        if not thread.is_alive() or len(busy) >= sizes.completions:
            break
        busy.append(suggest(session, prompt).wall_s)
        time.sleep(0.1)
    thread.join()
    session.note_memory()
    table.row("nothing else runs", spread(quiet), value=median(quiet))
    table.row("while it prefills", spread(busy), value=p95(busy), target="p95 <= 1.5 s", met=p95(busy) <= 1.5)
    done = background["answer"]
    table.row("  that prefill", f"{shown(done.wall_s)}, {done.computed} tokens", value=done.wall_s)


def batch_16(session):
    """16 requests with 500 tokens in common, a question of 20 and an answer of 64 each: all at once and one after the other"""
    table = session.table
    context = session.texts.code(500, 0)
    session.ask(chat(context, session.question()))

    def requests(priority):
        return [generate_request(session.model, chat(context, session.question(20)), 100, priority=priority,
                                 replay=session.texts.words(64, f"batch {session.number()}")) for _ in range(16)]

    together, alone, reading, reading_alone = [], [], [], []
    for who in "A" + "ABBA" * session.sizes.batch_rounds:
        work = requests("batch" if who == "A" else "interactive")
        begin = time.perf_counter()
        if who == "A":
            answers = session.engine.connection.generate_all(work)
            together.append(time.perf_counter() - begin)
            # All read their prompts before they answer.
            reading.append(max(answer.first_s for answer in answers))
        else:
            answers = [session.engine.connection.generate_all([request])[0] for request in work]
            alone.append(time.perf_counter() - begin)
            reading_alone.append(sum(answer.first_s for answer in answers))
        session.note_memory()
    together, reading = together[1:], reading[1:]
    ratio = median(alone) / median(together)
    table.row("all at once", f"{spread(together)}, {shown(median(reading))} of it reading prompts", value=median(together))
    table.row("one after the other", f"{spread(alone)}, {shown(median(reading_alone))} of it reading prompts", value=median(alone))
    table.row("  faster by", f"{ratio:.2f}", value=ratio, target=">= 2", met=ratio >= 2)
    decode = (median(alone) - median(reading_alone)) / (median(together) - median(reading))
    allowed = 16 * session.step_ms(1) / session.step_ms(16)
    table.row("  answering alone", f"{decode:.2f}; T(16) allows {allowed:.2f}", value=decode)


def depth(session):
    """Tokens/s of an answer, by the tokens before it; and llama-bench, the roof"""
    table, sizes = session.table, session.sizes
    threads = session.calibrated[session.model["path"]]["decode_threads"]
    repack = session.calibrated[session.model["path"]]["repack"]
    for tokens in sizes.depths:
        text = session.texts.code(max(tokens, 16), 0)
        samples = [1000 / session.plain_token_ms({"raw": text}, 32)[0] for _ in range(3)]
        table.row(f"at {tokens} tokens", f"{median(samples):.1f} tokens/s", value=median(samples))
        if session.bench.command and tokens in (sizes.depths[0], sizes.depths[-1]):
            theirs = session.bench.decode(session.model_path, threads, 32, tokens, 2, repack)
            ratio = median(samples) / max(theirs)
            table.row("  llama-bench", f"{max(theirs):.1f} tokens/s; ours are {ratio * 100:.0f} % of it", value=max(theirs),
                      target=">= 97 %", met=ratio >= 0.97)
