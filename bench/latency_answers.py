# SPDX-License-Identifier: Apache-2.0
"""Workloads of the latency benchmark that are about answers: guesses, batches, depth, and two models at once."""
import ctypes
import threading
import time

from edit_replay import asked_for, changed_lines, chat, real_edit, rewrite
from engine import generate_request
from latency_prompts import suggest, typed_prompts
from latency_session import median, p95, shown, spread

REPLAY = "teacher-forced replay: the recorded text is taken for the answer, so this is the most that an obedient model gets"


def call_times(steps, shallow_ms, plain_ms):
    """Milliseconds of a call by its rows, 1 to as many as were measured, behind as many tokens as make a plain one take `plain_ms`.

    T(N) (`steps`) is measured with nothing before the rows, and some time ago: `shallow_ms` is what a plain token takes now with nothing
    before it, and all of T(N) is taken to have changed as T(1) has. What is before the rows costs each of them the same, however many
    there are: attention is computed row by row. Between what was measured: on the line between the neighbours.
    """
    drift = shallow_ms / steps[0]["ms"]
    depth_ms = max(0.0, plain_ms - shallow_ms)
    times = {steps[0]["rows"]: steps[0]["ms"] * drift + depth_ms}
    for low, high in zip(steps, steps[1:]):
        for rows in range(low["rows"] + 1, high["rows"] + 1):
            share = (rows - low["rows"]) / (high["rows"] - low["rows"])
            times[rows] = (low["ms"] + share * (high["ms"] - low["ms"])) * drift + rows * depth_ms
    return times


def least_ms(times, is_copied):
    """What an answer takes whose guesser knows all that is copied, and nothing else.

    A call of N rows gives N tokens: those before the last are guesses, so they are copied; the last is the model's own.
    """
    costs = [0.0] * (len(is_copied) + 1)
    for at in reversed(range(len(is_copied))):
        best = float("inf")
        for rows, ms in sorted(times.items()):
            if at + rows > len(is_copied):
                break
            best = min(best, ms + costs[at + rows])
            if not is_copied[at + rows - 1]:
                break
        costs[at] = best
    return costs[0]


