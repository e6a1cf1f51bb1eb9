# Training, tests, benchmarks and scrawl-mpi want packages that reading does without: SCRAWL_WITH_TRAINING,
# SCRAWL_WITH_TESTS, SCRAWL_WITH_BENCH and SCRAWL_WITH_MPI say whether they are built.

# scrawl_extra(TESTS test "GoogleTest or cpp-httplib" GTest_FOUND Httplib_FOUND): by SCRAWL_TESTS, which is ON, OFF or AUTO,
# and by whether all was found. `test` is what scripts/install-packages calls the packages.
function(scrawl_extra name packages needs)
  set(with ${SCRAWL_${name}})
  foreach(found ${ARGN})
    if(with STREQUAL AUTO AND NOT ${found})
      message(STATUS "SCRAWL_${name}=AUTO: not built without ${needs} (scripts/install-packages ${packages})")
      set(with OFF)
    elseif(with AND NOT ${found})
      message(FATAL_ERROR "SCRAWL_${name}=${with}, but ${needs} is missing. scripts/install-packages ${packages} installs what "
                          "is missing; -DSCRAWL_${name}=OFF does without.")
    endif()
  endforeach()
  set(SCRAWL_WITH_${name} ${with} PARENT_SCOPE)
endfunction()

scrawl_extra(TRAINING build "nlohmann-json or OpenSSL" nlohmann_json_FOUND OPENSSL_FOUND)
if(NOT SCRAWL_WITH_TRAINING)
  foreach(part PROGRAM FETCH PYTHON FUZZ)
    if(SCRAWL_${part})
      message(FATAL_ERROR "SCRAWL_${part}=ON, but SCRAWL_TRAINING=${SCRAWL_TRAINING}, which it needs: turn one of them off, or both on")
    endif()
  endforeach()
  set(SCRAWL_TESTS OFF)
  set(SCRAWL_BENCH OFF)
endif()

if(SCRAWL_TESTS)
  find_package(GTest QUIET)
  pkg_check_modules(Httplib QUIET IMPORTED_TARGET cpp-httplib)  # a client
endif()
scrawl_extra(TESTS test "GoogleTest or cpp-httplib" GTest_FOUND Httplib_FOUND)

if(SCRAWL_BENCH)
  find_package(benchmark QUIET)
endif()
scrawl_extra(BENCH bench "Google Benchmark" benchmark_FOUND)

if(SCRAWL_MPI AND SCRAWL_PROGRAM AND NOT SCRAWL_SANITIZE)  # whose runtimes do not know MPI's memory
  set(MPI_CXX_SKIP_MPICXX TRUE)  # the interface of C++ that the standard has given up
  find_package(MPI QUIET COMPONENTS CXX)
  scrawl_extra(MPI mpi "MPI" MPI_CXX_FOUND)
endif()
