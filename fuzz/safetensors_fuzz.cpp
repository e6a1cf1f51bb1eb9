// safetensors files from hostile bytes, as models of scrawl's and as bare weights.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <scrawl/error.hpp>

#include "formats/infer_architecture.hpp"
#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "network/weights.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const scrawl::Safetensors content =
        scrawl::parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz");
    for (const scrawl::Tensor& tensor : content.tensors) {
      if (tensor.values.size() != scrawl::element_count(tensor)) std::abort();
    }
    scrawl::check_model(scrawl::is_model(content)
                            ? scrawl::to_model(content, "fuzz")
                            : scrawl::infer_model(content.tensors, {}, "fuzz"));
  } catch (const scrawl::Error&) {  // the only way to refuse
  }
  return 0;
}
