// SPDX-License-Identifier: Apache-2.0
#include "language_server/frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oc::language_server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Read {
  std::vector<std::string> bodies;
  std::string error;
  std::size_t garbage = 0;
};

Read read_in_pieces(std::string_view bytes, std::size_t piece, FrameLimits limits = {}) {
  FrameReader reader(limits);
  Read read;
  for (std::size_t at = 0; at < bytes.size() && read.error.empty(); at += piece) {
    reader.add(bytes.substr(at, piece));
    while (true) {
      const auto body = reader.next();
      if (!body) read.error = body.error().message;
      if (!body || !*body) break;
      read.bodies.push_back(**body);
    }
  }
  read.garbage = reader.garbage();
  return read;
}

TEST(Frames, AreReadAsTheyWereMadeWhateverThePieces) {
  const std::string bytes = make_frame("{}") + make_frame("") + make_frame("{\"a\":\"\r\n\r\n\"}");
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    const Read read = read_in_pieces(bytes, piece);
    EXPECT_THAT(read.bodies, ElementsAre("{}", "", "{\"a\":\"\r\n\r\n\"}"));
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.garbage, 0U);
  }
}

TEST(Frames, OtherFieldsAndOtherSpellingsAreFine) {
  EXPECT_THAT(read_in_pieces("Content-Type: x\r\ncontent-length:2\r\n\r\nab", 1).bodies, ElementsAre("ab"));
  EXPECT_THAT(read_in_pieces("Content-Length:  2 \r\nContent-Type: x\r\n\r\nab", 5).bodies, ElementsAre("ab"));
  EXPECT_THAT(read_in_pieces("Content-Length: 2\n\nab", 1).bodies, ElementsAre("ab"));
}

TEST(Frames, TextInBetweenIsPassedOverAndCounted) {
  const Read read = read_in_pieces("hello\n" + make_frame("a") + "Loading…" + make_frame("b") + "\nbye\n", 3);
  EXPECT_THAT(read.bodies, ElementsAre("a", "b"));
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.garbage, 6 + std::string("Loading…").size() + 4);
}

TEST(Frames, HaveLimits) {
  EXPECT_THAT(read_in_pieces("Content-Length: 11\r\n\r\n", 4, {100, 10, 100}).error, HasSubstr("11 bytes"));
  EXPECT_THAT(read_in_pieces(std::string(200, 'x'), 9, {100, 10, 1000}).error, HasSubstr("too long"));
  EXPECT_THAT(read_in_pieces(std::string(200, 'x') + "\n", 1000, {100, 10, 1000}).error, HasSubstr("too long"));
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "garbage\n";
  EXPECT_THAT(read_in_pieces(lines, 50, {100, 10, 100}).error, HasSubstr("text instead of messages"));
  std::string header = "Content-Length: 1\r\n";
  for (int i = 0; i < 50; ++i) header += "X: yyyyyyyyyy\r\n";
  EXPECT_THAT(read_in_pieces(header, 50, {100, 10, 1000}).error, HasSubstr("too long"));
}

TEST(Frames, HeadersThatMakeNoSenseAreErrors) {
  for (const std::string length : {"", "-1", "x", "1x", "0x10", "99999999999999999999999", "1 2"})
    EXPECT_NE(read_in_pieces("Content-Length: " + length + "\r\n\r\nab", 100).error, "") << length;
  EXPECT_NE(read_in_pieces("Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 100).error, "");
}

}  // namespace
}  // namespace oc::language_server
