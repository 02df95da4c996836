#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The parts of training/ that decide what is learned, without the libraries that learning needs."""
import pathlib
import random
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

import filters
import fim
import fitting
import licences
import pairs
import prompts
import tokenizer
from syntax_nodes import Node

SOURCE = "int total(int *p, int n) {\n  int s = 0;\n  for (int i = 0; i < n; i++) s += p[i];\n  return s;\n}\n"
COPYRIGHT = """Format: copyright-format/1.0
Upstream-Name: sample

Files: *
Copyright: 2020 Somebody
License: Expat

Files: src/strict/*
 src/other.c
Copyright: 2021 Somebody Else
License: GPL-3+

Files: debian/*
Copyright: 2022 A Packager
License: GPL-2+
"""


class Tokenizer(unittest.TestCase):
    def setUp(self):
        self.tokenizer = tokenizer.Tokenizer.learned([SOURCE] * 3, 320)

    def test_text_comes_back(self):
        for text in (SOURCE, "", "größer 日本 x²\t\r\n\n  end", "emoji 🙂 \u00a0 don't"):
            self.assertEqual(self.tokenizer.decode(self.tokenizer.encode(text)), text)

    def test_names_of_special_tokens_in_text_are_text(self):
        special = set(self.tokenizer.special.values())
        self.assertFalse(special & set(self.tokenizer.encode("<|im_end|> <|fim_middle|>")))

    def test_the_metadata_of_a_model_makes_the_same_tokenizer(self):
        again = tokenizer.Tokenizer.from_metadata(self.tokenizer.metadata())
        self.assertEqual(again.encode(SOURCE), self.tokenizer.encode(SOURCE))
        self.assertEqual(again.special, self.tokenizer.special)

    def test_words_are_cut_as_qwen2_cuts_them(self):
        self.assertEqual(tokenizer.WORDS.findall("x1 = f(a);\n\n  y"), ["x", "1", " =", " f", "(a", ");\n\n", " ", " y"])


class Cuts(unittest.TestCase):
    def nodes(self):
        begin, end = SOURCE.index("{"), SOURCE.rindex("}") + 1
        return [Node("function_definition", 0, end), Node("compound_statement", begin, end)]

    def test_the_parts_are_the_text(self):
        chance = random.Random(1)
        for _ in range(200):
            cut = fim.make_cut(SOURCE, self.nodes(), chance)
            self.assertEqual(cut.prefix + cut.middle + cut.suffix, SOURCE)
            self.assertTrue(cut.middle)

    def test_a_line_ends_where_it_ends(self):
        for seed in range(50):
            cut = fim.cut_line(SOURCE, random.Random(seed))
            self.assertTrue(cut.suffix.startswith("\n"))
            self.assertNotIn("\n", cut.middle)

    def test_a_block_stays_inside_its_brackets(self):
        for seed in range(20):
            cut = fim.cut_block(SOURCE, self.nodes(), random.Random(seed))
            self.assertTrue(cut.middle.endswith("return s;"))
            self.assertEqual(cut.suffix, "\n}\n")

    def test_both_orders_end_with_what_is_wanted(self):
        encoder = tokenizer.Tokenizer.learned([SOURCE], 300)
        cut = fim.cut_line(SOURCE, random.Random(3))
        for order in ("psm", "spm"):
            ids, wanted = fim.encode(cut, encoder, order)
            self.assertEqual(encoder.decode(ids[-wanted:]), cut.middle + "<|endoftext|>")


class Rows(unittest.TestCase):
    def test_what_is_longer_than_the_rest_of_a_row_is_not_taken(self):
        lengths = [900, 40, 300, 41, 2000, 300]
        chosen, chance = fitting.Fitting(lengths), random.Random(1)
        self.assertEqual({chosen.choose(300, chance) for _ in range(200)}, {1, 2, 3, 5})
        self.assertEqual({chosen.choose(40, chance) for _ in range(20)}, {1})
        self.assertIsNone(chosen.choose(39, chance))
        self.assertIsNone(fitting.Fitting([]).choose(39, chance))


class Licences(unittest.TestCase):
    def test_expressions(self):
        for good in ("Expat", "MIT or Apache-2.0", "GPL-2+ or BSD-2-clause", "ISC and Zlib", "public-domain"):
            self.assertTrue(licences.is_permissive(good), good)
        for bad in ("GPL-2+", "MIT and GPL-2", "LGPL-2.1", "CC-BY-SA-4.0", ""):
            self.assertFalse(licences.is_permissive(bad), bad)

    def test_the_last_paragraph_that_matches_holds(self):
        rows = licences.parse_copyright(COPYRIGHT)
        self.assertEqual(licences.find_licence(rows, "src/a.c"), "Expat")
        self.assertEqual(licences.find_licence(rows, "src/strict/a.c"), "GPL-3+")
        self.assertEqual(licences.find_licence(rows, "src/other.c"), "GPL-3+")
        self.assertIsNone(licences.common_licence(rows))

    def test_what_cannot_be_read_is_refused(self):
        with self.assertRaises(licences.NotMachineReadable):
            licences.parse_copyright("This is free software. Have fun.")


class Filters(unittest.TestCase):
    def test_secrets(self):
        key = "AKIA" + "ABCDEFGHIJKLMNOP"
        self.assertTrue(filters.has_secret(f"id = {key}"))
        self.assertTrue(filters.has_secret("api_key = '" + "a1" * 12 + "'"))
        self.assertTrue(filters.has_secret("-----BEGIN RSA " + "PRIVATE KEY-----"))
        self.assertFalse(filters.has_secret("password = input('your password, please')"))

    def test_generated(self):
        self.assertTrue(filters.is_generated("a.go", "// Code generated by stringer. DO NOT EDIT.\n" + SOURCE))
        self.assertTrue(filters.is_generated("jquery.min.js", SOURCE))
        self.assertTrue(filters.is_generated("table.c", "0x12,0x34,0x56,\n" * 50))
        self.assertFalse(filters.is_generated("total.c", "// Adds up what stands in a list.\n" + SOURCE))

    def test_copies(self):
        seen = filters.SeenLines()
        seen.add(SOURCE)
        self.assertTrue(seen.is_copy(SOURCE.replace("return s;", "return 2 * s;")))
        self.assertFalse(seen.is_copy("def other(names):\n    return sorted(names, key=len)\n"))


class Pairs(unittest.TestCase):
    def test_the_prompt_is_the_program_s(self):
        function = pairs.Function("total", SOURCE.rstrip(), "Adds up the n numbers of a list.", 7)
        made = pairs.make_generate("c", function, random.Random(0))
        self.assertTrue(made.question.endswith("\nLanguage: c"), made.question)
        self.assertEqual(made.answer, f"```c\n{SOURCE}```")
        explained = pairs.make_explain("c", "a/total.c", function, random.Random(0))
        self.assertTrue(explained.question.startswith("File `a/total.c`"), explained.question)

    def test_the_message_is_the_compiler_s(self):
        function = pairs.Function("f", "def f(a):\n    return (a + 1)", "", 1)
        made = [pairs.make_debug("python", "f.py", function, random.Random(seed)) for seed in range(40)]
        for pair in filter(None, made):
            self.assertIn("SyntaxError", pair.question)
            self.assertTrue(pair.answer.endswith(f"```python\n{function.code}\n```"))
        self.assertTrue(any(made))

    def test_an_answer_with_fences_in_it_is_fenced_longer(self):
        self.assertTrue(prompts.fenced("a ``` b", "text").startswith("````text\n"))


if __name__ == "__main__":
    unittest.main()
