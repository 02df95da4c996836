# Makes OUTPUT once: the real Qwen2 vocabulary with two layers of random weights, 39 MB.
if(NOT EXISTS "${OUTPUT}")
  execute_process(COMMAND "${PYTHON}" "${TOOL}" tiny "${OUTPUT}" COMMAND_ERROR_IS_FATAL ANY)
endif()
