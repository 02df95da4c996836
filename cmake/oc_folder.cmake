# oc_folder(NAME SOURCES … [POSIX …] [WINDOWS …] [DEPENDS …] [PRIVATE …])
# One folder of src/ = one static library oc_<NAME> = one namespace oc::<NAME>.
# DEPENDS are the folders below (the arrows; scripts/check_layers.py holds the same table), PRIVATE third-party libraries.
function(oc_folder name)
  cmake_parse_arguments(F "" "" "SOURCES;POSIX;WINDOWS;DEPENDS;PRIVATE" ${ARGN})
  if(WIN32)
    list(APPEND F_SOURCES ${F_WINDOWS})
  else()
    list(APPEND F_SOURCES ${F_POSIX})
  endif()
  add_library(oc_${name} STATIC ${F_SOURCES})
  target_include_directories(oc_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  list(TRANSFORM F_DEPENDS PREPEND oc_)
  target_link_libraries(oc_${name} PUBLIC ${F_DEPENDS} fmt::fmt Threads::Threads PRIVATE oc_options ${F_PRIVATE})
  target_precompile_headers(oc_${name} PRIVATE
    <algorithm> <chrono> <cstdint> <expected> <filesystem> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <utility> <variant> <vector> <fmt/format.h>)
endfunction()
