# WebAssembly, by Debian's clang and its C++ library for it (packages clang-22 lld-22 libc++-22-dev-wasm32
# libc++abi-22-dev-wasm32 libclang-rt-22-dev-wasm32 wasi-libc): for the core alone (SCRAWL_CORE_ONLY).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CXX_COMPILER clang++-22)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_FLAGS_INIT "-Wno-deprecated -msimd128")
# As much memory as it needs from the start: where it grows, Node 20 has crashed in its garbage collector.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-z,stack-size=1048576,--initial-memory=268435456")
