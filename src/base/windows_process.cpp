// SPDX-License-Identifier: Apache-2.0
#include "base/windows_process.hpp"

#include <algorithm>

namespace oc::base::windows {
namespace {

constexpr DWORD k_pipe_bytes = 1 << 20;

}  // namespace

void append_word(std::wstring& line, std::wstring_view word) {
  if (!line.empty()) line += L' ';
  if (!word.empty() && word.find_first_of(L" \t\n\v\"") == std::wstring_view::npos) {
    line += word;
    return;
  }
  line += L'"';
  std::size_t backslashes = 0;  // they are doubled only where they come before a quote
  for (const wchar_t c : word) {
    if (c == L'"') line.append(backslashes + 1, L'\\');
    backslashes = c == L'\\' ? backslashes + 1 : 0;
    line += c;
  }
  line.append(backslashes, L'\\');
  line += L'"';
}

std::wstring make_command_line(const Path& program, std::span<const std::string> arguments) {
  std::wstring line;
  append_word(line, program.native());
  for (const std::string& argument : arguments) append_word(line, to_wide(argument));
  return line;
}

bool is_batch_file(const Path& program) {
  std::wstring extension = program.extension().native();
  ::CharLowerBuffW(extension.data(), static_cast<DWORD>(extension.size()));
  return extension == L".bat" || extension == L".cmd";
}

Inheritance::Inheritance(HANDLE input, HANDLE output, HANDLE errors) : handles_{input, output, errors} {
  for (const HANDLE handle : handles_) ::SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  SIZE_T size = 0;
  ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
  storage_.resize(size);
  startup_.StartupInfo.cb = sizeof startup_;
  startup_.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup_.StartupInfo.hStdInput = input;
  startup_.StartupInfo.hStdOutput = output;
  startup_.StartupInfo.hStdError = errors;
  auto* list = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(storage_.data());
  if (!::InitializeProcThreadAttributeList(list, 1, 0, &size)) return;
  startup_.lpAttributeList = list;
  const std::size_t count = output == errors ? 2 : 3;  // a handle may be listed once only
  is_ready_ = ::UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                          count * sizeof(HANDLE), nullptr, nullptr) != FALSE;
}

Inheritance::~Inheritance() {
  if (startup_.lpAttributeList != nullptr) ::DeleteProcThreadAttributeList(startup_.lpAttributeList);
}

std::expected<Child, DWORD> create_child(const Path& program, std::wstring line, STARTUPINFOW* startup, DWORD flags,
                                         ChildPlace place) {
  if (startup == nullptr) return std::unexpected(::GetLastError());
  PROCESS_INFORMATION info{};
  if (!::CreateProcessW(to_system(program).c_str(), line.data(), nullptr, nullptr, TRUE,
                        flags | CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT,
                        place.environment, place.folder, startup, &info))
    return std::unexpected(::GetLastError());
  return Child{Handle(info.hProcess), Handle(info.hThread), info.dwProcessId};
}

Handle open_nothing() {
  return Handle(
      ::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
}

Pipe::Pipe() {
  HANDLE read = nullptr, write = nullptr;
  if (!::CreatePipe(&read, &write, nullptr, k_pipe_bytes)) return;
  read_end = Handle(read);
  write_end = Handle(write);
}

std::size_t read_available(Handle& read_end, std::span<char> buffer) {
  DWORD available = 0, n = 0;
  if (!read_end) return 0;
  if (!::PeekNamedPipe(read_end.get(), nullptr, 0, nullptr, &available, nullptr)) {
    read_end.close();
    return 0;
  }
  const DWORD wanted = std::min<DWORD>(available, static_cast<DWORD>(buffer.size()));
  if (wanted == 0 || !::ReadFile(read_end.get(), buffer.data(), wanted, &n, nullptr)) return 0;
  return n;
}

}  // namespace oc::base::windows
