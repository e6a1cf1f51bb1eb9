# What all of scrawl's own targets share: warnings, sanitizers, include folders.
add_library(scrawl_options INTERFACE)
target_compile_options(scrawl_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                                -Wno-sign-conversion)
if(SCRAWL_WERROR)
  target_compile_options(scrawl_options INTERFACE -Werror)
endif()
if(SCRAWL_SANITIZE)
  target_compile_definitions(scrawl_options INTERFACE SCRAWL_SANITIZED)
  target_compile_options(scrawl_options INTERFACE -fsanitize=${SCRAWL_SANITIZE}
                                                  -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(scrawl_options INTERFACE -fsanitize=${SCRAWL_SANITIZE})
endif()

# scrawl_part(dataset SOURCES idx.cpp ... USES ZLIB::ZLIB PRIVATELY CURL::libcurl)
# One folder of src/ is one target, scrawl_<name>. USES is seen by those that link the part,
# PRIVATELY is not: what a part may include is what it links.
function(scrawl_part name)
  cmake_parse_arguments(PART "" "" "SOURCES;USES;PRIVATELY" ${ARGN})
  add_library(scrawl_${name} STATIC ${PART_SOURCES})
  target_include_directories(scrawl_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                   ${PROJECT_BINARY_DIR}/include
                                                   ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(scrawl_${name} PUBLIC ${PART_USES} PRIVATE scrawl_options ${PART_PRIVATELY})
endfunction()
