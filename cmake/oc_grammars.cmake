# tree-sitter's C runtime and the grammars, as one static library: the target oc_grammars. Only src/syntax links it.
# The sources are npm packages at the exact versions of third_party/grammars; ./dev setup puts them in OC_GRAMMARS_ROOT.
set(OC_GRAMMARS_ROOT "${PROJECT_SOURCE_DIR}/build/grammars" CACHE PATH "Folder with node_modules/ of third_party/grammars")
set(OC_GRAMMARS_MODULES "${OC_GRAMMARS_ROOT}/node_modules")
set(OC_TREE_SITTER "${OC_GRAMMARS_MODULES}/tree-sitter/vendor/tree-sitter/lib")
if(NOT EXISTS "${OC_TREE_SITTER}/src/lib.c")
  message(FATAL_ERROR "no grammars in '${OC_GRAMMARS_ROOT}': run ./dev setup, or say where they are with -DOC_GRAMMARS_ROOT=…")
endif()

# They are the only C here. The same flags in every build type, so that the compiler cache has them for all of them.
foreach(type DEBUG RELEASE RELWITHDEBINFO MINSIZEREL)
  set(CMAKE_C_FLAGS_${type} "-O2 -DNDEBUG")
endforeach()

add_library(oc_grammars STATIC "${OC_TREE_SITTER}/src/lib.c")
set_target_properties(oc_grammars PROPERTIES
  C_STANDARD 11 C_EXTENSIONS OFF
  C_VISIBILITY_PRESET hidden
  # Not the folder's options: nobody here can mend these files, and sanitizers would only make them slow.
  COMPILE_OPTIONS "-w"
  C_COMPILER_LAUNCHER "${CMAKE_CXX_COMPILER_LAUNCHER}")
# The runtime is where the time of a scan goes.
set_source_files_properties("${OC_TREE_SITTER}/src/lib.c" PROPERTIES COMPILE_OPTIONS "-O3")
target_compile_definitions(oc_grammars PRIVATE _DEFAULT_SOURCE _POSIX_C_SOURCE=200112L)
target_include_directories(oc_grammars SYSTEM PUBLIC "${OC_TREE_SITTER}/include" PRIVATE "${OC_TREE_SITTER}/src")

# Each grammar has a tree_sitter/parser.h of its own, beside its parser.c.
foreach(grammar IN ITEMS
    @derekstride/tree-sitter-sql
    @tree-sitter-grammars/tree-sitter-lua
    @tree-sitter-grammars/tree-sitter-markdown/tree-sitter-markdown
    @tree-sitter-grammars/tree-sitter-yaml
    tree-sitter-bash tree-sitter-c tree-sitter-c-sharp tree-sitter-cpp tree-sitter-css tree-sitter-go tree-sitter-html
    tree-sitter-java tree-sitter-javascript tree-sitter-json tree-sitter-php/php tree-sitter-python tree-sitter-ruby
    tree-sitter-rust tree-sitter-typescript/typescript tree-sitter-typescript/tsx)
  set(folder "${OC_GRAMMARS_MODULES}/${grammar}/src")
  set(sources "${folder}/parser.c")
  if(grammar STREQUAL "@derekstride/tree-sitter-sql")
    list(APPEND sources "${PROJECT_SOURCE_DIR}/src/syntax/sql_scanner.c")
  elseif(grammar MATCHES "tree-sitter-(markdown|yaml|python|ruby)$")
    list(APPEND sources "${PROJECT_SOURCE_DIR}/src/syntax/${CMAKE_MATCH_1}_scanner.c")
  elseif(EXISTS "${folder}/scanner.c")
    list(APPEND sources "${folder}/scanner.c")
  endif()
  target_sources(oc_grammars PRIVATE ${sources})
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "-iquote${folder}")
endforeach()
