# cmake --install: the program, both libraries, the headers, what find_package and pkg-config need.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/scrawl)

install(DIRECTORY include/scrawl ${PROJECT_BINARY_DIR}/include/scrawl TYPE INCLUDE)
install(FILES LICENSE TYPE DOC RENAME copyright)
# All documents, at the places relative to each other where their links find them.
install(FILES README.md README.zh-CN.md CHANGELOG.md CONTRIBUTING.md TYPE DOC)
install(DIRECTORY docs TYPE DOC FILES_MATCHING PATTERN *.md PATTERN *.jpg PATTERN *.ipynb)
install(DIRECTORY examples TYPE DOC PATTERN CMakeLists.txt EXCLUDE PATTERN __pycache__ EXCLUDE)
install(TARGETS scrawl_recognition_library scrawl_decoding_library scrawl_both EXPORT scrawl-shared)
set(kinds shared)
if(SCRAWL_WITH_TRAINING)
  install(TARGETS scrawl_training_library EXPORT scrawl-training)
  list(APPEND kinds training)
endif()
if(SCRAWL_FETCH)
  install(TARGETS scrawl_fetch_library EXPORT scrawl-fetch)
  list(APPEND kinds fetch)
endif()
foreach(kind ${kinds})
  install(EXPORT scrawl-${kind} NAMESPACE scrawl:: DESTINATION ${package_folder})
endforeach()

configure_package_config_file(cmake/scrawl-config.cmake.in ${PROJECT_BINARY_DIR}/scrawl-config.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/scrawl-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/scrawl-config.cmake ${PROJECT_BINARY_DIR}/scrawl-config-version.cmake
              cmake/FindOneDNN.cmake
        DESTINATION ${package_folder})

file(RELATIVE_PATH SCRAWL_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
list(JOIN Leptonica_LIBRARIES " -l" SCRAWL_PC_LEPTONICA)  # lept, or since 1.84 leptonica
string(PREPEND SCRAWL_PC_LEPTONICA -l)
configure_file(cmake/scrawl.pc.in ${PROJECT_BINARY_DIR}/scrawl.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/scrawl.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(NOT SCRAWL_PROGRAM)
  return()
endif()
install(TARGETS scrawl_program)
if(SCRAWL_WITH_MPI)  # by itself, or the Debian package would want an MPI: cmake --install build/release --component mpi
  install(TARGETS scrawl_mpi_program COMPONENT mpi EXCLUDE_FROM_ALL)
endif()

# The program itself knows what its manual and the shells' completions have to say.
set(generated "")
foreach(what man bash zsh fish)
  add_custom_command(OUTPUT generated/${what} DEPENDS scrawl_program
    COMMAND ${CMAKE_COMMAND} -E make_directory generated
    COMMAND scrawl_program generate ${what} > generated/${what})
  list(APPEND generated ${PROJECT_BINARY_DIR}/generated/${what})
endforeach()
add_custom_command(OUTPUT generated/scrawl.1.gz DEPENDS generated/man COMMAND gzip -9nc generated/man > generated/scrawl.1.gz)
add_custom_target(scrawl_generated ALL DEPENDS ${generated} ${PROJECT_BINARY_DIR}/generated/scrawl.1.gz)
install(FILES ${PROJECT_BINARY_DIR}/generated/scrawl.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_BINARY_DIR}/generated/bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME scrawl)
install(FILES ${PROJECT_BINARY_DIR}/generated/fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME scrawl.fish)
# Debian's zsh looks into a folder of its own for what packages bring.
install(CODE "
  set(folder site-functions)
  if(EXISTS /etc/debian_version AND CMAKE_INSTALL_PREFIX MATCHES \"/usr$\")
    set(folder vendor-completions)
  endif()
  file(INSTALL ${PROJECT_BINARY_DIR}/generated/zsh RENAME _scrawl
       DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/zsh/\${folder}\")")
