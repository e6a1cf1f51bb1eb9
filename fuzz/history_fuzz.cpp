// Histories and logs of trainings from hostile bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <scrawl/error.hpp>

#include "training/history.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto history = scrawl::parse_history(text);
  // What was understood is written as something that is understood as the same.
  const std::string again = scrawl::format_history(history);
  if (scrawl::format_history(scrawl::parse_history(again)) != again) std::abort();
  try {
    if (scrawl::parse_training_log(text, "log").empty()) std::abort();
  } catch (const scrawl::Error&) {  // the only way to refuse
  }
  return 0;
}
