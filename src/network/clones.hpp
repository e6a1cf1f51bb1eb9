// Builds a function for several CPUs; the program takes the best one when it starts.
#pragma once

// Clones need the loader's ifuncs, which run before a sanitizer's runtime is ready.
#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(SCRAWL_SANITIZED)
#define SCRAWL_CLONES \
  __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define SCRAWL_CLONES
#endif
