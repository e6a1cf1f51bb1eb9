// Files of PyTorch's from hostile bytes, and networks inferred from them. What does not begin as
// such a file is put into a zip archive with the right CRC-32s, which no fuzzer would find: the
// length of the pickle in two bytes (little-endian), the pickle, and storage 0.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>

#include "formats/infer_architecture.hpp"
#include "formats/pth.hpp"
#include "formats/zip.hpp"
#include "network/weights.hpp"

namespace {

using Bytes = std::span<const std::byte>;

std::vector<std::byte> archive(Bytes bytes) {
  if (bytes.size() < 2) return {};
  const auto length =
      std::to_integer<std::size_t>(bytes[0]) + 256 * std::to_integer<std::size_t>(bytes[1]);
  const Bytes rest = bytes.subspan(2);
  const std::size_t split = std::min(length, rest.size());
  const std::vector<scrawl::ZipEntry> entries{{"a/data.pkl", rest.first(split)},
                                              {"a/data/0", rest.subspan(split)}};
  return scrawl::format_zip(entries);
}

void read(Bytes bytes) {
  const std::vector<scrawl::Tensor> tensors = scrawl::parse_pth(bytes, "", "fuzz");
  std::size_t total = 0;
  for (const scrawl::Tensor& tensor : tensors) {
    if (tensor.values.size() != scrawl::element_count(tensor)) std::abort();
    total += tensor.values.size();
  }
  if (total > bytes.size()) std::abort();
  for (const scrawl::Interpretation& one : scrawl::interpretations(tensors, "fuzz"))
    scrawl::check_model(scrawl::model_of(tensors, one, {}, "fuzz"));
  scrawl::check_model(scrawl::infer_model(tensors, {}, "fuzz"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    scrawl::is_pth(bytes) ? read(bytes) : read(archive(bytes));
  } catch (const scrawl::Error&) {  // the only way to refuse
  }
  return 0;
}
