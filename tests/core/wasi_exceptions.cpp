// Debian's C++ library for WebAssembly has no exceptions: what would be thrown ends the program,
// and says so.
#include <cstddef>
#include <cstdio>
#include <cstdlib>

extern "C" {

void* __cxa_allocate_exception(std::size_t size) noexcept {
  return std::malloc(size);
}
void __cxa_free_exception(void* exception) noexcept {
  std::free(exception);
}

[[noreturn]] void __cxa_throw(void*, void*, void (*)(void*)) {
  std::fputs("an exception, which this build cannot catch\n", stderr);
  std::abort();
}

}  // extern "C"
