// What a file is that somebody took for a model's: told by its first bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <scrawl/error.hpp>

namespace scrawl {

/// A data set where a model is expected.
class DataSetAsModelError : public Error {
 public:
  using Error::Error;
};

struct OtherFile {
  std::string what;  ///< "a CSV file, ..." and what to do
  bool is_data_set = false;
};

/// Nothing where it is not known. ONNX, which begins like many things, is not looked for.
std::optional<OtherFile> recognize_other_file(std::span<const std::byte> bytes);

}  // namespace scrawl
