#include "decoding/quiet_decoders.hpp"

#include <cstdarg>
#include <dlfcn.h>
#include <leptonica/allheaders.h>
#include <mutex>

namespace scrawl {

namespace {

using Handler = void (*)(const char*, const char*, std::va_list);
using SetHandler = Handler (*)(Handler);

/// libtiff is not ours to link: Leptonica brings it, or is built without.
SetHandler find_setter(const char* name) {
  return reinterpret_cast<SetHandler>(::dlsym(RTLD_DEFAULT, name));
}

/// What was set before the first of those that live now.
struct Kept {
  const SetHandler set_error = find_setter("TIFFSetErrorHandler");
  const SetHandler set_warning = find_setter("TIFFSetWarningHandler");
  std::mutex mutex;
  int users = 0;
  int severity = 0;  // of Leptonica's messages
  Handler error = nullptr;
  Handler warning = nullptr;
};

/// The switches are of the process, and so is this.
Kept& kept() {
  static Kept all;
  return all;
}

}  // namespace

QuietDecoders::QuietDecoders() {
  Kept& all = kept();
  const std::scoped_lock lock(all.mutex);
  if (all.users++ > 0) return;
  all.severity = setMsgSeverity(L_SEVERITY_NONE);
  leptSetStderrHandler([](const char*) {});  // some messages have no severity
  if (all.set_error != nullptr) all.error = all.set_error(nullptr);
  if (all.set_warning != nullptr) all.warning = all.set_warning(nullptr);
}

QuietDecoders::~QuietDecoders() {
  Kept& all = kept();
  const std::scoped_lock lock(all.mutex);
  if (--all.users > 0) return;
  setMsgSeverity(all.severity);
  leptSetStderrHandler(nullptr);  // to standard error
  if (all.set_error != nullptr) all.set_error(all.error);
  if (all.set_warning != nullptr) all.set_warning(all.warning);
}

}  // namespace scrawl
