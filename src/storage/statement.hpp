// SPDX-License-Identifier: Apache-2.0
// A prepared SQL statement. For one thread, the one of its database; must not outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

struct sqlite3_stmt;

namespace oc::storage {

class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters are numbered from 1. Text and blobs are bytes that must live until reset() or the next step to the end.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind_text(int parameter, std::string_view value);
  Statement& bind_blob(int parameter, std::string_view bytes);

  // true: a row is there. false: it is done, and ready for other values. Kind `io`.
  base::Result<bool> step();
  // step() until done, for statements that return nothing.
  base::Result<void> run();
  void reset();

  // Columns of the row, from 0. Views live until the next step.
  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;  // text or blob

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace oc::storage
