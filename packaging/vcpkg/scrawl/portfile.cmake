# An overlay port, which builds the checkout that it is part of: vcpkg install scrawl --overlay-ports=packaging/vcpkg
# A published port has vcpkg_from_git with a release's tag in place of the next line.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_check_linkage(ONLY_DYNAMIC_LIBRARY)
vcpkg_check_features(OUT_FEATURE_OPTIONS options
  FEATURES
    fetch SCRAWL_FETCH
    heif SCRAWL_HEIF
    onednn SCRAWL_ONEDNN
    program SCRAWL_PROGRAM)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS ${options} -DSCRAWL_TESTS=OFF -DSCRAWL_BENCH=OFF -DSCRAWL_PYTHON=OFF -DSCRAWL_HDF5=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/scrawl)
vcpkg_fixup_pkgconfig()
if("program" IN_LIST FEATURES)
  vcpkg_copy_tools(TOOL_NAMES scrawl AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
