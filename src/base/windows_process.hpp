// SPDX-License-Identifier: Apache-2.0
// Windows only: what starting a program takes, for process_windows.cpp and limited_process_windows.cpp.
#pragma once

#include <windows.h>

#include <array>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/path.hpp"
#include "base/units.hpp"
#include "base/windows_api.hpp"

namespace oc::base::windows {

// Adds a word to a command line, quoted by the rules by which programs split theirs.
void append_word(std::wstring& line, std::wstring_view word);
// A command line of a program and its arguments (UTF-8).
std::wstring make_command_line(const Path& program, std::span<const std::string> arguments);
// Batch files would be run by cmd.exe, which reads their arguments as a language of its own.
bool is_batch_file(const Path& program);

// Which handles a child gets, and no others, whatever else other threads start meanwhile.
class Inheritance {
 public:
  Inheritance(HANDLE input, HANDLE output, HANDLE errors);
  Inheritance(const Inheritance&) = delete;
  Inheritance& operator=(const Inheritance&) = delete;
  ~Inheritance();
  // nullptr when the system refused.
  STARTUPINFOW* get() { return is_ready_ ? &startup_.StartupInfo : nullptr; }

 private:
  std::array<HANDLE, 3> handles_;
  std::vector<unsigned char> storage_;
  STARTUPINFOEXW startup_{};
  bool is_ready_ = false;
};

struct Child {
  Handle process;
  Handle thread;
  DWORD id = 0;
};

// `environment` is a block of "NAME=value" with a zero after each and one more, nullptr: this process's own; `folder`
// nullptr: the current one. The error is that of CreateProcessW.
struct ChildPlace {
  wchar_t* environment = nullptr;
  const wchar_t* folder = nullptr;
};
std::expected<Child, DWORD> create_child(const Path& program, std::wstring line, STARTUPINFOW* startup, DWORD flags,
                                         ChildPlace place = {});

// A handle for reading of which nothing comes.
Handle open_nothing();

struct Pipe {
  Handle read_end, write_end;
  Pipe();
};

// Moves what the pipe has into `buffer`, without waiting; closes the pipe at its end. The number of bytes.
std::size_t read_available(Handle& read_end, std::span<char> buffer);

}  // namespace oc::base::windows
