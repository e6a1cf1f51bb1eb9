# cpack -G DEB: one package with everything that cmake --install puts in place. scripts/test-package tries it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME scrawl)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "scrawl maintainers <scrawl@scrawl.invalid>")  # who publishes the package puts in an address
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "reads handwritten digits in pictures")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Reads the numbers in photos, scans and drawings with a convolutional network
that is part of the program; trains such networks on MNIST in seconds, and
tests them. With the library for C and C++, its headers, the manual page, and
completions for bash, zsh and fish.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libheif1, libqrencode4, poppler-utils, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS  # HDF5's of Debian 12 and 13, for Keras files; the others for libscrawl_training.a
    "libhdf5-103-1 | libhdf5-310, libdnnl-dev, libleptonica-dev, libjpeg-dev, libpng-dev, libexif-dev, libcurl4-openssl-dev, libssl-dev, zlib1g-dev, libfmt-dev")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(control ${PROJECT_SOURCE_DIR}/cmake/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${control}/triggers ${control}/postinst ${control}/prerm ${control}/postrm)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
include(CPack)

# scrawl serve for systemd, off until it is enabled; of the package alone, since it names /usr/bin/scrawl.
install(CODE "
  if(CMAKE_INSTALL_PREFIX MATCHES \"/usr$\")
    file(INSTALL ${PROJECT_SOURCE_DIR}/packaging/systemd/scrawl.service DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
  endif()")

# Debian wants a changelog in a form of its own.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${PROJECT_BINARY_DIR}/changelog
  "scrawl (${PROJECT_VERSION}) unstable; urgency=medium\n\n  * CHANGELOG.md says what is new.\n\n"
  " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
execute_process(COMMAND gzip -9nf ${PROJECT_BINARY_DIR}/changelog)
install(FILES ${PROJECT_BINARY_DIR}/changelog.gz TYPE DOC)
