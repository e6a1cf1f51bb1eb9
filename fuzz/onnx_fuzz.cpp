// ONNX files from hostile bytes, and the models that they are taken for.
#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/error.hpp>

#include "formats/import_onnx.hpp"
#include "network/weights.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    scrawl::check_model(scrawl::import_onnx(std::as_bytes(std::span(data, size)), "fuzz").model);
  } catch (const scrawl::Error&) {  // the only way to refuse
  }
  return 0;
}
