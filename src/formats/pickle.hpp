// Python's pickles, read as data: nothing that a pickle names is ever looked up or called.
// https://github.com/python/cpython/blob/main/Lib/pickletools.py describes the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace scrawl::pickle {

/// A value's place in Pickle::values. Values refer to each other in any way, also in circles.
using Ref = std::uint32_t;

struct None {};
struct List {
  std::vector<Ref> items;
  bool is_tuple = false;
};
/// A dict, a collections.OrderedDict or a defaultdict, in the order of the pickle.
struct Map {
  std::vector<std::pair<Ref, Ref>> items;
};
/// A class or a function by name.
struct Global {
  std::string_view module;
  std::string_view name;
  bool operator==(const Global&) const = default;
};
/// No value.
inline constexpr Ref none = ~Ref{0};
/// What Python would get by calling the function or class `function` with the tuple `arguments`,
/// and giving it the attributes `state` (none: it was given none). Items that it got, as a set or a
/// deque, are left out.
struct Call {
  Global function;
  Ref arguments = 0;
  Ref state = none;
};
/// Something that the pickle's writer keeps elsewhere under this id.
struct Persistent {
  Ref id = 0;
};

/// Text is str, bytes or Python 2's str.
using Value = std::variant<None, bool, std::int64_t, double, std::string_view, List, Map, Global,
                           Call, Persistent>;

/// Its texts point into the bytes that it was parsed from.
struct Pickle {
  std::vector<Value> values;
  Ref root = 0;
  std::size_t size = 0;  ///< in bytes, up to and with STOP; more may follow

  const Value& operator[](Ref ref) const { return values[ref]; }
  /// The value if it is one of these, else nullptr.
  template <typename Kind>
  const Kind* get(Ref ref) const {
    return std::get_if<Kind>(&values[ref]);
  }
};

/// No pickle is longer, nor holds more values, so that none takes more than some 250 MB.
inline constexpr std::size_t max_bytes = std::size_t{1} << 24;
inline constexpr std::size_t max_values = std::size_t{1} << 20;

/// Reads the pickle at the start of `bytes`. Throws Error, starting with `name` and naming it, for
/// every operation that a pickle of a model does not need, for globals that only an attack names
/// (os.system and the like), and for what is not well-formed.
Pickle parse(std::span<const std::byte> bytes, const std::filesystem::path& name);

}  // namespace scrawl::pickle
