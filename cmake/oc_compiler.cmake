# The language, the warnings, the sanitizers and the compiler cache.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# The work that takes time is libllama's; -O2 builds in two thirds of the time of CMake's -O3.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(OC_CCACHE ccache)
if(OC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The two sloppiness settings are what ccache asks for with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${OC_CCACHE}")
endif()

add_library(oc_options INTERFACE)
target_compile_options(oc_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  # libstdc++ 12 deprecates what it uses itself in std::stable_sort.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 is wrong about std::string in optimised builds (its bugs 105329, 105651).
  target_compile_options(oc_options INTERFACE
    -Wno-restrict -Wno-stringop-overflow $<$<BOOL:${MINGW}>:-Wno-stringop-overread> $<$<NOT:$<CONFIG:Debug>>:-Wno-array-bounds>)
endif()
if(OC_WARNINGS_AS_ERRORS)
  target_compile_options(oc_options INTERFACE -Werror)
endif()
if(OC_SANITIZE)
  add_compile_options(-fsanitize=${OC_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OC_SANITIZE})
endif()
if(WIN32)
  # Windows 10 1809 is the oldest that is supported; the Unicode calls are used by name.
  add_compile_definitions(_WIN32_WINNT=0x0A00 NTDDI_VERSION=0x0A000006 NOMINMAX WIN32_LEAN_AND_MEAN)
endif()
find_package(Threads REQUIRED)
