#include "formats/safetensors_header.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "formats/json_parser.hpp"

namespace scrawl {

namespace {

constexpr std::size_t max_entries = 10'000;  // tensors, or metadata; as in .pth files
constexpr std::size_t max_dimensions = 8;
constexpr std::size_t max_fields = 100;  // of a tensor; three have a meaning
constexpr std::size_t longest_key = 1000;
constexpr std::size_t max_metadata = 1'000'000;  // bytes; all of it is kept, shown and served
constexpr std::size_t deepest = 5;  // objects and lists in one another; three have a meaning
constexpr std::string_view metadata_key = "__metadata__";

std::optional<NumberType> type_of(std::string_view dtype) {
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

[[noreturn]] void fail(const std::string& what) {
  throw Error(what);
}

/// A list of sizes, as far as it is one.
struct Sizes {
  bool is_list = false;
  bool has_others = false;  ///< than sizes
  std::vector<std::size_t> sizes;
};

/// A tensor as far as it has been read.
struct Description {
  std::string name;
  std::optional<NumberType> type;
  Sizes shape;
  Sizes data_offsets;

  [[noreturn]] void bad(std::string_view what) const {
    fail(fmt::format("tensor {}: {}", excerpt(name), what));
  }

  TensorEntry entry() const {
    if (!type) bad("its dtype is none of F16, BF16, F32, F64 and the integers'");
    if (!shape.is_list) bad("its shape is not a list");
    if (shape.has_others) bad("its shape holds something else than sizes");
    TensorEntry entry{name, *type, shape.sizes, 1, 0, 0};
    for (const std::size_t extent : shape.sizes) {
      if (__builtin_mul_overflow(entry.count, extent, &entry.count)) bad("its shape is too large");
    }
    if (data_offsets.has_others || data_offsets.sizes.size() != 2)
      bad("its data_offsets are not two numbers");
    entry.begin = data_offsets.sizes[0];
    entry.end = data_offsets.sizes[1];
    return entry;
  }
};

/// Takes a JsonParser's events. depth() objects and lists are open: 1 is the header, 2 a tensor or
/// the metadata, 3 a tensor's shape or offsets.
class Reader {
 public:
  SafetensorsHeader take() { return std::move(header_); }

  void start_object() {
    if (depth() == 1 && outer_ != metadata_key) {
      tensor_ = {};
      tensor_.name = outer_;
    } else if (depth() > 1) {
      other_than_expected({});
    }
    open();
  }
  void end_object() {
    keys_.pop_back();
    if (depth() == 1 && outer_ != metadata_key) header_.entries.push_back(tensor_.entry());
  }
  void start_array() {
    if (depth() == 2 && sizes() != nullptr) {
      sizes()->is_list = true;
    } else {
      other_than_expected({});
    }
    open();
  }
  void end_array() { keys_.pop_back(); }

  void key(std::string_view name) {
    if (name.size() > longest_key)
      fail(fmt::format("the header has a name of {} bytes, expected at most {}", name.size(),
                       longest_key));
    check_room_for(name);
    if (!keys_.back().emplace(name).second)
      fail(fmt::format("the header names {} twice", excerpt(name)));
    if (depth() == 1) outer_ = name;
    if (depth() == 2) inner_ = name;
  }

  /// A size, the text of a dtype or of metadata, or something that nobody asks for.
  void scalar(const JsonScalar& value) {
    if (depth() == 3 && sizes() != nullptr && sizes()->is_list) {
      add(value);
    } else if (depth() == 2 && outer_ != metadata_key && inner_ == "dtype") {
      const auto* text = std::get_if<std::string_view>(&value);
      tensor_.type = text == nullptr ? std::nullopt : type_of(*text);
    } else {
      other_than_expected(value);
    }
  }

  [[noreturn]] static void not_json(std::size_t at, std::string_view expected) {
    fail(fmt::format("the header is not JSON: at its byte {}, expected {}", at, expected));
  }

 private:
  std::size_t depth() const { return keys_.size(); }

  void open() {
    if (depth() == deepest) fail("the header is nested too deeply");
    keys_.emplace_back();
  }

  void check_room_for(std::string_view name) const {
    const bool in_metadata = depth() > 1 && outer_ == metadata_key;
    if (depth() == 1 && name != metadata_key && header_.entries.size() == max_entries)
      fail(fmt::format("more than {} tensors", max_entries));
    if (in_metadata && header_.metadata.size() == max_entries)
      fail(fmt::format("more than {} entries in __metadata__", max_entries));
    if (depth() > 1 && !in_metadata && keys_.back().size() == max_fields)
      tensor_.bad(fmt::format("more than {} fields", max_fields));
  }

  /// The list that the present field of a tensor is, if it is one that has a meaning.
  Sizes* sizes() {
    if (outer_ == metadata_key) return nullptr;
    if (inner_ == "shape") return &tensor_.shape;
    if (inner_ == "data_offsets") return &tensor_.data_offsets;
    return nullptr;
  }

  void add(const JsonScalar& value) {
    Sizes& list = *sizes();
    const auto* size = std::get_if<std::uint64_t>(&value);
    if (list.sizes.size() == max_dimensions)
      tensor_.bad(fmt::format("more than {} numbers in its {}", max_dimensions, inner_));
    if (size == nullptr) list.has_others = true;
    list.sizes.push_back(size == nullptr ? 0 : *size);
  }

  /// A value that stands neither for a tensor's type nor in one of its lists.
  void other_than_expected(const JsonScalar& value) {
    if (keys_.empty()) fail("the header is not a JSON object");
    if (depth() == 1 && outer_ == metadata_key) fail("__metadata__ is not an object");
    if (depth() == 1) {
      tensor_.name = outer_;
      tensor_.bad("not described by an object");
    }
    if (outer_ == metadata_key) {
      const auto* text = std::get_if<std::string_view>(&value);
      if (text == nullptr) fail(fmt::format("__metadata__.{} is not a string", excerpt(inner_)));
      metadata_bytes_ += inner_.size() + text->size();
      if (metadata_bytes_ > max_metadata)
        fail(fmt::format("more than {} bytes of __metadata__", max_metadata));
      header_.metadata.emplace(inner_, *text);
    } else if (depth() == 3 && sizes() != nullptr) {
      sizes()->has_others = true;
    }
  }

  SafetensorsHeader header_;
  std::size_t metadata_bytes_ = 0;
  Description tensor_;                       // the one that is being read
  std::vector<std::set<std::string>> keys_;  // of each object or list that is open; a list has none
  std::string outer_;                        // the last key of the header
  std::string inner_;                        // the last key of a tensor, or of the metadata
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text) {
  Reader reader;
  JsonParser(text, reader).parse();
  return reader.take();
}

}  // namespace scrawl
