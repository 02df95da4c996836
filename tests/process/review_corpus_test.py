#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A model that tells of seeded defects, and of what is not there: review keeps the first and drops the second."""
import collections
import contextlib
import json
import subprocess

from programs import REPOSITORY, ProcessTest, main
from review_corpus import all_defects

# rule → (severity, question)
ITEMS = {}
for item in (REPOSITORY / "prompts" / "review_items.md").read_text().splitlines():
    item_rule, item_severity, item_question = (part.strip() for part in item.split("|", 2))
    ITEMS[item_rule] = (item_severity, item_question)

DEFECTS = all_defects()
GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]


def true_line(defect):
    return f"{defect.path}:{defect.line} | {defect.quote} | {defect.failure}"


def invented_lines(defect):
    """(line, why it is dropped) of what is wrong about the defective file."""
    place = f"{defect.path}:{defect.line}"
    return [(f"{place} | {defect.mended} | an empty input: it fails here", "without_quote"),
            (f"{place} | total = compute_everything(now) | now is older than the total", "without_quote"),
            (f"{place} | | an empty input: it fails there", "without_quote"),
            (f"{place} | }} | nothing comes after the end", "without_quote"),
            (f"elsewhere/{defect.path} | {defect.quote} | an empty input: it fails", "without_form"),
            (f"elsewhere/{defect.path}:{defect.line} | {defect.quote} | an empty input: it fails", "elsewhere"),
            (f"{place} | {defect.quote}", "without_form"),
            (f"{place} | {defect.quote} | ", "without_failure"),
            (f"{place} | {defect.unchanged} | this is correct for all inputs", "without_failure")]


class SeededDefects(ProcessTest):
    def review(self, answers, *words):
        """What a model that answers these lines to these rules leads to: the model's findings, and the JSON about it."""
        self.runs = getattr(self, "runs", 0) + 1
        # By its question: in which order they come is not promised.
        script = [{"for": f"of this kind alone: {question}", "answer": "\n".join(answers.get(rule, ["none"]))}
                  for rule, (_, question) in ITEMS.items()]
        path = self.root / f"script{self.runs}"
        path.write_text("\n".join(json.dumps(line) for line in script) + "\n")
        done = self.run_client("review", "--script", path, "--no-linters", "--format", "json", *words)
        self.assert_done(done)
        result = json.loads(done.out)
        self.assertNotIn("error", result["model"], done)
        return [finding for finding in result["findings"] if finding["source"] == "model"], result["model"]

    def write(self, defect, text):
        path = self.work / defect.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *words):
        subprocess.run([*GIT, *words], cwd=self.work, check=True, stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def at_work(self, defect):
        """The defective file is there; a failure is told and the next defect has its turn."""
        self.write(defect, defect.text)
        with self.subTest(defect.name):
            yield
        (self.work / defect.path).unlink()

    def assert_is_the_finding(self, defect, findings):
        self.assertEqual(len(findings), 1, findings)
        del findings[0]["fingerprint"]
        self.assertEqual(findings[0], {
            "path": defect.path, "lines": [defect.line, defect.line], "severity": ITEMS[defect.rule][0],
            "confidence": "medium", "source": "model", "rule": defect.rule, "symbol": defect.symbol,
            "message": defect.failure, "quote": defect.quote})

    def test_the_corpus_is_what_it_promises(self):
        kinds = collections.Counter(defect.kind for defect in DEFECTS)
        self.assertEqual(len({defect.language for defect in DEFECTS}), 6)
        self.assertEqual((len(kinds), set(kinds.values())), (10, {6}))
        self.assertEqual({defect.rule for defect in DEFECTS}, set(ITEMS))

    def test_true_findings_survive_and_invented_ones_are_dropped(self):
        for defect in DEFECTS:
            with self.at_work(defect):
                invented = invented_lines(defect)
                # The same again, as small models repeat themselves, and once more as the answer to another question.
                alike = [rule for rule in ITEMS if rule != defect.rule and ITEMS[rule][0] == ITEMS[defect.rule][0]]
                other = alike[0] if alike else "wrong-condition"
                again = [f"- {defect.path}:{defect.line + 1} | `{defect.quote}` | {defect.failure.upper()}!"] if alike else []
                third = next(rule for rule in ITEMS if rule not in (defect.rule, other))
                findings, model = self.review({defect.rule: [true_line(defect), true_line(defect)],
                                               other: again + [line for line, _ in invented[:4]],
                                               third: [line for line, _ in invented[4:]]}, defect.path)
                self.assert_is_the_finding(defect, findings)
                expected = dict.fromkeys(model["dropped"], 0) | collections.Counter(why for _, why in invented)
                self.assertEqual(model["dropped"], expected)

    def test_what_is_true_of_the_defect_is_dropped_where_it_is_told_of_the_clean_twin(self):
        for defect in DEFECTS:
            with self.at_work(defect):
                self.write(defect, defect.twin)
                told = [true_line(defect), f"{defect.quote} | {defect.quote} | {defect.failure}",
                        f"{defect.path} line {defect.line} | {defect.quote} | {defect.failure}",
                        f"{defect.line} | {defect.quote} | {defect.failure}"]
                findings, model = self.review({defect.rule: told}, defect.path)
                self.assertEqual(findings, [])
                self.assertEqual((sum(model["dropped"].values()), model["dropped"]["without_quote"]), (4, 2), model)

    def test_of_a_change_only_its_lines_may_be_objected_to(self):
        self.git("init", "-q")
        for defect in DEFECTS:
            with self.at_work(defect):
                self.write(defect, defect.twin)
                self.git("add", ".")
                self.git("commit", "-qm", defect.name)
                self.write(defect, defect.text)
                old = f"{defect.path}:{defect.line} | {defect.unchanged} | an empty input: it fails here"
                findings, model = self.review({defect.rule: [true_line(defect), old]}, "--diff")
                self.assert_is_the_finding(defect, findings)
                self.assertEqual((sum(model["dropped"].values()), model["dropped"]["without_quote"]), (1, 1), model)

    def test_an_old_defect_beside_a_change_is_not_told(self):
        self.git("init", "-q")
        for defect in DEFECTS:
            with self.at_work(defect):
                self.git("add", ".")
                self.git("commit", "-qm", defect.name)
                comment = "#" if defect.language == "python" else "//"
                self.write(defect, f"{comment} Seen by two people.\n{defect.text}")
                findings, model = self.review({defect.rule: [true_line(defect)]}, "--diff", "HEAD")
                self.assertEqual((findings, model["dropped"]["without_quote"]), ([], 1), model)


if __name__ == "__main__":
    main()
