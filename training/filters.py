# SPDX-License-Identifier: Apache-2.0
"""Which texts are worth learning: no secrets, nothing that a program wrote, nothing twice."""
import hashlib
import re

LONGEST_LINE = 400
LEAST_BYTES, MOST_BYTES = 200, 120_000
# A file most of whose lines stand in others already is a copy of them with small changes.
MOST_SEEN_LINES = 0.6
# Shorter ones, such as "return 0;", stand everywhere.
LEAST_LINE = 12

SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{35}\b|\beyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\."
    r"|(?i:\b(?:api_?key|secret|passwd|password|token)\b['\"]?\s*[:=]\s*['\"](?=[^'\"]*\d)[A-Za-z0-9+/_=-]{16,}['\"])")
GENERATED = re.compile(
    r"(?i)\b(?:auto-?generated|generated (?:by|from|file|code)|do not edit|machine generated)\b|@generated")
GENERATED_NAMES = re.compile(r"\.min\.|\.pb\.|_pb2\.py$|\.bundle\.|(?:^|/)(?:dist|build|vendor|third_party|umd)/|bindata")


def has_secret(text):
    return SECRETS.search(text) is not None


def is_generated(path, text):
    if GENERATED_NAMES.search(path) or GENERATED.search(text[:1500]):
        return True
    lines = text.split("\n")
    if any(len(line) > LONGEST_LINE for line in lines):
        return True
    words = sum(character.isalpha() or character.isspace() for character in text)
    return words < 0.5 * len(text)  # tables of numbers


def reason_against(path, text):
    """Why a file is left out, or None."""
    if not LEAST_BYTES <= len(text) <= MOST_BYTES:
        return "size"
    if "\0" in text or "\r" in text:
        return "not plain text"
    if has_secret(text):
        return "secret"
    if is_generated(path, text):
        return "generated"
    return None


class SeenLines:
    """Lines of everything taken so far, to tell a copy from a new file."""

    def __init__(self):
        self.lines = set()

    @staticmethod
    def _marks(text):
        lines = (line.strip() for line in text.split("\n"))
        return {hashlib.blake2b(line.encode(), digest_size=8).digest() for line in lines if len(line) >= LEAST_LINE}

    def is_copy(self, text):
        marks = self._marks(text)
        return not marks or len(marks & self.lines) > MOST_SEEN_LINES * len(marks)

    def add(self, text):
        self.lines |= self._marks(text)
