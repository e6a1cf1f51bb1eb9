#include "formats/pickle.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

namespace scrawl::pickle {

namespace {

constexpr Global default_dict{"collections", "defaultdict"};
constexpr Global dicts[] = {default_dict, {"collections", "OrderedDict"}, {"builtins", "dict"}};

/// Modules that no model names, and that those do who want Python to run something as it loads one.
/// Nothing here would run it; but nobody should load such a file elsewhere.
constexpr std::string_view hostile_modules[] = {
    "os",      "posix",   "nt",     "sys",    "subprocess", "commands",  "pty",
    "runpy",   "code",    "socket", "shutil", "webbrowser", "importlib", "pickle",
    "_pickle", "marshal", "ctypes", "timeit", "pdb",        "cProfile",  "pip"};
constexpr std::string_view hostile_builtins[] = {"eval", "exec",       "execfile", "compile",
                                                 "open", "__import__", "input",    "breakpoint"};

bool is_hostile(const Global& global) {
  const std::string_view module = global.module.substr(0, global.module.find('.'));
  if (std::ranges::find(hostile_modules, module) != std::end(hostile_modules)) return true;
  const bool is_builtin = module == "builtins" || module == "__builtin__";
  return is_builtin &&
         std::ranges::find(hostile_builtins, global.name) != std::end(hostile_builtins);
}

/// Opcodes that are known and refused.
struct Refused {
  unsigned char opcode;
  std::string_view name;
};
constexpr Refused refused[] = {
    {'I', "INT"},     {'L', "LONG"},         {'S', "STRING"},
    {'V', "UNICODE"}, {'F', "FLOAT"},        {'P', "PERSID"},
    {'p', "PUT"},     {'g', "GET"},          {'i', "INST"},
    {'o', "OBJ"},     {0x82, "EXT1"},        {0x83, "EXT2"},
    {0x84, "EXT4"},   {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"},
};

/// Python's machine of a stack and a memo, without its calls.
class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const std::filesystem::path& name)
      : bytes_(bytes.first(std::min(bytes.size(), max_bytes))), name_(name.string()) {}

  Pickle run() {
    for (;;) {
      const auto opcode = integer<unsigned char>();
      if (opcode == '.') break;
      if (!scalar(opcode) && !text(opcode) && !container(opcode) && !memo(opcode) &&
          !object(opcode)) {
        refuse(opcode);
      }
    }
    pickle_.root = pop();
    pickle_.size = at_;
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: pickle, byte {}: {}", name_, at_, what));
  }

  [[noreturn]] void refuse(unsigned char opcode) const {
    const auto* known = std::ranges::find(refused, opcode, &Refused::opcode);
    const auto name = known == std::end(refused) ? "unknown" : known->name;
    fail(fmt::format("opcode {:#04x} ({}) is not among those that a model needs", opcode, name));
  }

  // ---- What stands in the pickle ----

  std::string_view take(std::size_t size) {
    if (size > bytes_.size() - at_) {
      fail(bytes_.size() == max_bytes ? fmt::format("longer than {} bytes", max_bytes)
                                      : std::string("truncated"));
    }
    const auto* begin = reinterpret_cast<const char*>(bytes_.data() + at_);
    at_ += size;
    return {begin, size};
  }

