// Debian's C++ library for WebAssembly has no exceptions: what would be thrown ends the program,
// which says why on standard error. Who runs it starts another one.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>

extern "C" {

void* __cxa_allocate_exception(std::size_t size) noexcept {
  return std::malloc(size);
}
void __cxa_free_exception(void* exception) noexcept {
  std::free(exception);
}

/// All that the core throws is a std::exception first of all, so that both begin at one address.
[[noreturn]] void __cxa_throw(void* exception, void* /*type*/, void (* /*destroy*/)(void*)) {
  std::fputs(static_cast<const std::exception*>(exception)->what(), stderr);
  std::fputc('\n', stderr);
  std::abort();
}

}  // extern "C"
