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

  struct Completion {
    base::TokenCount max_tokens;
    bool multi_line = false;
    bool operator==(const Completion&) const = default;
  } completion;

  struct Engine {
    std::chrono::minutes idle_time{0};
    bool operator==(const Engine&) const = default;
  } engine;

  struct Output {
    ColorMode color = ColorMode::automatic;
    bool quiet = false;
    bool operator==(const Output&) const = default;
  } output;

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
