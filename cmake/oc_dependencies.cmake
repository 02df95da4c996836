# Third-party libraries, all from the system or from vcpkg; libllama may come from a private folder.
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
if(NOT WIN32)
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)
endif()
if(TARGET yaml-cpp::yaml-cpp)
  set(OC_YAML yaml-cpp::yaml-cpp)
else()
  set(OC_YAML yaml-cpp)
endif()

# Of xxhash only the header: everything in it is compiled into the one file that includes it.
find_path(OC_XXHASH_INCLUDE xxhash.h REQUIRED)
mark_as_advanced(OC_XXHASH_INCLUDE)
add_library(oc_xxhash INTERFACE)
target_include_directories(oc_xxhash SYSTEM INTERFACE "${OC_XXHASH_INCLUDE}")

include(oc_grammars)

# libllama: the target oc_libllama. Only src/llama links it.
set(OC_LLAMA_VERSION 0.7)
if(OC_BUILD_ENGINE)
  include(oc_libllama)
endif()
