# The reference as HTML pages, made by doxygen of the public headers' comments: reference/html in the build's folder.
find_program(DOXYGEN doxygen)
if(DOXYGEN)
  add_custom_target(scrawl_reference
    COMMAND ${CMAKE_COMMAND} -E env SCRAWL_REFERENCE=${PROJECT_BINARY_DIR}/reference ${DOXYGEN} docs/Doxyfile
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endif()
