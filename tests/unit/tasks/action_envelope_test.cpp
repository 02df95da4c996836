// SPDX-License-Identifier: Apache-2.0
// What models write when they want something done, in all the ways they do; and what is none of it.
#include "tasks/action_envelope.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tasks/tool_call.hpp"

namespace oc::tasks {
namespace {

using enum ActionKind;

Action make(ActionKind kind, std::string target, std::string body = "") {
  return {kind, std::move(target), std::move(body)};
}

TEST(ActionEnvelope, TheLineAndItsBody) {
  EXPECT_EQ(parse_action("read src/a.py:10-40\n"), make(read, "src/a.py:10-40"));
  EXPECT_EQ(parse_action("\nread: src/a.py"), make(read, "src/a.py"));
  EXPECT_EQ(parse_action("`symbol Cart.total`\n"), make(symbol, "Cart.total"));
  EXPECT_EQ(parse_action("search where are totals made\n"), make(search, "where are totals made"));
  EXPECT_EQ(parse_action("run pytest -q tests/test_cart.py\n"), make(run, "pytest -q tests/test_cart.py"));
  EXPECT_EQ(parse_action("answer\nIt greets.\n"), make(answer, "", "It greets.\n"));
  EXPECT_EQ(parse_action("edit a.py\n```python\nx = 1\n```\n"), make(edit, "a.py", "```python\nx = 1\n```\n"));
}

TEST(ActionEnvelope, SentencesAreAnswers) {
  for (const std::string text :
       {"It greets.", "Read the file first.", "read the file first, then run it.", "answer the question yourself",
        "run it\nand look what happens", "read src/a.py\nThat file has it.", "symbol", "edit", "", "\n\n",
        "{\"name\": \"shop\", \"version\": 1}", "```json\n{\"arguments\": {}}\n```"})
    EXPECT_EQ(parse_action(text), make(answer, "", text)) << text;
}

TEST(ActionEnvelope, TheWaysInWhichQwenWritesCallsOfTools) {
  const Action wanted = make(read, "src/a.py");
  const std::string json = R"({"name": "read", "arguments": {"path": "src/a.py"}})";
  for (const std::string& text :
       {"<tool_call>\n" + json + "\n</tool_call>", "<tool_call>\n" + json, json, json + "\n</tool_call>",
        "```json\n" + json + "\n```", "```\n" + json + "\n```\n", "I look at it.\n\n" + json, "answer\n" + json,
        "answer\nLet me see.\n<tool_call>" + json + "</tool_call>\nDone.",
        std::string(R"({"name": "read_file", "parameters": "{\"file\": \"src/a.py\"}"})"),
        std::string(R"({"function": {"name": "read", "arguments": {"file_path": "src/a.py"}}})"),
        std::string(R"({"action": "cat", "input": "src/a.py"})"),
        std::string("<function=read>\n<parameter=path>\nsrc/a.py\n</parameter>\n</function>")})
    EXPECT_EQ(parse_action(text), wanted) << text;
  EXPECT_EQ(parse_action(R"({"name":"read","arguments":{"path":"a.py","start_line":3,"end_line":9}})"),
            make(read, "a.py:3-9"));
  EXPECT_EQ(parse_action(R"({"name":"grep","arguments":{"pattern":"total("}})"), make(search, "total("));
  EXPECT_EQ(parse_action(R"({"name":"bash","arguments":{"command":"make test\nrm x"}})"), make(run, "make test"));
  EXPECT_EQ(parse_action(R"({"name":"final_answer","arguments":{"text":"Yes."}})"), make(answer, "", "Yes."));
  EXPECT_EQ(parse_action(R"({"name":"browse","arguments":{"url":"x"}})"), make(other, "browse"));
}

TEST(ActionEnvelope, CodeInsideJsonWithRawLineEnds) {
  EXPECT_EQ(parse_action("{\"name\": \"write_file\", \"arguments\": {\"path\": \"a.py\", \"content\": \"def "
                         "f():\n\treturn \\\"x\\\"\n\"}}"),
            make(edit, "a.py", "```\ndef f():\n\treturn \"x\"\n```\n"));
}

TEST(ActionEnvelope, WordsAreShownAsSoonAsTheyAreWords) {
  const auto shown = [](std::string_view so_far) { return words_for_user(so_far); };
  for (const std::string_view text : {"", "a", "answ", "answer", "read src/a.py", "read src/a.py\n", "run it",
                                      "answer\n{", "answer\n<tool", "answer\n```json\n{\"name\"", "edit a.py\n```\nx"})
    EXPECT_EQ(shown(text), std::nullopt) << text;
  EXPECT_EQ(shown("answer\nIt"), "It");
  EXPECT_EQ(shown("answer\n```python\n"), "```python\n");
  EXPECT_EQ(shown("It gr"), "It gr");
  EXPECT_EQ(shown("I look.\n<tool"), "I look.\n");
  EXPECT_EQ(shown("I look.\n<tool_call>\n{"), "I look.\n");
  EXPECT_EQ(shown("a < b\n<b>"), "a < b\n<b>");
  EXPECT_EQ(shown("run it\nand look"), "run it\nand look");
}

TEST(ActionEnvelope, TheGrammarHasAllActionsOrTheAnswerAlone) {
  EXPECT_NE(action_grammar(Allowed::all_actions).find("root ::= answer | read"), std::string::npos);
  EXPECT_EQ(action_grammar(Allowed::answer_alone).find("read"), std::string::npos);
}

// Whatever bytes come: no crash, a target of one line, and what was shown while they came is a part of what comes out.
TEST(ActionEnvelope, Fuzz) {
  const std::vector<std::string> parts = {"answer",
                                          "read",
                                          "edit",
                                          "run",
                                          "symbol",
                                          "search",
                                          " ",
                                          "\n",
                                          "\r",
                                          "a.py",
                                          ":1-2",
                                          "```",
                                          "json",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          "\"",
                                          "\\",
                                          ":",
                                          ",",
                                          "name",
                                          "arguments",
                                          "\"name\":\"read\"",
                                          "\"arguments\":{\"path\":\"x\"}",
                                          "<tool_call>",
                                          "</tool_call>",
                                          "<function=",
                                          "<parameter=",
                                          ">",
                                          "</parameter>",
                                          "\xc3",
                                          "\xa4",
                                          "\0x",
                                          "\x1b[31m",
                                          "9999999999999999999999",
                                          "-1",
                                          "null",
                                          "true",
                                          "é"};
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 24; i > 0; --i) text += parts[random() % parts.size()];
    const Action action = parse_action(text);
    EXPECT_EQ(action.target.find('\n'), std::string::npos);
    if (action.kind == answer || action.kind == other) continue;
    EXPECT_EQ(parse_action(action_line(action) + "\n" + action.body).kind == other, false);
  }
  const std::string deep(200'000, '{');
  EXPECT_EQ(parse_action(deep).kind, answer);
  EXPECT_EQ(parse_action("{\"name\":\"read\",\"arguments\":" + std::string(100'000, '[')).kind, answer);
}

}  // namespace
}  // namespace oc::tasks
