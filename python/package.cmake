# Debian's package python3-scrawl, apart from that of the program, which does without Python:
#     cpack --config build/release/python/CPackConfig.cmake
set(place lib/python3/dist-packages/scrawl)
install(TARGETS scrawl_python DESTINATION ${place} COMPONENT python EXCLUDE_FROM_ALL)
install(FILES ${sources} DESTINATION ${place} COMPONENT python EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_SOURCE_DIR}/../LICENSE DESTINATION share/doc/python3-scrawl RENAME copyright
        COMPONENT python EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_BINARY_DIR}/changelog.gz DESTINATION share/doc/python3-scrawl COMPONENT python EXCLUDE_FROM_ALL)

# The module is for one minor version of Python.
math(EXPR next_minor "${Python_VERSION_MINOR} + 1")
set(python_versions "python3 (>= ${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}), python3 (<< ${Python_VERSION_MAJOR}.${next_minor})")
configure_file(CPackConfig.cmake.in CPackConfig.cmake @ONLY)
