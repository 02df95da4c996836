# cmake --install: the two programs side by side, the starter model, the documents.
set(oc_programs offline-coder)
if(OC_BUILD_ENGINE AND OC_LINK_ENGINE)
  list(APPEND oc_programs offline-coder-engine)
endif()
install(TARGETS ${oc_programs} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES models/starter.gguf DESTINATION "${CMAKE_INSTALL_DATADIR}/offline-coder/models")
install(FILES README.md CHANGELOG.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs")
