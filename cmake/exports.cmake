# scrawl_write_exports(exports.map): the linker's list of what libscrawl.so shows, from the lines of the public headers
# that are marked with SCRAWL_API. The mark alone is not enough: gcc shows each function of SCRAWL_CLONES and each
# template of the standard library that was compiled in.
function(scrawl_write_exports file)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/scrawl/*.hpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
  set(patterns "")
  foreach(header ${headers})
    file(STRINGS ${header} lines REGEX SCRAWL_API)
    foreach(line ${lines})
      if(line MATCHES "class SCRAWL_API ([A-Za-z_]+)")
        set(name ${CMAKE_MATCH_1})
        string(APPEND patterns "    scrawl::${name}::*;\n    typeinfo*for?scrawl::${name};\n    vtable?for?scrawl::${name};\n")
      elseif(line MATCHES "SCRAWL_API .*[ &*]([a-z_0-9]+)\\(")
        string(APPEND patterns "    scrawl::${CMAKE_MATCH_1}?*;\n")  # digest(, digest[abi:cxx11](
      else()
        message(FATAL_ERROR "${header}: no name that could be exported in: ${line}")
      endif()
    endforeach()
  endforeach()
  file(CONFIGURE OUTPUT ${file} CONTENT "{\n  global:\n    scrawl_*;\n    extern \"C++\" {\n${patterns}    };\n  local:\n    *;\n};\n")
endfunction()
