# 64-bit ARM, by Debian's cross compiler (package g++-aarch64-linux-gnu; qemu-user runs the program): for the core alone
# (SCRAWL_CORE_ONLY).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
