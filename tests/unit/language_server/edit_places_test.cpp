// SPDX-License-Identifier: Apache-2.0
#include "language_server/edit_places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oc::language_server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string k_text = "load(x)\n😀 = load + upload\nloads(\"load\")\n";

std::expected<std::vector<NameRange>, Refusal> places(const TextRange& range, const std::string& text,
                                                      const Names& names = {"load", "read"}) {
  return places_of_edit(k_text, TextPositions(k_text, PositionUnit::utf16), {range, text}, names);
}

std::string refusal(const TextRange& range, const std::string& text) {
  const auto found = places(range, text);
  return found ? "" : found.error().reason;
}

TEST(EditPlaces, TheNameItselfIsAPlace) {
  EXPECT_THAT(*places({{0, 0}, {0, 4}}, "read"), ElementsAre(NameRange{0, 4}));
  const std::size_t second = k_text.find("= load") + 2;
  EXPECT_THAT(*places({{1, 5}, {1, 9}}, "read"), ElementsAre(NameRange{second, second + 4}));
  EXPECT_THAT(*places({{0, 0}, {0, 4}}, "load: read"), ElementsAre(NameRange{0, 4}));
}

TEST(EditPlaces, AnythingElseIsRefused) {
  EXPECT_EQ(refusal({{0, 0}, {0, 4}}, "evil"), "it would put something else there");
  EXPECT_EQ(refusal({{0, 0}, {0, 4}}, ""), "it would put something else there");
  EXPECT_EQ(refusal({{0, 1}, {0, 4}}, "read"), "the old name does not stand there");
  EXPECT_EQ(refusal({{0, 5}, {0, 5}}, "read"), "the old name does not stand there");
  EXPECT_EQ(refusal({{1, 14}, {1, 18}}, "read"), "the old name does not stand there");  // in "upload"
  EXPECT_EQ(refusal({{2, 0}, {2, 4}}, "read"), "the old name does not stand there");    // in "loads"
  EXPECT_EQ(refusal({{1, 1}, {1, 5}}, "read"), "its range is no range of this text");   // within the emoji
  EXPECT_EQ(refusal({{1, 5}, {1, 1}}, "read"), "its range is no range of this text");
  EXPECT_EQ(refusal({{1, 5}, {1, 0}}, "read"), "its range ends before it begins");
  EXPECT_EQ(refusal({{-1, 0}, {0, 4}}, "read"), "its range is no range of this text");
}

TEST(EditPlaces, AWholeFileIsReadWordByWord) {
  const std::string after = "read(x)\n😀 = load + upload\nloads(\"read\")\n";
  EXPECT_THAT(*places({{0, 0}, {9, 0}}, after),
              ElementsAre(NameRange{0, 4}, NameRange{k_text.find("\"load") + 1, k_text.find("\"load") + 5}));
  EXPECT_THAT(*places({{0, 0}, {9, 0}}, k_text), IsEmpty());
  std::string with_returns = after;
  for (std::size_t at = 0; (at = with_returns.find('\n', at)) != std::string::npos; at += 2)
    with_returns.insert(at, "\r");
  EXPECT_EQ(places({{0, 0}, {9, 0}}, with_returns)->size(), 2U);
  EXPECT_EQ(refusal({{0, 0}, {9, 0}}, after + "import evil\n"), "it would change more than the name");
  EXPECT_EQ(refusal({{0, 0}, {9, 0}}, "read(y)\n😀 = load + upload\nloads(\"load\")\n"),
            "it would change more than the name");
  EXPECT_EQ(refusal({{0, 0}, {9, 0}}, "read(x)\n"), "it would change more than the name");
  EXPECT_EQ(refusal({{0, 0}, {9, 0}}, ""), "it would change more than the name");
}

TEST(EditPlaces, ALongerNameOfTheSameBeginningIsNoTrouble) {
  const std::string text = "value(value2, value)";
  const auto found = places_of_edit(text, TextPositions(text, PositionUnit::utf8),
                                    {{{0, 0}, {0, 20}}, "value2(value2, value2)"}, {"value", "value2"});
  EXPECT_THAT(*found, ElementsAre(NameRange{0, 5}, NameRange{14, 19}));
}

TEST(Answers, EditsInBothForms) {
  const std::string edit =
      R"({"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":6}},"newText":"b"})";
  for (const std::string& json :
       {R"({"changes":{"file:///a":[)" + edit + "]}}",
        R"({"documentChanges":[{"textDocument":{"uri":"file:///a","version":null},"edits":[)" + edit +
            R"(]},{"kind":"rename","oldUri":"a","newUri":"b"}]})"}) {
    const WorkspaceEdit found = parse_workspace_edit(json);
    ASSERT_EQ(found.files.size(), 1U);
    EXPECT_EQ(found.files[0].uri, "file:///a");
    ASSERT_EQ(found.files[0].edits.size(), 1U);
    EXPECT_EQ(found.files[0].edits[0].range, (TextRange{{1, 2}, {1, 6}}));
    EXPECT_EQ(found.files[0].edits[0].text, "b");
    EXPECT_EQ(found.unreadable, 0);
  }
}

TEST(Answers, WhatIsNoEditIsCountedAndNoMore) {
  EXPECT_TRUE(parse_workspace_edit("null").files.empty());
  for (const std::string json :
       {"[]", "7", "{\"changes\":{\"file:///a\":7}}", "{\"documentChanges\":[7]}", "{\"documentChanges\":[{}]}",
        "{\"changes\":{\"file:///a\":[{}]}}", "{\"changes\":{\"file:///a\":[{\"range\":{},\"newText\":\"x\"}]}}",
        "{\"changes\":{\"file:///a\":[{\"range\":{\"start\":{\"line\":1.5,\"character\":0},\"end\":{\"line\":\"x\"}},"
        "\"newText\":7}]}}",
        "{\"documentChanges\":[{\"textDocument\":7,\"edits\":[]}]}", "not json"})
    EXPECT_GT(parse_workspace_edit(json).unreadable, 0) << json;
  EXPECT_EQ(parse_workspace_edit(R"({"changes":7})").files.size(), 0U);
}

TEST(Answers, LocationsAndLinks) {
  const std::string range = R"({"start":{"line":1,"character":2},"end":{"line":1,"character":18446744073709551615}})";
  EXPECT_EQ(parse_locations(R"({"uri":"a","range":)" + range + "}").size(), 1U);
  const auto links =
      parse_locations(R"([{"targetUri":"a","targetRange":0,"targetSelectionRange":)" + range + "},7,null]");
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0].range.end.character, 2'147'483'647);
  EXPECT_TRUE(parse_locations("null").empty());
  EXPECT_TRUE(parse_locations("[[]]").empty());
}

TEST(Answers, AbilitiesAndUnits) {
  const auto abilities = parse_abilities(
      R"({"capabilities":{"renameProvider":{"prepareProvider":true},"referencesProvider":false,"positionEncoding":"utf-8"}})");
  EXPECT_TRUE(abilities.renames);
  EXPECT_FALSE(abilities.finds_references);
  EXPECT_EQ(abilities.unit, PositionUnit::utf8);
  EXPECT_EQ(parse_abilities(R"({"capabilities":{},"offsetEncoding":"utf-8"})").unit, PositionUnit::utf8);
  EXPECT_EQ(parse_abilities(R"({"capabilities":{"positionEncoding":7}})").unit, PositionUnit::utf16);
  EXPECT_FALSE(parse_abilities("7").renames);
}

}  // namespace
}  // namespace oc::language_server
