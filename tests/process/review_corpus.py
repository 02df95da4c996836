# SPDX-License-Identifier: Apache-2.0
"""The seeded defects of tests/corpus/review, read (its README.md says how they are written down)."""
import dataclasses
import re

from programs import REPOSITORY

FOLDER = REPOSITORY / "tests" / "corpus" / "review"


@dataclasses.dataclass
class Defect:
    language: str
    kind: str
    rule: str
    path: str
    symbol: str
    failure: str  # what a true finding says
    text: str  # of the defective file
    twin: str
    line: int  # of `text`, from 1
    quote: str  # that line without blanks at its ends
    mended: str  # a line of the twin alone
    unchanged: str  # a line of both

    @property
    def name(self):
        return f"{self.language}: {self.kind}"


def read_defect(language, section):
    head, diff = section.split("\n```diff\n")
    fields = dict(re.findall(r"^- (\w+): (.*)$", head, re.MULTILINE))
    lines = diff[:diff.index("\n```")].split("\n")
    text = [line[1:] for line in lines if not line.startswith("+")]
    twin = [line[1:] for line in lines if not line.startswith("-")]
    gone = [line[1:].strip() for line in lines if line.startswith("-")]
    come = [line[1:].strip() for line in lines if line.startswith("+")]
    path, _, symbol = fields["place"].partition(", ")
    quote = fields.get("line", gone[0])
    stripped = [line.strip() for line in text]
    return Defect(language=language, kind=head.split("\n")[0], rule=fields["rule"], path=path, symbol=symbol,
                  failure=fields["failure"], text="\n".join(text) + "\n", twin="\n".join(twin) + "\n",
                  line=stripped.index(quote) + 1, quote=quote,
                  # The longest tell most: a brace says nothing of where it stands.
                  mended=max((line for line in come if line not in stripped), key=len),
                  unchanged=max((line[1:].strip() for line in lines if line.startswith(" ")
                                 if stripped.count(line[1:].strip()) == 1), key=len))


def all_defects():
    return [read_defect(file.stem, section) for file in sorted(FOLDER.glob("*.md")) if file.stem != "README"
            for section in file.read_text(encoding="utf-8").split("\n## ")[1:]]