def edit_of(session, which):
    """Prompt, answer and old text of a change that was made to this repository; without its history, of one that is made up."""
    edit = real_edit(session.sizes.lines, which)
    if edit is not None:
        return asked_for(*edit)
    lines = session.texts.file(session.sizes.lines, which)
    return rewrite(lines, changed_lines(lines, max(2, len(lines) // 40), which))


def apply_file(session):
    """A file of 200 lines (--quick: 60) rewritten with about 5 (1 or 2) changed lines: tokens/s with guesses and without"""
    table, sizes = session.table, session.sizes
    table.note(REPLAY)
    if real_edit(sizes.lines, 0) is not None:
        table.note("the changes are those of this repository's history; the prompt has the file and the commit's subject")
    speeds, seconds, tokens, shares, allowed, copies = [], [], 0, [], [], []
    for turn in range(sizes.edits + 1):
        prompt, answer, old = edit_of(session, turn)
        # Without guesses an answer has this speed half-way.
        half = {"chat": prompt["chat"] + [{"role": "user", "text": answer[:len(answer) // 2]}]}
        nothing = {"raw": session.texts.code(16, 0)}
        shallow, plain = [session.plain_token_ms(nothing, 24)[0]], [session.plain_token_ms(half, 24)[0]]
        before = session.engine.status()["reuse"]
        ours = session.ask(prompt, 8000, replay=answer)
        after = session.engine.status()["reuse"]
        plain.append(session.plain_token_ms(half, 24)[0])
        shallow.append(session.plain_token_ms(nothing, 24)[0])
        if ours.text != answer:
            raise ValueError("the replayed answer is not the text that was sent")
        if turn == 0 and sizes.edits > 1:
            continue
        tokens = ours.usage["completion_tokens"]
        speeds.append(median(plain) / ours.token_ms)
        seconds.append(ours.wall_s)
        shares.append((after["accepted_tokens"] - before["accepted_tokens"]) / max(1, after["drafted_tokens"] - before["drafted_tokens"]))
        plain_ms, shallow_ms = median(plain), median(shallow)
        times = call_times(session.calibrated[session.model["path"]]["steps"], shallow_ms, plain_ms)
        is_copied = session.texts.copied(old, answer)
        allowed.append(len(is_copied) * plain_ms / least_ms(times, is_copied))
        copies.append(max(rows * plain_ms / ms for rows, ms in times.items()))
    ratio, copy = median(speeds), median(copies)
    share = median([speed / most for speed, most in zip(speeds, allowed)])
    table.row("whole file", f"{spread(seconds)}, {tokens} tokens, {median(shares) * 100:.0f} % of the guesses right", value=median(seconds))
    table.row("plain, as deep", f"{plain_ms:.1f} ms a token, {shallow_ms:.1f} with nothing before it; T(1) was {session.step_ms(1):.1f} ms",
              value=plain_ms)
    table.row("faster than plain by", f"{ratio:.2f}", value=ratio, target=">= 1.5", met=ratio >= 1.5)
    table.row("  of what T(N) allows", f"{share * 100:.0f} % of {median(allowed):.2f}: a guesser that knows all that is copied",
              value=share, target=">= 90 %", met=share >= 0.9)
    table.row("  of a copy without changes", f"{ratio / copy * 100:.0f} % of {copy:.2f}", value=ratio / copy)


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


# Both models stay; by default they may have 6 GB together, and the large one alone has most of that.
ROOM_FOR_BOTH = ["--memory-limit", "8000000000"]


def busy_complete(session):
    """Completions by the small model while the model prefills a new context: seconds to the whole suggestion"""
    table = session.table
    if session.large:
        table.note("with engine.memory_bytes at 8 GB: with the usual 6 GB a completion by another model waits for the answer's end")
        with session.engine.restarted_with(ROOM_FOR_BOTH):
            complete_while_busy(session)
    else:
        complete_while_busy(session)


def complete_while_busy(session):
    table, sizes = session.table, session.sizes
    prompts = typed_prompts(session, 2 * sizes.completions, 4)
    for prompt in prompts[:2]:
        suggest(session, prompt)
    session.engine.load(session.model)
    quiet, busy, waits, background = [], [], [], {}
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
    for prompt in prompts[2 + sizes.completions // 2:]:  # others: what was asked is known
        if not thread.is_alive() or len(busy) >= sizes.completions:
            break
        busy.append(suggest(session, prompt).wall_s)
        waits.append(time_interruption(session, 0.1))
    thread.join()
    if not session.large:  # whose budget is another one here
        session.note_memory()
    table.row("nothing else runs", spread(quiet), value=median(quiet))
    table.row("while it prefills", spread(busy), value=p95(busy), target="p95 <= 1.5 s", met=p95(busy) <= 1.5)
    if waits:
        table.row("  to interrupt that", f"{spread(waits)}: to count the tokens of two words", value=p95(waits),
                  target="p95 <= 100 ms", met=p95(waits) <= 0.1)
    done = background["answer"]
    table.row("  that prefill", f"{shown(done.wall_s)}, {done.computed} tokens", value=done.wall_s)


def time_interruption(session, pause_s):
    """Seconds until something urgent that takes no time has been done."""
    time.sleep(pause_s)
    begin = time.perf_counter()
    session.engine.ask({"type": "count", "model": session.model, "prompts": [{"raw": "two words"}], "priority": "completion"})
    return time.perf_counter() - begin


def batch_16(session):
    """16 requests with 500 tokens in common, a question of 20 and an answer of 64 each: all at once and one after the other"""
    table = session.table
    context = session.texts.code(500, 0)
    session.ask(chat(context, session.question()))

    def requests(priority):
        return [generate_request(session.model, chat(context, session.question(20)), 100, priority=priority,
                                 replay=session.texts.words(64, f"batch {session.number()}")) for _ in range(16)]

    together, alone, reading, reading_alone = [], [], [], []
    for who in "AB" + "ABBA" * session.sizes.batch_rounds:
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
    together, reading, alone, reading_alone = together[1:], reading[1:], alone[1:], reading_alone[1:]
    ratio = median(alone) / median(together)
    table.row("all at once", f"{spread(together)}, {shown(median(reading))} of it reading prompts", value=median(together))
    table.row("one after the other", f"{spread(alone)}, {shown(median(reading_alone))} of it reading prompts", value=median(alone))
    table.row("  faster by", f"{ratio:.2f}", value=ratio, target=">= 2", met=ratio >= 2)
    decode = (median(alone) - median(reading_alone)) / (median(together) - median(reading))
    allowed = 16 * session.step_ms(1) / session.step_ms(16)
    table.row("  answering alone", f"{decode:.2f}; T(16) allows {allowed:.2f}", value=decode)


def depth(session):
    """Tokens/s of an answer, by the tokens before it, and of a prompt; llama-bench and the memory's speed, the roofs"""
    table, sizes = session.table, session.sizes
    threads = session.calibrated[session.model["path"]]["decode_threads"]
    repack = session.calibrated[session.model["path"]]["repack"]
    for tokens in sizes.depths:
        text = session.texts.code(max(tokens, 16), 0)
        samples = [1000 / session.plain_token_ms({"raw": text}, 32)[0] for _ in range(3)]
        table.row(f"at {tokens} tokens", f"{median(samples):.1f} tokens/s", value=median(samples))
        if session.bench.command and tokens in (sizes.depths[0], sizes.depths[-1]):
            theirs = max(median(session.bench.decode(session.model_path, threads, 32, tokens, 2, repack, attention))
                         for attention in ("on", "off"))
            ratio = median(samples) / theirs
            table.row("  llama-bench, at its best", f"{theirs:.1f} tokens/s; ours are {ratio * 100:.0f} % of it", value=theirs,
                      target=">= 97 %", met=ratio >= 0.97)
    speed = read_bandwidth(threads)
    roof = speed / session.model_path.stat().st_size
    table.row("  the memory's roof", f"{roof:.1f} tokens/s: {speed / 1e9:.1f} GB/s through all weights", value=roof)
    prompt_speed(session)


PROMPT_TOKENS = 512


def prompt_speed(session):
    """Nothing of the prompts is known; llama-bench with the layout of weights that is best for it."""
    table = session.table
    threads = session.calibrated[session.model["path"]]["prefill_threads"]
    ours, theirs = [], []
    for who in "AB" + "ABBA" * session.sizes.rounds:
        if who == "A":
            answer = session.ask({"raw": session.texts.code(PROMPT_TOKENS, 50 + session.number())})
            ours.append(answer.computed / answer.wall_s)
        elif session.bench.command:
            theirs.append(max(max(session.bench.prefill(session.model_path, threads, PROMPT_TOKENS, 1, repack)) for repack in (True, False)))
    ours, theirs = ours[1:], theirs[1:]
    table.row(f"a prompt of {PROMPT_TOKENS} tokens", f"{median(ours):.1f} tokens/s", value=median(ours))
    if theirs:
        ratio = median(ours) / median(theirs)
        table.row("  llama-bench, at its best", f"{median(theirs):.1f} tokens/s; ours are {ratio * 100:.0f} % of it", value=median(theirs),
                  target=">= 97 %", met=ratio >= 0.97)


def read_bandwidth(threads):
    """Bytes a second that so many threads together read from memory: a search for what is not there."""
    library = ctypes.CDLL(None)
    library.memchr.argtypes, library.memchr.restype = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t], ctypes.c_void_p
    share = 512_000_000 // threads
    blocks = [ctypes.create_string_buffer(share) for _ in range(threads)]
    for block in blocks:
        ctypes.memset(block, 1, share)

    def search(block):
        library.memchr(ctypes.addressof(block), 2, share)

    def search_all():
        readers = [threading.Thread(target=search, args=(block,)) for block in blocks]
        begin = time.perf_counter()
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        return threads * share / (time.perf_counter() - begin)

    return max(search_all() for _ in range(5))
