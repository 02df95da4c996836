# oc_embed_files(TARGET NAMESPACE FILES…): each file's bytes become an entry of
# `std::span<const EmbeddedFile> NAMESPACE::embedded_files()`, declared in embedded_files.hpp of that folder.
function(oc_embed_files target namespace)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_files.cpp")
  string(JOIN "|" joined ${ARGN})
  add_custom_command(OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${joined}" "-DOUTPUT=${output}" "-DNAMESPACE=${namespace}"
            -P "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    DEPENDS ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake" VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
