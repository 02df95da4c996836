// SPDX-License-Identifier: Apache-2.0
#include "base/terminal.hpp"

#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "base/windows_api.hpp"

namespace oc::base {
namespace {

constexpr int k_interrupted = 130;
constexpr DWORD k_close_patience_ms = 4'500;  // the system ends a process 5 s after its console was closed

std::atomic<std::atomic<bool>*> g_flag{nullptr};
std::atomic<bool> g_end{false};

BOOL WINAPI on_interrupt(DWORD event) {
  std::atomic<bool>* flag = g_flag.load();
  if (flag == nullptr || flag->exchange(true)) ::TerminateProcess(::GetCurrentProcess(), k_interrupted);
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) g_end = true;
  // After this handler returns from a closed console, a log-off or a shutdown the process is ended: leave it some time.
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) ::Sleep(k_close_patience_ms);
  return TRUE;
}

HANDLE standard_handle(Stream stream) {
  return ::GetStdHandle(stream == Stream::input    ? STD_INPUT_HANDLE
                        : stream == Stream::output ? STD_OUTPUT_HANDLE
                                                   : STD_ERROR_HANDLE);
}

// The console belongs to the shell, too: what was changed is put back at exit.
struct ConsoleState {
  UINT code_page = 0;
  DWORD modes[2] = {0, 0};
  bool has_mode[2] = {false, false};
};
ConsoleState g_before;
constexpr Stream k_written[] = {Stream::output, Stream::errors};

void restore_console() {
  for (std::size_t i = 0; i < 2; ++i)
    if (g_before.has_mode[i]) ::SetConsoleMode(standard_handle(k_written[i]), g_before.modes[i]);
  if (g_before.code_page != 0) ::SetConsoleOutputCP(g_before.code_page);
}

}  // namespace

bool is_terminal(Stream stream) {
  DWORD mode = 0;
  return ::GetConsoleMode(standard_handle(stream), &mode) != FALSE;
}

std::size_t terminal_width() {
  for (const Stream stream : {Stream::errors, Stream::output}) {
    CONSOLE_SCREEN_BUFFER_INFO info{};
    if (!::GetConsoleScreenBufferInfo(standard_handle(stream), &info)) continue;
    const int columns = info.srWindow.Right - info.srWindow.Left + 1;
    if (columns > 0) return static_cast<std::size_t>(columns);
  }
  return 80;
}

void prepare_standard_streams() {
  ::_setmode(1, _O_BINARY);
  ::_setmode(2, _O_BINARY);
  if (!is_terminal(Stream::input)) ::_setmode(0, _O_BINARY);  // at the keyboard Ctrl-Z must stay the end of file
  bool changed = false;
  for (std::size_t i = 0; i < 2; ++i) {
    const HANDLE handle = standard_handle(k_written[i]);
    if (!::GetConsoleMode(handle, &g_before.modes[i])) continue;
    g_before.has_mode[i] = changed = true;
    ::SetConsoleMode(handle, g_before.modes[i] | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  }
  if (!changed) return;
  g_before.code_page = ::GetConsoleOutputCP();
  ::SetConsoleOutputCP(CP_UTF8);
  std::atexit(restore_console);
}

void cancel_on_interrupt(const CancelToken& token) {
  static CancelToken keep;
  keep = token;
  g_flag = &keep.flag();
  ::SetConsoleCtrlHandler(nullptr, FALSE);  // a starter may have made this process ignore Ctrl-C
  ::SetConsoleCtrlHandler(on_interrupt, TRUE);
}

bool is_end_requested() { return g_end; }

bool read_answer_from_terminal(char* line, std::size_t capacity) {
  const windows::Handle console(::CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE,
                                              FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
  DWORD mode = 0;
  if (!console || !::GetConsoleMode(console.get(), &mode)) return false;
  ::SetConsoleMode(console.get(), mode | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_PROCESSED_INPUT);
  std::wstring typed(4096, L'\0');
  DWORD count = 0;
  // Interrupted by Ctrl-C: no characters, and the answer counts as none.
  const BOOL read = ::ReadConsoleW(console.get(), typed.data(), static_cast<DWORD>(typed.size()), &count, nullptr);
  ::SetConsoleMode(console.get(), mode);
  typed.resize(read ? count : 0);
  constexpr wchar_t end_of_file = 26;  // Ctrl-Z
  if (typed.empty() || typed.front() == end_of_file) return false;
  typed.resize(std::min(typed.find_first_of(L"\r\n"), typed.size()));
  std::string text = windows::to_narrow(typed);
  if (text.size() + 1 > capacity) text.resize(complete_utf8_prefix(std::string_view(text).substr(0, capacity - 1)));
  std::memcpy(line, text.c_str(), text.size() + 1);
  return true;
}

}  // namespace oc::base
