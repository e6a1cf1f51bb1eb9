#include "exchange/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "exchange/number_types.hpp"

namespace scrawl {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

namespace {

using Json = nlohmann::json;

constexpr std::size_t length_size = 8;
constexpr std::size_t alignment = 64;
constexpr std::size_t max_header = 10'000'000;  // as JSON in memory it is some 30 times as large
constexpr const char* metadata_key = "__metadata__";

/// Where a tensor lies in the data, [begin, end) in bytes.
struct Entry {
  std::string name;
  NumberType type = NumberType::f32;
  std::vector<std::size_t> shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::optional<NumberType> type_of(const Json& dtype) {
  const std::pair<std::string_view, NumberType> types[] = {
      {"F16", NumberType::f16},        {"BF16", NumberType::bf16},
      {"F32", NumberType::f32},        {"F64", NumberType::f64},
      {"BOOL", NumberType::integer_1}, {"U8", NumberType::integer_1},
      {"I8", NumberType::integer_1},   {"U16", NumberType::integer_2},
      {"I16", NumberType::integer_2},  {"U32", NumberType::integer_4},
      {"I32", NumberType::integer_4},  {"U64", NumberType::integer_8},
      {"I64", NumberType::integer_8}};
  for (const auto& [name, type] : types) {
    if (dtype == name) return type;
  }
  return std::nullopt;
}

/// Whether what is no safetensors file begins as ONNX's ModelProto does: its version, a small
/// number (field 1), and then, since writers go by the numbers, the producer's name or version (2,
/// 3), the graph (7) or the operators (8).
bool begins_like_onnx(std::span<const std::byte> bytes) {
  constexpr std::array<std::uint8_t, 4> next_fields{0x12, 0x1A, 0x3A, 0x42};
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); };
  return bytes.size() > 2 && at(0) == 0x08 && at(1) < 0x80 &&
         std::ranges::find(next_fields, at(2)) != next_fields.end();
}

/// Checks one file; the message of every failure starts with its name.
class Parser {
 public:
  Parser(std::span<const std::byte> bytes, const std::filesystem::path& name)
      : bytes_(bytes), name_(name.string()) {}

  Safetensors parse() {
    const Json header = parse_header();
    Safetensors content;
    std::vector<Entry> entries;
    for (const auto& [key, value] : header.items()) {
      if (key == metadata_key) {
        content.metadata = parse_metadata(value);
      } else {
        entries.push_back(parse_entry(key, value));
      }
    }
    std::ranges::sort(entries, {},
                      [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
    check_coverage(entries);
    for (const Entry& entry : entries) {
      if (!is_integer(entry.type)) content.tensors.push_back(read(entry));
    }
    return content;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: {}; is this a .safetensors file?", name_, what));
  }

  [[noreturn]] void fail_of_onnx() const {
    throw Error(fmt::format(
        "{}: an ONNX file, which scrawl writes but does not read; keep the .safetensors "
        "or .pth that it was made of, and name that",
        name_));
  }

  Json parse_header() {
    if (bytes_.size() < length_size) fail(fmt::format("only {} bytes long", bytes_.size()));
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), length_size);
    if (length > max_header || length > bytes_.size() - length_size) {
      if (begins_like_onnx(bytes_) || name_.ends_with(".onnx")) fail_of_onnx();
      fail(fmt::format("header length {}, where the file has {} bytes", length, bytes_.size()));
    }
    const auto* text = reinterpret_cast<const char*>(bytes_.data() + length_size);
    data_ = bytes_.subspan(length_size + length);
    Json header = parse_json(text, text + length);
    if (!header.is_object()) fail("the header is not a JSON object");
    return header;
  }

  /// JSON without doubled keys (which would hide one of two tensors) and without deep nesting
  /// (which would use up the stack).
  Json parse_json(const char* begin, const char* end) const {
    std::vector<std::set<std::string>> keys;
    const auto check = [&](int depth, Json::parse_event_t event, Json& value) {
      constexpr int max_depth = 4;
      if (depth > max_depth) fail("the header is nested too deeply");
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key &&
          !keys.back().insert(value.get<std::string>()).second) {
        fail(fmt::format("the header names {} twice", value.get<std::string>()));
      }
      return true;
    };
    try {
      return Json::parse(begin, end, check);
    } catch (const Json::exception& error) {
      fail(fmt::format("the header is not JSON: {}", error.what()));
    }
  }

  std::map<std::string, std::string> parse_metadata(const Json& value) const {
    if (!value.is_object()) fail("__metadata__ is not an object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(fmt::format("__metadata__.{} is not a string", key));
      metadata[key] = text.get<std::string>();
    }
    return metadata;
  }

  Entry parse_entry(const std::string& key, const Json& value) const {
    const auto bad = [&](const char* what) { fail(fmt::format("tensor {}: {}", key, what)); };
    if (!value.is_object()) bad("not described by an object");
    const auto type = type_of(value.value("dtype", Json()));
    if (!type) bad("its dtype is none of F16, BF16, F32, F64 and the integers'");
    Entry entry{key, *type, {}, 0, 0};
    const Json shape = value.value("shape", Json());
    if (!shape.is_array()) bad("its shape is not a list");
    std::size_t count = 1;
    for (const Json& extent : shape) {
      if (!extent.is_number_unsigned()) bad("its shape holds something else than sizes");
      entry.shape.push_back(extent.get<std::size_t>());
      if (__builtin_mul_overflow(count, entry.shape.back(), &count)) bad("its shape is too large");
    }
    const Json offsets = value.value("data_offsets", Json());
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
      bad("its data_offsets are not two numbers");
    }
    entry.begin = offsets[0].get<std::size_t>();
    entry.end = offsets[1].get<std::size_t>();
    if (entry.begin > entry.end || entry.end > data_.size()) {
      bad("its data_offsets are not inside the file: truncated?");
    }
    const std::size_t width = size_of(entry.type);
    if (count > data_.size() / width || entry.end - entry.begin != count * width) {
      bad("its data_offsets do not fit its shape");
    }
    return entry;
  }

  void check_coverage(const std::vector<Entry>& entries) const {
    std::size_t at = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != at) {
        fail(fmt::format("tensor {}: its data begin at {}, where {} was expected", entry.name,
                         entry.begin, at));
      }
      at = entry.end;
    }
    if (at != data_.size()) {
      fail(fmt::format("{} bytes of data, where the header describes {}", data_.size(), at));
    }
  }

  Tensor read(const Entry& entry) const {
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

}  // namespace

std::vector<std::byte> format_safetensors(const Safetensors& content) {
  Json header = Json::object();
  if (!content.metadata.empty()) header[metadata_key] = content.metadata;
  std::size_t end = 0;
  for (const Tensor& tensor : content.tensors) {
    const std::size_t begin = end;
    end += tensor.values.size() * sizeof(float);
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
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
    put(tensor.values.data(), tensor.values.size() * sizeof(float));
  }
  return bytes;
}

Safetensors parse_safetensors(std::span<const std::byte> bytes, const std::filesystem::path& name) {
  return Parser(bytes, name).parse();
}

}  // namespace scrawl
