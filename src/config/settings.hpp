// SPDX-License-Identifier: Apache-2.0
// What can be configured, as plain typed values. Where they come from and what is allowed: schema.cpp and loader.hpp.
// The folders above copy what they need into Options of their own; only the outermost ones read this.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::config {

enum class ColorMode { automatic, always, never };
// When the engine computes ahead of requests.
enum class WarmUp { plugged_in, always, never };

// auto: models of a billion parameters and more.
enum class ActionMode { automatic, always, never };
enum class Permission { ask, always, never };

// A fresh object is all zero; default_settings() in setting_value.hpp has the defaults.
struct Settings {
  struct Model {
    std::string name;                 // a model's name or path; "": the best that is found
    base::TokenCount context;         // 0: chosen from the request, the model and the memory there is
    int threads = 0;                  // 0: physical cores
    std::vector<base::Path> folders;  // searched besides the usual ones, in this order
    bool operator==(const Model&) const = default;
  } model;

  struct Generation {
    base::TokenCount max_tokens;
    double temperature = 0;  // 0: greedy, the other numbers below have no effect then
    int top_k = 0;           // 0: off
    double top_p = 0;        // 1: off
    double min_p = 0;        // 0: off
    std::uint32_t seed = 0;
    std::string system;  // "": the built-in system prompt alone
    bool operator==(const Generation&) const = default;
  } generation;

  // What a model may do in a conversation.
  struct Chat {
    ActionMode actions = ActionMode::automatic;
    Permission edit = Permission::ask;
    Permission run = Permission::ask;
    int steps = 0;                 // actions in a turn
    std::chrono::seconds time{0};  // for the actions of a turn
    bool operator==(const Chat&) const = default;
  } chat;

  struct Completion {
    std::string model;  // name or path; "": model.name
    base::TokenCount max_tokens;
    bool multi_line = false;
    bool approximate = false;  // may be made from what was computed before an edit
    bool operator==(const Completion&) const = default;
  } completion;

  struct Context {
    base::TokenCount tokens;            // of the project, for one request; 0: none
    base::TokenCount map_tokens;        // of the map that all requests share; 0: none
    std::chrono::seconds scan_time{0};  // longest wait for the index before a request
    bool operator==(const Context&) const = default;
  } context;

  struct Engine {
    std::chrono::minutes idle_time{0};
    base::ByteCount memory;    // 0: what is available
    base::ByteCount kv_bytes;  // of computed KV on disk; 0: none
    std::string draft_model;   // name or path; "": none
    WarmUp warm_up = WarmUp::plugged_in;
    bool operator==(const Engine&) const = default;
  } engine;

  struct Output {
    ColorMode color = ColorMode::automatic;
    bool quiet = false;
    bool operator==(const Output&) const = default;
  } output;

  // The commands that check a project, and how far each of them may go.
  struct Check {
    std::vector<std::string> commands;
    std::chrono::seconds time{0};
    base::ByteCount memory;  // of a command and all it starts together
    int processes = 0;       // of the same, at once
    base::ByteCount file_bytes;
    base::ByteCount output_bytes;          // kept of what it prints
    std::vector<std::string> environment;  // names of variables it gets besides the usual ones
    bool operator==(const Check&) const = default;
  } check;

  struct Refactor {
    bool use_language_server = false;
    std::vector<std::string> language_servers;  // "python: pylsp"
    std::chrono::seconds server_time{0};
    bool operator==(const Refactor&) const = default;
  } refactor;

  struct Limits {
    base::ByteCount file_bytes;    // the largest file that is read
    base::ByteCount prompt_bytes;  // the longest prompt, standard input included
    bool operator==(const Limits&) const = default;
  } limits;

  struct Log {
    base::LogLevel level = base::LogLevel::debug;
    bool operator==(const Log&) const = default;
  } log;

  bool operator==(const Settings&) const = default;
};

}  // namespace oc::config
