// Builds a function for several CPUs; the program takes the best one when it starts.
#pragma once

// By level or feature, not by model: gcc gives arch=skylake-avx512 to that very processor of that
// maker alone, and clang 14 does so with levels. Clones need the loader's ifuncs, which run before
// a sanitizer's runtime is ready.
#if !defined(__x86_64__) || !defined(__linux__) || defined(SCRAWL_SANITIZED)
#define SCRAWL_CLONES
#elif defined(__clang__)
#define SCRAWL_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SCRAWL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
