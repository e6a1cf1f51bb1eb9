#include "formats/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "formats/json_parser.hpp"
#include "formats/number_types.hpp"
#include "formats/onnx.hpp"
#include "formats/other_file.hpp"
#include "formats/safetensors_header.hpp"

namespace scrawl {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

namespace {

constexpr std::size_t length_size = 8;
constexpr std::size_t alignment = 64;
constexpr std::size_t max_header = 10'000'000;
constexpr const char* metadata_key = "__metadata__";

/// Checks one file; the message of every failure starts with its name.
class Parser {
 public:
  Parser(std::span<const std::byte> bytes, const std::filesystem::path& name)
      : bytes_(bytes), name_(name.string()) {}

  Safetensors parse() {
    SafetensorsHeader header = parse_header();
    std::vector<TensorEntry>& entries = header.entries;
    for (const TensorEntry& entry : entries) check_place(entry);
    std::ranges::sort(entries, {}, [](const TensorEntry& entry) {
      return std::tie(entry.begin, entry.end, entry.name);
    });
    check_coverage(entries);
    Safetensors content{{}, std::move(header.metadata)};
    for (const TensorEntry& entry : entries) {
      if (!is_integer(entry.type)) content.tensors.push_back(read(entry));
    }
    return content;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: {}; is this a .safetensors file?", name_, what));
  }

  /// Whether there is JSON behind the length, which may be too large all the same.
  bool begins_with_header() const {
    return bytes_.size() > length_size && bytes_[length_size] == std::byte{'{'};
  }

  /// Where it is known of which kind the file is.
  void refuse_other_file() const {
    if (onnx::is_onnx(bytes_) || name_.ends_with(".onnx"))
      throw Error(fmt::format("{}: an ONNX file; make a model of it first: scrawl import", name_));
    const std::optional<OtherFile> other = recognize_other_file(bytes_);
    if (!other) return;
    const std::string message = fmt::format("{}: {}", name_, other->what);
    if (other->is_data_set) throw DataSetAsModelError(message);
    throw Error(message);
  }

  SafetensorsHeader parse_header() {
    if (!begins_with_header()) refuse_other_file();
    if (bytes_.size() < length_size) fail(fmt::format("only {} bytes long", bytes_.size()));
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), length_size);
    if (length > max_header || length > bytes_.size() - length_size) {
      fail(fmt::format("header length {}, where the file has {} bytes", length, bytes_.size()));
    }
    const auto* text = reinterpret_cast<const char*>(bytes_.data() + length_size);
    data_ = bytes_.subspan(length_size + length);
    try {
      return parse_safetensors_header({text, length});
    } catch (const Error& error) {
      fail(error.what());
    }
  }

  void check_place(const TensorEntry& entry) const {
    const auto bad = [&](const char* what) {
      fail(fmt::format("tensor {}: its data_offsets {}", excerpt(entry.name), what));
    };
    if (entry.begin > entry.end || entry.end > data_.size())
      bad("are not inside the file: truncated?");
    const std::size_t width = size_of(entry.type);
    if (entry.count > data_.size() / width || entry.end - entry.begin != entry.count * width)
      bad("do not fit its shape");
  }

  void check_coverage(const std::vector<TensorEntry>& entries) const {
    std::size_t at = 0;
    for (const TensorEntry& entry : entries) {
      if (entry.begin != at) {
        fail(fmt::format("tensor {}: its data begin at {}, where {} was expected",
                         excerpt(entry.name), entry.begin, at));
      }
      at = entry.end;
    }
    if (at != data_.size()) {
      fail(fmt::format("{} bytes of data, where the header describes {}", data_.size(), at));
    }
  }

  Tensor read(const TensorEntry& entry) const {
    Tensor tensor{entry.name, entry.shape, {}};
    const std::size_t width = size_of(entry.type);
    tensor.values.reserve((entry.end - entry.begin) / width);
    for (std::size_t at = entry.begin; at < entry.end; at += width) {
      tensor.values.push_back(read_float(entry.type, data_.data() + at));
    }
    return tensor;
  }

  std::span<const std::byte> bytes_;
  std::span<const std::byte> data_;
  std::string name_;
};

/// `fields` are JSON already.
std::string format_object(const std::map<std::string, std::string>& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", to_json_string(name), value);
  return '{' + text + '}';
}

std::vector<std::uint16_t> to_halves(const Tensor& tensor) {
  std::vector<std::uint16_t> halves;
  halves.reserve(tensor.values.size());
  for (const float value : tensor.values) {
    halves.push_back(float_to_half(value));
    if (std::isfinite(value) && !std::isfinite(half_to_float(halves.back())))
      throw Error(fmt::format("tensor {}: {} is too large for a 16-bit float, at most 65504",
                              tensor.name, value));
  }
  return halves;
}

std::string format_metadata(const std::map<std::string, std::string>& metadata) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : metadata) fields[name] = to_json_string(value);
  return format_object(fields);
}

}  // namespace

std::vector<std::byte> format_safetensors(const Safetensors& content, NumberType type) {
  const bool is_half = type == NumberType::f16;
  std::map<std::string, std::string> fields;  // as JSON
  if (!content.metadata.empty()) fields[metadata_key] = format_metadata(content.metadata);
  std::size_t end = 0;
  for (const Tensor& tensor : content.tensors) {
    const std::size_t begin = end;
    end += tensor.values.size() * size_of(type);
    fields[tensor.name] =
        fmt::format(R"({{"data_offsets":[{},{}],"dtype":"{}","shape":[{}]}})", begin, end,
                    is_half ? "F16" : "F32", fmt::join(tensor.shape, ","));
  }
  std::string text = format_object(fields);
  while ((length_size + text.size()) % alignment != 0) text += ' ';

  const std::uint64_t length = text.size();
  std::vector<std::byte> bytes(length_size + length + end);
  std::byte* to = bytes.data();
  const auto put = [&to](const void* from, std::size_t size) {
    if (size != 0) std::memcpy(to, from, size);
    to += size;
  };
  put(&length, length_size);
  put(text.data(), length);
  for (const Tensor& tensor : content.tensors) {
    if (!is_half) {
      put(tensor.values.data(), tensor.values.size() * sizeof(float));
      continue;
    }
    const std::vector<std::uint16_t> halves = to_halves(tensor);
    put(halves.data(), halves.size() * sizeof(std::uint16_t));
  }
  return bytes;
}

Safetensors parse_safetensors(std::span<const std::byte> bytes, const std::filesystem::path& name) {
  return Parser(bytes, name).parse();
}

}  // namespace scrawl
