# oc_libllama: headers, libraries and runtime of libllama 0.7, from OC_LLAMA_ROOT (a private root made by ./dev setup)
# or from the system. OC_BACKENDS_FOLDER is where ggml's CPU variants lie ("" = where the system's ggml looks by itself).
add_library(oc_libllama INTERFACE)
set(OC_BACKENDS_FOLDER "" CACHE INTERNAL "")
set(OC_LINK_ENGINE ON)  # OFF: the engine's folders are compiled, the program is not linked
if(WIN32 AND CMAKE_CROSSCOMPILING)
  # The headers are the same for every system; a llama.dll to link with is not to be had where one cross-builds.
  find_path(OC_LLAMA_HEADERS llama.h PATHS "${OC_LLAMA_ROOT}/usr/include" NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  if(NOT OC_LLAMA_HEADERS)
    message(FATAL_ERROR "no llama.h in '${OC_LLAMA_ROOT}/usr/include': run ./dev setup, or set OC_BUILD_ENGINE=OFF")
  endif()
  target_include_directories(oc_libllama SYSTEM INTERFACE "${OC_LLAMA_HEADERS}")
  set(OC_LINK_ENGINE OFF)
  return()
endif()
if(OC_LLAMA_ROOT)
  file(GLOB lib_folders "${OC_LLAMA_ROOT}/usr/lib/*/libllama.so" "${OC_LLAMA_ROOT}/usr/lib/libllama.so")
  if(NOT lib_folders)
    message(FATAL_ERROR "no libllama in '${OC_LLAMA_ROOT}': run ./dev setup")
  endif()
  list(GET lib_folders 0 libllama)
  get_filename_component(OC_LLAMA_LIB "${libllama}" DIRECTORY)
  file(GLOB interpreter "${OC_LLAMA_ROOT}/usr/lib64/ld-linux-*.so.*" "${OC_LLAMA_ROOT}/usr/lib/ld-linux-*.so.*")
  list(GET interpreter 0 interpreter)
  file(READ "${OC_LLAMA_LIB}/cmake/llama/llama-config-version.cmake" version_file)
  string(REGEX MATCH "PACKAGE_VERSION \"([0-9.]+)\"" _ "${version_file}")
  set(llama_VERSION "${CMAKE_MATCH_1}")
  target_include_directories(oc_libllama SYSTEM INTERFACE "${OC_LLAMA_ROOT}/usr/include")
  # The private root brings its own libc, newer than the system's: the engine runs on that one (its dynamic linker as
  # interpreter), the symbols of it that the system's libc lacks are left to run time, and the old-style rpath also
  # serves the libraries' own dependencies. The system's folder comes last, for sanitizer runtimes.
  get_filename_component(triplet "${OC_LLAMA_LIB}" NAME)
  target_link_options(oc_libllama INTERFACE
    "-L${OC_LLAMA_LIB}" "LINKER:--no-as-needed" "LINKER:--allow-shlib-undefined" "LINKER:--disable-new-dtags"
    "LINKER:-rpath,${OC_LLAMA_LIB}" "LINKER:-rpath,/usr/lib/${triplet}" "LINKER:-rpath,/usr/lib/gcc/${triplet}/12"
    "LINKER:--dynamic-linker=${interpreter}")
  target_link_libraries(oc_libllama INTERFACE llama ggml ggml-base)
  file(GLOB backends "${OC_LLAMA_LIB}/ggml/backends*")
  list(GET backends 0 backends)
  set(OC_BACKENDS_FOLDER "${backends}" CACHE INTERNAL "")
else()
  find_package(llama QUIET)
  if(NOT llama_FOUND)
    message(FATAL_ERROR
      "libllama ${OC_LLAMA_VERSION} is missing. Run ./dev setup, or install it: apt install libllama-dev (Debian forky, "
      "Ubuntu 26.04), dnf install llama-cpp-devel, brew install llama.cpp, vcpkg install llama-cpp")
  endif()
  target_link_libraries(oc_libllama INTERFACE llama)
endif()
if(NOT llama_VERSION MATCHES "^0\\.7(\\.|$)")
  message(FATAL_ERROR "libllama ${llama_VERSION} found, but only 0.7 has been tried: install 0.7, or run ./dev setup")
endif()
message(STATUS "libllama ${llama_VERSION} from ${OC_LLAMA_ROOT}")
