# SPDX-License-Identifier: Apache-2.0
"""Which files of a Debian package may be learned from, by its machine-readable debian/copyright (DEP-5)."""
import fnmatch
import re

PERMISSIVE = {
    "0bsd", "apache", "apache-2", "apache-2.0", "bsd", "bsd-2-clause", "bsd-2-clauses", "bsd-3-clause", "bsd-3-clauses",
    "bsd-3", "bsd-2", "boost", "bsl-1.0", "cc0", "cc0-1.0", "curl", "expat", "isc", "mit", "mit-0", "public-domain",
    "unlicense", "x11", "zlib", "zlib/libpng",
}


class NotMachineReadable(ValueError):
    """A copyright file that only a lawyer can read: its package is left out."""


def is_permissive(expression):
    """`A or B`: one of them is enough; `A and B`, `A, B`: all have to be."""
    alternatives = re.split(r"\s+or\s+", expression.strip().lower())
    for alternative in alternatives:
        names = [name for name in re.split(r"\s+and\s+|,\s*", alternative.strip(" ,")) if name]
        if names and all(name.strip() in PERMISSIVE for name in names):
            return True
    return False


def parse_copyright(text):
    """[(patterns of files, short name of the licence)], in the order of the file: the last that matches holds."""
    if "copyright-format" not in text[:2000] and "\nFiles:" not in text:
        raise NotMachineReadable
    rows = []
    for paragraph in re.split(r"\n\s*\n", text):
        fields = re.findall(r"^([A-Za-z-]+):((?:.*)(?:\n[ \t]+.*)*)", paragraph, re.MULTILINE)
        values = {name.lower(): value for name, value in fields}
        if "files" in values and "license" in values:
            licence = values["license"].strip().split("\n")[0].strip()
            rows.append((values["files"].split(), licence))
    if not rows:
        raise NotMachineReadable
    return rows


def find_licence(rows, path):
    """The licence of one file of a source package, or None where nothing is said of it."""
    found = None
    for patterns, licence in rows:
        if any(fnmatch.fnmatchcase(path, pattern.removeprefix("./")) for pattern in patterns):
            found = licence
    return found


def common_licence(rows):
    """For packages whose files no longer lie where the patterns say: all licences, if every one is permissive."""
    licences = [licence for patterns, licence in rows if any(not pattern.startswith("debian/") for pattern in patterns)]
    if licences and all(is_permissive(licence) for licence in licences):
        return " / ".join(sorted(set(licences)))
    return None
