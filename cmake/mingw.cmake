# SPDX-License-Identifier: Apache-2.0
# Windows programs made on Debian or Ubuntu: x86_64-w64-mingw32-g++-posix, everything linked statically.
# Libraries come only from the prefix that scripts/mingw_libraries.sh makes (OC_MINGW_PREFIX, or build/mingw-prefix):
# nothing of the build machine's own /usr/include is seen.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

if(DEFINED ENV{OC_MINGW_PREFIX})
  set(OC_MINGW_PREFIX "$ENV{OC_MINGW_PREFIX}" CACHE PATH "Where scripts/mingw_libraries.sh put the libraries")
else()
  set(OC_MINGW_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../build/mingw-prefix"
      CACHE PATH "Where scripts/mingw_libraries.sh put the libraries")
endif()
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32 "${OC_MINGW_PREFIX}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# CMake asks the toolchain again in its own small test projects.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES OC_MINGW_PREFIX)

# The second flag: in C++23 GCC 12 emits type_info::operator== inline, and its static library has it once more
# (its bug 110572, which only Windows' object format minds). The builds for other systems find true duplicates.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--allow-multiple-definition")

# With wine installed, ctest can run the programs. A running wineserver (wineserver -p) makes that fast.
find_program(OC_WINE NAMES wine64 wine PATHS /usr/lib/wine)
if(OC_WINE)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${OC_WINE}")
endif()
