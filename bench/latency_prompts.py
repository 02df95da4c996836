# SPDX-License-Identifier: Apache-2.0
"""Workloads of the latency benchmark that end with the first word: what of a prompt was computed before?"""
import time

from edit_replay import chat
from engine import generate_request
from latency_session import median, p95, shown, spread

EXPECTED_MARKUP = 16  # tokens of the template around a question


def compare(session, ours, theirs, rounds):
    """Both in turns, A B B A; the first pass of each is dropped. `theirs` may be None."""
    samples = {"A": [], "B": []}
    ask = {"A": ours, "B": theirs}
    for who in "AB" + "ABBA" * rounds:
        if ask[who] is not None:
            samples[who].append(ask[who]())
    return samples["A"][1:], samples["B"][1:]


def rival_ask(server, prompt):
    return server.complete(server.render(prompt), 1)


def note_tokens(session, ours, theirs):
    if theirs.prompt_tokens != ours.usage["prompt_tokens"]:
        session.table.row("  another prompt", f"{ours.usage['prompt_tokens']} tokens here, {theirs.prompt_tokens} there")


def first_asked(session):
    """The context of repo-ask, asked about for the first time; milliseconds for a token of it are noted."""
    context = session.texts.code(session.sizes.context, 0)
    if "prefill_token_ms" not in session.known:
        answer = session.ask(chat(context, session.question()))
        session.known["prefill_token_ms"] = answer.wall_s * 1000 / answer.computed
        session.known["first_time"] = answer
    return context


def repo_ask(session):
    """4k tokens of unchanged context, a new question of 30 tokens: seconds to the first word"""
    table, sizes = session.table, session.sizes
    context = first_asked(session)
    cold, token_ms = session.known["first_time"], session.known["prefill_token_ms"]
    table.row("the first time", f"{shown(cold.wall_s)}, {cold.computed} tokens, {1000 / token_ms:.0f} tokens/s", value=cold.wall_s)
    everything = []
    for name in ("default", "tuned"):
        server = session.rival(name)
        if server is not None:
            theirs = rival_ask(server, chat(context, session.question()))
            note_tokens(session, cold, theirs)
            table.row(f"  {server.name}", f"{shown(theirs.wall_s)}, {theirs.computed} tokens", value=theirs.wall_s)
        answers, others = compare(session, lambda: session.ask(chat(context, session.question())),
                                  server and (lambda: rival_ask(server, chat(context, session.question()))), sizes.rounds)
        everything += answers
        if others:
            session.known[f"repo-ask {name}"] = median([o.wall_s for o in others])
            table.row(f"again, {server.name}", f"{spread([o.wall_s for o in others])}, {max(o.computed for o in others)} tokens computed",
                      value=median([o.wall_s for o in others]))
    first = median([a.wall_s for a in everything])
    new = max(a.computed for a in everything)
    floor = (new * token_ms + session.step_ms(1)) / 1000
    session.known["repo-ask"] = first
    table.row("again", f"{spread([a.wall_s for a in everything])}, {new} tokens computed", value=first,
              target=f"<= 1.1 x {shown(floor)}: {new} tokens at that speed and one decode",
              met=first <= 1.1 * floor and new <= 30 + EXPECTED_MARKUP)
    narrow = (session.step_ms(32) * new / 32 + session.step_ms(1)) / 1000
    table.row("  so many by calls of 32", f"{shown(narrow)}: few tokens at once cost more each", value=narrow)


def ask_after_restart(session, prompt):
    session.engine.kill()
    begin = time.perf_counter()
    session.engine.start()
    session.engine.connect()
    return session.ask(prompt), time.perf_counter() - begin


def restart_ask(session):
    """The engine killed (SIGKILL) and started, then repo-ask: seconds from the start of the process"""
    table, sizes = session.table, session.sizes
    context = first_asked(session)
    same = median([session.ask(chat(context, session.question())).wall_s for _ in range(3)])
    same = session.known.get("repo-ask", same)
    session.wait_until_stored()
    server = session.rival("tuned")

    def ours():
        return ask_after_restart(session, chat(context, session.question()))

    def theirs():
        server.kill()
        begin = time.perf_counter()
        server.start()
        rival_ask(server, chat(context, session.question()))
        return time.perf_counter() - begin

    walls, others = [], []
    for turn in range(sizes.restarts + 1):
        answer, wall = ours()
        if turn > 0:
            walls.append(wall)
        if server is not None and turn < max(1, sizes.restarts - 1):
            others.append(theirs())
    table.row("engine", f"{spread(walls)}, {answer.usage['cached_tokens']} of {answer.usage['prompt_tokens']} tokens from disk",
              value=median(walls), target=f"<= repo-ask + 1.5 s = {shown(same + 1.5)}", met=median(walls) <= same + 1.5)
    if others:
        ratio = median(others) / median(walls)
        table.row(server.name, spread(others), value=median(others))
        table.row("  theirs / ours", f"{ratio:.1f}", value=ratio, target=">= 30 with the 7B and 4k",
                  met=ratio >= 30 if session.large else None)


def three_repos(session):
    """Three contexts in turn, a new question each time: seconds to the first word after a switch"""
    table, sizes = session.table, session.sizes
    contexts = [first_asked(session)] + [session.texts.code(sizes.other_contexts, which) for which in (1, 2)]
    same = session.known.get("repo-ask") or median([session.ask(chat(contexts[0], session.question())).wall_s for _ in range(3)])
    server = session.rival("tuned")
    walls, others, reused = [], [], []
    for turn, who in enumerate("AB" + "ABBA"):
        for context in contexts:
            prompt = chat(context, session.question())
            if who == "A":
                answer = session.ask(prompt)
                if turn > 0:
                    walls.append(answer.wall_s)
                    reused.append(answer.usage["cached_tokens"] / answer.usage["prompt_tokens"])
            elif server is not None:
                theirs = rival_ask(server, prompt)
                if turn > 1:
                    others.append(theirs.wall_s)
    table.row("engine", f"{spread(walls)}, {min(reused) * 100:.0f} % of the prompt found, at least", value=median(walls),
              target=f"each <= repo-ask + 0.3 s = {shown(same + 0.3)}", met=max(walls) <= same + 0.3)
    if others:
        table.row(server.name, spread(others), value=median(others))


