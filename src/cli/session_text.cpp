// SPDX-License-Identifier: Apache-2.0
#include "cli/session_text.hpp"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "tasks/action_envelope.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;
using sessions::Session;
using sessions::Turn;
using sessions::TurnState;

Json to_json(const Session& session) {
  return {{"id", session.id},       {"workspace", base::to_utf8(session.workspace)},
          {"title", session.title}, {"made", session.made_s},
          {"used", session.used_s}, {"turns", session.turns}};
}

Json to_json(const Turn& turn) {
  Json pieces = Json::array();
  Json actions = Json::array();
  for (const sessions::TurnPiece& piece : turn.pieces) {
    const bool is_action = piece.form == sessions::PieceForm::action;
    if (is_action) actions.push_back({{"action", piece.reason}, {"result", piece.text}});
    else
      pieces.push_back({{"path", piece.path},
                        {"lines", {piece.first_line, piece.last_line}},
                        {"reason", piece.reason},
                        {"text", piece.text}});
  }
  return {{"turn", turn.id},
          {"asked", turn.asked_s},
          {"question", turn.question},
          {"answer", turn.answer},
          {"state", to_string(turn.state)},
          {"model", turn.model},
          {"pieces", std::move(pieces)},
          {"actions", std::move(actions)}};
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

const char* mark_of(TurnState state) {
  switch (state) {
    case TurnState::open: return "*(the answer was never finished)*";
    case TurnState::stopped: return "*(stopped here)*";
    case TurnState::cut: return "*(cut here by the limit of tokens)*";
    case TurnState::failed: return "*(no answer: it failed)*";
    case TurnState::done: return nullptr;
  }
  return nullptr;
}

std::string pieces_line(const Turn& turn) {
  std::string line;
  for (const sessions::TurnPiece& piece : turn.pieces) {
    if (piece.path.empty() || piece.form == sessions::PieceForm::action) continue;
    line += fmt::format("{}{}:{}-{}", line.empty() ? "" : ", ", piece.path, piece.first_line, piece.last_line);
  }
  return line.empty() ? "" : fmt::format("*With {}*\n\n", line);
}

// Each as code: it is a model's text.
std::string actions_text(const Turn& turn) {
  std::string text;
  for (const sessions::TurnPiece& piece : turn.pieces)
    if (piece.form == sessions::PieceForm::action)
      text += fmt::format("- `{}`\n", tasks::action_line(tasks::parse_action(piece.reason)));
  return text.empty() ? "" : text + "\n";
}

}  // namespace

std::string shown_time(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss<std::chrono::seconds> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count());
}

std::string session_markdown(const Session& session, const std::vector<Turn>& turns) {
  std::string text = fmt::format("# {}\n\nSession {} in {}, {} UTC.\n", session.title, session.id,
                                 base::to_utf8(session.workspace), shown_time(session.made_s));
  for (const Turn& turn : turns) {
    text += fmt::format("\n## You\n\n{}{}\n", pieces_line(turn), base::trim_end(turn.question));
    text += fmt::format("\n## {}\n\n", turn.model.empty() ? "Answer" : turn.model);
    text += actions_text(turn);
    if (!turn.answer.empty()) (text += base::trim_end(turn.answer)) += '\n';
    if (const char* mark = mark_of(turn.state)) text += fmt::format("{}{}\n", turn.answer.empty() ? "" : "\n", mark);
  }
  return text;
}

std::string session_json(const Session& session) { return dump(to_json(session)); }

std::string session_json(const Session& session, const std::vector<Turn>& turns) {
  Json json = to_json(session);
  json["turns"] = Json::array();
  for (const Turn& turn : turns) json["turns"].push_back(to_json(turn));
  return dump(json);
}

}  // namespace oc::cli
