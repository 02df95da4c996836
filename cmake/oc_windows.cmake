# SPDX-License-Identifier: Apache-2.0
# oc_windows_resources(TARGET): gives a program the manifest (UTF-8, long paths) and its version on Windows.
# Elsewhere it does nothing. Every program needs it: without the manifest argv is not UTF-8.
if(WIN32)
  enable_language(RC)
endif()

function(oc_windows_resources target)
  if(NOT WIN32)
    return()
  endif()
  set(OC_PROGRAM "${target}")
  set(OC_MANIFEST "${PROJECT_SOURCE_DIR}/packaging/windows/app.manifest")
  set(resources "${CMAKE_CURRENT_BINARY_DIR}/${target}.rc")
  configure_file("${PROJECT_SOURCE_DIR}/packaging/windows/app.rc.in" "${resources}" @ONLY)
  set_source_files_properties("${resources}" PROPERTIES OBJECT_DEPENDS "${OC_MANIFEST}" SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE "${resources}")
  if(MSVC)
    target_link_options(${target} PRIVATE /MANIFEST:NO)  # the linker would add a second one
  endif()
endfunction()
