# fmt as headers alone, since there is no compiled one for another machine. The folder with them is searched last, so that
# its other headers, which are this machine's, are not found before that machine's own.
find_path(FMT_INCLUDE fmt/core.h REQUIRED HINTS /usr/include)
add_library(fmt::fmt INTERFACE IMPORTED)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
target_compile_options(fmt::fmt INTERFACE "SHELL:-idirafter ${FMT_INCLUDE}")
