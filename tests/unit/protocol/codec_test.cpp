// SPDX-License-Identifier: Apache-2.0
#include "protocol/codec.hpp"

#include <gtest/gtest.h>

#include <random>

namespace oc::protocol {
namespace {

Generate sample_generate() {
  Generate g;
  g.model = {ModelReference::Kind::gguf, "/models/a b.gguf", 4096, 3, "/models/small.gguf"};
  g.prompt = ChatPrompt{{{Role::system, "be careful"}, {Role::user, "żółw \"quoted\"\n\t😀"}}, "```python\n"};
  g.sampling = {0.5, 20, 0.9, 0.1, 4'000'000'000u, "root ::= \"a\""};
  g.max_tokens = base::TokenCount(77);
  g.stop = {"\n```", "END"};
  g.priority = Priority::completion;
  g.alternatives = 3;
  g.endings = {"first?", "", "漢?"};
  g.subject = "file a.py";
  g.guesses = Guesses::none;
  g.power = Power::mains;
  return g;
}

TEST(RequestCodec, GenerateComesBackAsItWas) {
  const std::string line = encode(Request{42, sample_generate()});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto decoded = decode_request(line);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->id, 42u);
  const auto& g = std::get<Generate>(decoded->body);
  EXPECT_EQ(g.model, sample_generate().model);
  EXPECT_EQ(std::get<ChatPrompt>(g.prompt).segments[1].text, "żółw \"quoted\"\n\t😀");
  EXPECT_EQ(std::get<ChatPrompt>(g.prompt).answer_start, "```python\n");
  EXPECT_EQ(g.sampling.seed, 4'000'000'000u);
  EXPECT_EQ(g.stop, sample_generate().stop);
  EXPECT_EQ(g.priority, Priority::completion);
  EXPECT_EQ(g.alternatives, 3);
  EXPECT_EQ(g.endings, sample_generate().endings);
  EXPECT_EQ(g.subject, "file a.py");
  EXPECT_EQ(g.guesses, Guesses::none);
  EXPECT_EQ(g.power, Power::mains);
  EXPECT_EQ(encode(*decoded), line);
}

TEST(RequestCodec, EveryRequestRoundTrips) {
  const ModelReference model{ModelReference::Kind::script, "/s", 0, 0, {}};
  const std::vector<Request> requests{
      {1, Hello{1, "0.1.0"}},
      {2, Load{model, Priority::completion}},
      {3, Count{model, {RawPrompt{"x"}, InfillPrompt{"p", "s", "a.py", "repo", {{"b.py", "t"}}}}, Priority::batch}},
      {8, Forecast{model, RawPrompt{"x"}, Priority::idle}},
      {4, Tokenize{model, "text", ParseSpecial::yes}},
      {5, Cancel{3}},
      {6, Status{}},
      {7, Shutdown{"why"}}};
  for (const Request& request : requests) {
    const auto decoded = decode_request(encode(request));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->body.index(), request.body.index());
    EXPECT_EQ(encode(*decoded), encode(request));
  }
}

TEST(ReplyCodec, EveryReplyRoundTrips) {
  ModelFacts facts;
  facts.name = "n";
  facts.parameters = 7'600'000'000;
  facts.infill = true;
  Generated generated;
  generated.usage.cached = base::TokenCount(5);
  generated.stop = StopReason::context_full;
  generated.is_approximate = true;
  generated.alternatives = {{generated.usage, {}, StopReason::end}, {{}, {1, 2, 3, 4}, StopReason::stop_text}};
  const std::vector<Reply> replies{{1, HelloReply{1, "v", "/e", 7, 9}},
                                   {2, Progress{Progress::Stage::forecast, 3, 9, 1.5}},
                                   {3, AnswerText{"漢", 0}},
                                   {3, AnswerText{"漢", 7}},
                                   {4, Loaded{facts, 4096, 2, 1.5}},
                                   {5, Counted{{base::TokenCount(3), base::TokenCount(0)}}},
                                   {6, Tokenized{{{7, "a"}}}},
                                   {7, generated},
                                   {7, Calibrated{2, 4, true, {{1, 40.5}}, 16, 64, false}},
                                   {8, StatusReply{}},
                                   {9, Acknowledged{}},
                                   {10, Failed{{base::ErrorKind::too_large, "m", "h"}}}};
  for (const Reply& reply : replies) {
    const auto decoded = decode_reply(encode(reply));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->body.index(), reply.body.index());
    EXPECT_EQ(encode(*decoded), encode(reply));
  }
}

TEST(RequestCodec, SaysWhichFieldIsWrong) {
  const auto message = [](const char* line) { return decode_request(line).error().message; };
  EXPECT_NE(message(R"({"id":1,"type":"generate","prompt":{"raw":"x"},"max_tokens":"many"})").find("'max_tokens'"),
            std::string::npos);
  EXPECT_NE(message(R"({"id":1,"type":"generate","prompt":{}})").find("'chat'"), std::string::npos);
  EXPECT_NE(message(R"({"id":1,"type":"dance"})").find("dance"), std::string::npos);
  EXPECT_NE(message(R"({"id":1,"type":"generate","prompt":{"raw":"x"},"priority":"now"})").find("now"),
            std::string::npos);
  const std::string much(k_most_tokenized + 1, 'x');
  EXPECT_NE(message(encode(Request{1, Tokenize{{}, much, ParseSpecial::no}}).c_str()).find("too long"),
            std::string::npos);
  EXPECT_FALSE(decode_request("[]"));
  EXPECT_FALSE(decode_request(""));
  EXPECT_EQ(decode_request("nonsense").error().kind, base::ErrorKind::engine);
}

TEST(RequestCodec, TextThatIsNotUtf8IsRepaired) {
  const auto decoded = decode_request(encode(Request{1, Tokenize{{}, "a\xFFz", ParseSpecial::no}}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<Tokenize>(decoded->body).text, "a\xEF\xBF\xBDz");
}

TEST(RequestCodec, NoDamageCrashesIt) {
  const std::string good = encode(Request{42, sample_generate()});
  std::mt19937 random(11);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string line = good;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      const std::size_t at = random() % line.size();
      switch (random() % 3) {
        case 0: line[at] = static_cast<char>(random()); break;
        case 1: line.erase(at, 1 + random() % 20); break;
        default: line.insert(at, 1, "{}[]\":,0-"[random() % 9]);
      }
      if (line.empty()) line = "x";
    }
    if (!decode_request(line)) ++refused;
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace oc::protocol
