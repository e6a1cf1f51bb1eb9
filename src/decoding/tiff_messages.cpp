#include "decoding/tiff_messages.hpp"

#include <cstdarg>
#include <dlfcn.h>
#include <mutex>

namespace scrawl {

namespace {

using Handler = void (*)(const char*, const char*, std::va_list);
using SetHandler = Handler (*)(Handler);

/// libtiff is not ours to link: Leptonica brings it, or is built without.
SetHandler find_setter(const char* name) {
  return reinterpret_cast<SetHandler>(::dlsym(RTLD_DEFAULT, name));
}

/// What was set before Leptonica's first call of those that run now.
struct Kept {
  const SetHandler set_error = find_setter("TIFFSetErrorHandler");
  const SetHandler set_warning = find_setter("TIFFSetWarningHandler");
  std::mutex mutex;
  int users = 0;
  Handler error = nullptr;
  Handler warning = nullptr;
};

/// The handlers are of the process, and so is this.
Kept& kept() {
  static Kept all;
  return all;
}

}  // namespace

KeepTiffMessages::KeepTiffMessages() {
  Kept& all = kept();
  const std::scoped_lock lock(all.mutex);
  if (all.users++ > 0) return;
  if (all.set_error != nullptr) all.error = all.set_error(nullptr);
  if (all.set_warning != nullptr) all.warning = all.set_warning(nullptr);
}

KeepTiffMessages::~KeepTiffMessages() {
  Kept& all = kept();
  const std::scoped_lock lock(all.mutex);
  if (--all.users > 0) return;
  if (all.set_error != nullptr) all.set_error(all.error);
  if (all.set_warning != nullptr) all.set_warning(all.warning);
}

}  // namespace scrawl