  template <typename Integer>
  Integer integer() {
    Integer value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_,
                                bytes_.size() - at_);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) fail("truncated");
    at_ += end + 1;
    return rest.substr(0, end);
  }

  /// Two's complement, little-endian, of any length.
  std::int64_t long_integer(std::size_t size) {
    const std::string_view digits = take(size);
    if (size > sizeof(std::int64_t)) fail("an integer of more than 64 bits");
    std::int64_t value = size > 0 && (digits.back() & 0x80) != 0 ? -1 : 0;
    if (size > 0) std::memcpy(&value, digits.data(), size);
    return value;
  }

  double big_endian_double() {
    return std::bit_cast<double>(__builtin_bswap64(integer<std::uint64_t>()));
  }

  // ---- The stack ----

  Ref push(Value value) {
    if (pickle_.values.size() == max_values) fail(fmt::format("more than {} values", max_values));
    pickle_.values.push_back(std::move(value));
    stack_.push_back(static_cast<Ref>(pickle_.values.size() - 1));
    return stack_.back();
  }

  /// Values below the last mark cannot be had.
  void need(std::size_t count) const {
    if (stack_.size() - (marks_.empty() ? 0 : marks_.back()) < count) fail("the stack is empty");
  }

  Ref top() const {
    need(1);
    return stack_.back();
  }

  Ref pop() {
    const Ref ref = top();
    stack_.pop_back();
    return ref;
  }

  std::vector<Ref> pop_last(std::size_t count) {
    need(count);
    std::vector<Ref> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  std::vector<Ref> pop_to_mark() {
    if (marks_.empty()) fail("there is no mark on the stack");
    std::vector<Ref> items = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  template <typename Kind>
  Kind& expect_top(const char* what) {
    auto* found = std::get_if<Kind>(&pickle_.values[top()]);
    if (found == nullptr) fail(fmt::format("expected {} on the stack", what));
    return *found;
  }

  // ---- Opcodes: true when it was one of these ----

  bool scalar(unsigned char opcode) {
    switch (opcode) {
      case 'N':
        push(None{});
        return true;
      case 0x88:
        push(true);
        return true;
      case 0x89:
        push(false);
        return true;
      case 'J':
        push(std::int64_t{integer<std::int32_t>()});
        return true;
      case 'K':
        push(std::int64_t{integer<std::uint8_t>()});
        return true;
      case 'M':
        push(std::int64_t{integer<std::uint16_t>()});
        return true;
      case 0x8a:
        push(long_integer(integer<std::uint8_t>()));
        return true;
      case 0x8b:
        push(long_integer(integer<std::uint32_t>()));
        return true;
      case 'G':
        push(big_endian_double());
        return true;
      default:
        return false;
    }
  }

  bool text(unsigned char opcode) {
    switch (opcode) {
      case 'U':   // SHORT_BINSTRING
      case 'C':   // SHORT_BINBYTES
      case 0x8c:  // SHORT_BINUNICODE
        push(take(integer<std::uint8_t>()));
        return true;
      case 'T':  // BINSTRING
      case 'B':  // BINBYTES
      case 'X':  // BINUNICODE
        push(take(integer<std::uint32_t>()));
        return true;
      case 0x8d:  // BINUNICODE8
      case 0x8e:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        push(take(integer<std::uint64_t>()));
        return true;
      default:
        return false;
    }
  }

  bool container(unsigned char opcode) {
    switch (opcode) {
      case '(':
        mark();
        return true;
      case ')':
        push(List{{}, true});
        return true;
      case 't':
        push(List{pop_to_mark(), true});
        return true;
      case 0x85:
        push(List{pop_last(1), true});
        return true;
      case 0x86:
        push(List{pop_last(2), true});
        return true;
      case 0x87:
        push(List{pop_last(3), true});
        return true;
      case ']':
      case 0x8f:  // EMPTY_SET
        push(List{});
        return true;
      case 'l':
      case 0x91:  // FROZENSET
        push(List{pop_to_mark(), false});
        return true;
      case 'a':
        append(pop_last(1));
        return true;
      case 'e':
      case 0x90:  // ADDITEMS
        append(pop_to_mark());
        return true;
      case '}':
        push(Map{});
        return true;
      case 'd': {
        const std::vector<Ref> items = pop_to_mark();
        push(Map{});
        set_items(items);
        return true;
      }
      case 's':
        set_items(pop_last(2));
        return true;
      case 'u':
        set_items(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  void mark() {
    constexpr std::size_t deepest = 1000;  // Python's own limit of recursion
    if (marks_.size() == deepest) fail("nested too deeply");
    marks_.push_back(stack_.size());
  }

  /// Whether what is built on top is an object of a class that we know nothing of.
  bool builds_object() const { return pickle_.get<Call>(top()) != nullptr; }

  void append(const std::vector<Ref>& items) {
    if (builds_object()) return;
    List& list = expect_top<List>("a list");
    if (list.is_tuple) fail("a tuple cannot be appended to");
    list.items.insert(list.items.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<Ref>& items) {
    if (builds_object()) return;
    Map& map = expect_top<Map>("a dict");
    if (items.size() % 2 != 0) fail("a key without a value");
    for (std::size_t i = 0; i < items.size(); i += 2) {
      map.items.emplace_back(items[i], items[i + 1]);
    }
  }

  bool memo(unsigned char opcode) {
    switch (opcode) {
      case 'q':
        remember(integer<std::uint8_t>());
        return true;
      case 'r':
        remember(integer<std::uint32_t>());
        return true;
      case 0x94:
        remember(remembered_);
        return true;
      case 'h':
        recall(integer<std::uint8_t>());
        return true;
      case 'j':
        recall(integer<std::uint32_t>());
        return true;
      case '0':
        pop();
        return true;
      case '1':
        pop_to_mark();
        return true;
      case '2':
        stack_.push_back(top());
        return true;
      default:
        return false;
    }
  }

  void remember(std::size_t place) {
    if (place >= max_values) fail(fmt::format("memo place {} is too large", place));
    const Ref ref = top();
    if (place >= memo_.size()) memo_.resize(place + 1, none);
    if (memo_[place] == none) ++remembered_;
    memo_[place] = ref;
  }

  void recall(std::size_t place) {
    if (place >= memo_.size() || memo_[place] == none) {
      fail(fmt::format("memo place {} is empty", place));
    }
    stack_.push_back(memo_[place]);
  }

  bool object(unsigned char opcode) {
    switch (opcode) {
      case 0x80:
        if (const auto protocol = integer<std::uint8_t>(); protocol < 2 || protocol > 5) {
          fail(fmt::format("protocol {}, expected 2 to 5", protocol));
        }
        return true;
      case 0x95:
        integer<std::uint64_t>();
        return true;  // FRAME: how much to read at once
      case 'c': {
        const std::string_view module = line();
        push_global({module, line()});
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const std::string_view name = pop_text();
        push_global({pop_text(), name});
        return true;
      }
      case 'R':
        reduce();
        return true;
      case 'Q':
        push(Persistent{pop()});
        return true;
      case 0x81:
        make(pop_last(2), "NEWOBJ");
        return true;
      case 0x92: {  // arguments with names are nothing to us
        pop();
        make(pop_last(2), "NEWOBJ_EX");
        return true;
      }
      case 'b':
        build();
        return true;
      default:
        return false;
    }
  }

  std::string_view pop_text() {
    const std::string_view found = expect_top<std::string_view>("a text");
    pop();
    return found;
  }

  void push_global(const Global& global) {
    if (global.module.empty() || global.name.empty() || is_hostile(global)) {
      constexpr std::size_t longest = 80;
      fail(fmt::format(
          "names {}.{}, which no model needs, and which could do anything where Python loads it "
          "(nothing was executed here)",
          global.module.substr(0, longest), global.name.substr(0, longest)));
    }
    push(global);
  }

  void reduce() {
    const std::vector<Ref> call = pop_last(2);
    const auto* function = pickle_.get<Global>(call[0]);
    const auto* arguments = pickle_.get<List>(call[1]);
    if (function != nullptr && std::ranges::find(dicts, *function) != std::end(dicts) &&
        arguments != nullptr && arguments->is_tuple) {
      // Of a defaultdict, what makes its defaults; items come behind.
      if (!arguments->items.empty() && *function != default_dict) fail("a dict with arguments");
      push(Map{});
      return;
    }
    make(call, "a call");
  }

  /// An object of a class, or what a function gives, and its arguments.
  void make(const std::vector<Ref>& call, std::string_view what) {
    const auto* arguments = pickle_.get<List>(call[1]);
    const std::optional<Global> function = function_at(call[0]);
    if (!function || arguments == nullptr || !arguments->is_tuple) {
      fail(fmt::format("{} of something else than a function or class with a tuple", what));
    }
    push(Call{*function, call[1]});
  }

  /// A class may also be kept elsewhere, with its source code: ("module", class, file, source).
  std::optional<Global> function_at(Ref ref) const {
    if (const auto* global = pickle_.get<Global>(ref)) return *global;
    const auto* persistent = pickle_.get<Persistent>(ref);
    const auto* id = persistent == nullptr ? nullptr : pickle_.get<List>(persistent->id);
    if (id == nullptr || id->items.size() < 2) return std::nullopt;
    const auto* global = pickle_.get<Global>(id->items[1]);
    return global == nullptr ? std::nullopt : std::optional(*global);
  }

  /// Attributes of an object. Those of a dict, such as a state dict's _metadata, are nothing to us.
  void build() {
    const Ref state = pop();
    if (auto* call = std::get_if<Call>(&pickle_.values[top()])) {
      call->state = state;
    } else {
      expect_top<Map>("a dict or an object");
    }
  }

  std::span<const std::byte> bytes_;
  std::string name_;
  std::size_t at_ = 0;
  Pickle pickle_;
  std::vector<Ref> stack_;
  std::vector<std::size_t> marks_;  // the stack's size at each
  std::vector<Ref> memo_;
  std::size_t remembered_ = 0;  // how many places of the memo are taken
};

}  // namespace

Pickle parse(std::span<const std::byte> bytes, const std::filesystem::path& name) {
  return Machine(bytes, name).run();
}

}  // namespace scrawl::pickle