def edit_mid(session):
    """A line inserted in the middle of the context, then a question (exact): seconds to the first word"""
    table = session.table
    size = session.sizes.edited
    context = session.texts.code(size, 0)
    server = session.rival("tuned")
    session.ask(chat(context, session.question()))
    if server is not None:
        rival_ask(server, chat(context, session.question()))
    for percent in (75, 50, 25):
        at = context.index("\n", len(context) * percent // 100) + 1
        prompt = chat(f"{context[:at]}// {session.texts.words(12, session.number())}\n{context[at:]}", session.question())
        ours = session.ask(prompt)
        figure = f"{shown(ours.wall_s)}, {ours.computed} of {ours.usage['prompt_tokens']} tokens computed"
        table.row(f"at {percent} %", figure, value=ours.wall_s)
        if server is not None:
            theirs = rival_ask(server, prompt)
            table.row(f"  {server.name}", f"{shown(theirs.wall_s)}, {theirs.computed} tokens computed", value=theirs.wall_s)


KEYSTROKE_S = 0.12  # a person who types fast
OWN_CHARACTERS = 4  # that a person types who does not follow a suggestion


def cursor_in(session, which):
    """Text before and behind a place where somebody types, and what it will be."""
    code = session.texts.code(400, which)
    begin = code.index("\n", len(code) // 3) + 1
    end = code.index("\n", begin + 60) + 1
    return code[:begin], code[end:end + 600], code[begin:].replace("\n", " ")


def infill(prefix, suffix):
    return {"infill": {"prefix": prefix, "suffix": suffix, "path": "", "repository": "", "files": []}}


def typed_prompts(session, count, which):
    """Infill prompts as they follow each other when `count` characters are typed and nothing is taken over."""
    before, behind, wanted = cursor_in(session, which)
    return [infill(before + wanted[:i], behind) for i in range(1, count + 1)]


def suggest(session, prompt):
    """A completion as `complete` asks for it: of one line, of moved text if need be."""
    return session.engine.connection.generate_all([generate_request(session.small, prompt, 8, priority="completion", reuse="approximate",
                                                                    stop=["\n"])])[0]


def type_text(session, which, keystrokes):
    """Somebody types and follows suggestions: of each that comes after a few characters of their own the first half. Pairs of
    a prompt and its Answer, one for each keystroke."""
    before, behind, wanted = cursor_in(session, which)
    typed, plan, own, answers = "", "", OWN_CHARACTERS, []
    for _ in range(keystrokes):
        began = time.perf_counter()
        if plan:
            typed, plan = typed + plan[0], plan[1:]
        else:
            typed, wanted, own = typed + wanted[0], wanted[1:], own - 1
        prompt = infill(before + typed, behind)
        answers.append((prompt, suggest(session, prompt)))
        if own <= 0 and not plan:
            plan, own = answers[-1][1].text[:len(answers[-1][1].text) // 2], OWN_CHARACTERS
        time.sleep(max(0.0, began + KEYSTROKE_S - time.perf_counter()))
    return answers


def type_40(session):
    """40 keystrokes at one place, a suggestion of 8 tokens after each, with the small model: seconds to the whole suggestion"""
    table = session.table
    table.note(f"a keystroke each {KEYSTROKE_S * 1000:.0f} ms or when the suggestion is there; {OWN_CHARACTERS} characters of one's own, then the first "
               "half of what is suggested, and again")
    cold, known, rest = [], [], []
    for place in range(session.sizes.places):
        answers = type_text(session, 3 + place, session.sizes.keystrokes)
        cold.append(answers[0][1])
        for prompt, answer in answers[1:]:
            (known if answer.wall_s < 0.005 else rest).append((prompt, answer))
    share = len(known) / (len(known) + len(rest))
    table.row("the first at a place", f"{spread([a.wall_s for a in cold])}, {median([a.computed for a in cold]):.0f} tokens computed",
              value=median([a.wall_s for a in cold]))
    table.row("from a cache, < 5 ms", f"{share * 100:.0f} % of {len(known) + len(rest)}, {spread([a.wall_s for _, a in known]) if known else ''}",
              value=share, target=">= 60 %", met=share >= 0.6)
    walls, firsts = [a.wall_s for _, a in rest], [a.first_s for _, a in rest]
    table.row("the rest", spread(walls), value=median(walls), target="p95 < 400 ms", met=p95(walls) < 0.4)
    table.row("  to the first token", spread(firsts), value=median(firsts))
    # What is known may come late, too; what of the rest the model gave says what a keystroke costs.
    given = [a for _, a in rest if a.usage["completion_tokens"] > 1]
    table.row("  by the model", f"{median([a.computed for a in given]):.0f} tokens of the prompt computed, at most "
              f"{max(a.computed for a in given)}; {median([a.token_ms for a in given]):.0f} ms a token of the suggestion")
    server = session.rival("tuned", session.small_path)
    if server is not None:
        # Afterwards: what the engine improves in its idle time would be in its way. Its editors keep what was suggested, too.
        others = [server.infill(prompt["infill"], 8).wall_s for prompt, _ in rest][1:]
        table.row(f"{server.name}, the rest", spread(others), value=median(others))

