#include "formats/pth.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "formats/number_types.hpp"
#include "formats/pickle.hpp"
#include "formats/zip.hpp"

namespace scrawl {

static_assert(std::endian::native == std::endian::little, "tensors are read as little-endian");

namespace {

using pickle::Pickle;
using pickle::Ref;
using Bytes = std::span<const std::byte>;

constexpr pickle::Global rebuild_tensor{"torch._utils", "_rebuild_tensor_v2"};
constexpr pickle::Global rebuild_parameter{"torch._utils", "_rebuild_parameter"};
constexpr pickle::Global rebuild_parameter_with_state{"torch._utils",
                                                      "_rebuild_parameter_with_state"};

/// Of a tensor, or of a storage, which any number of tensors may name.
constexpr std::size_t longest_name = 1000;

std::optional<NumberType> type_of(const pickle::Global& storage) {
  const std::pair<std::string_view, NumberType> types[] = {
      {"HalfStorage", NumberType::f16},       {"BFloat16Storage", NumberType::bf16},
      {"FloatStorage", NumberType::f32},      {"DoubleStorage", NumberType::f64},
      {"BoolStorage", NumberType::integer_1}, {"ByteStorage", NumberType::integer_1},
      {"CharStorage", NumberType::integer_1}, {"ShortStorage", NumberType::integer_2},
      {"IntStorage", NumberType::integer_4},  {"LongStorage", NumberType::integer_8},
  };
  if (storage.module != "torch") return std::nullopt;
  for (const auto& [name, type] : types) {
    if (storage.name == name) return type;
  }
  return std::nullopt;
}

// What the files of before 1.6 begin with: the pickle of 0x1950a86a20f9469cfc6c.
constexpr unsigned char legacy_magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                          0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

bool is_legacy(Bytes bytes) {
  return bytes.size() >= sizeof legacy_magic &&
         std::memcmp(bytes.data(), legacy_magic, sizeof legacy_magic) == 0;
}

/// Numbers that tensors are views of.
struct Storage {
  NumberType type = NumberType::f32;
  std::size_t count = 0;  ///< of numbers
  Bytes content;
};

/// A tensor as the pickle describes it; its sizes are known to lie inside the storage.
struct View {
  const Storage* storage = nullptr;
  std::size_t offset = 0;  ///< in numbers, as the strides
  std::vector<std::size_t> shape;
  std::vector<std::size_t> strides;
  std::size_t count = 1;
};

/// One file; the message of every failure starts with its name.
class PthParser {
 public:
  PthParser(Bytes bytes, const std::filesystem::path& name) : bytes_(bytes), name_(name) {}

  std::vector<Tensor> parse(const std::string& key) {
    is_legacy(bytes_) ? open_legacy() : open_archive();
    return read_all(choose(key));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: {}", name_.string(), what));
  }

  // ---- The two kinds of files ----

  void open_archive() {
    const std::vector<ZipEntry> entries = parse_zip(bytes_, name_);
    constexpr std::string_view pickle_name = "/data.pkl";
    const auto main = std::ranges::find_if(
        entries, [&](const ZipEntry& entry) { return entry.name.ends_with(pickle_name); });
    if (main == entries.end()) fail("a zip archive without data.pkl: not written by PyTorch");
    const std::string folder = main->name.substr(0, main->name.size() - pickle_name.size() + 1);
    std::map<std::string_view, Bytes> contents;
    for (const ZipEntry& entry : entries) contents[entry.name] = entry.content;
    if (const auto order = contents.find(folder + "byteorder"); order != contents.end()) {
      const auto* text = reinterpret_cast<const char*>(order->second.data());
      check_byte_order(std::string_view(text, order->second.size()) == "little");
    }
    pickle_ = pickle::parse(main->content, name_);
    find_storages();
    for (auto& [key, storage] : storages_) {
      const auto found = contents.find(fmt::format("{}data/{}", folder, key));
      if (found == contents.end()) fail(fmt::format("storage {} is missing", excerpt(key)));
      storage.content = found->second;
      check_size(key, storage);
    }
  }

  /// Pickles of a magic number, a version, the machine, the object, and the storages' keys; then
  /// for each key its count of numbers, and the numbers.
  void open_legacy() {
    std::size_t at = sizeof legacy_magic;
    const auto next = [&] {
      Pickle parsed = pickle::parse(bytes_.subspan(at), name_);
      at += parsed.size;
      return parsed;
    };
    const Pickle version = next();
    constexpr std::int64_t only_version = 1001;
    const auto* number = version.get<std::int64_t>(version.root);
    if (number == nullptr || *number != only_version) fail("its version is not 1001");
    check_machine(next());
    pickle_ = next();
    find_storages();
    const Pickle keys = next();
    const auto* list = keys.get<pickle::List>(keys.root);
    if (list == nullptr) fail("the storages' keys are not a list");
    for (const Ref ref : list->items) at = take_storage(keys.get<std::string_view>(ref), at);
    if (at != bytes_.size()) fail(fmt::format("{} bytes too many", bytes_.size() - at));
    for (const auto& [key, storage] : storages_) check_size(key, storage);
  }

  void check_machine(const Pickle& machine) const {
    const auto* fields = machine.get<pickle::Map>(machine.root);
    if (fields == nullptr) fail("the description of its machine is not a dict");
    for (const auto& [key, value] : fields->items) {
      const auto* text = machine.get<std::string_view>(key);
      if (text == nullptr || *text != "little_endian") continue;
      const bool* little = machine.get<bool>(value);
      check_byte_order(little != nullptr && *little);
    }
  }

  void check_byte_order(bool little) const {
    if (!little) fail("written on a big-endian machine; save it on a little-endian one");
  }

  /// The storage at `at`; returns where the next one is.
  std::size_t take_storage(const std::string_view* key, std::size_t at) {
    const auto found = key == nullptr ? storages_.end() : storages_.find(*key);
    if (found == storages_.end()) fail("a storage that no tensor uses");
    Storage& storage = found->second;
    std::uint64_t count = 0;
    if (bytes_.size() - at < sizeof count) fail("truncated");
    std::memcpy(&count, bytes_.data() + at, sizeof count);
    at += sizeof count;
    if (count != storage.count) {
      fail(fmt::format("storage {}: {} numbers, expected {}", excerpt(*key), count, storage.count));
    }
    if (count > (bytes_.size() - at) / size_of(storage.type)) fail("truncated");
    storage.content = bytes_.subspan(at, count * size_of(storage.type));
    return at + storage.content.size();
  }

  void check_size(std::string_view key, const Storage& storage) const {
    const std::size_t size = storage.content.size();
    if (size % size_of(storage.type) != 0 || size / size_of(storage.type) != storage.count) {
      fail(fmt::format("storage {}: {} bytes, expected {} numbers of {}", excerpt(key), size,
                       storage.count, size_of(storage.type)));
    }
  }

  // ---- Storages and tensors, in the pickle ----

  /// All storages that it refers to, without their contents yet.
  void find_storages() {
    for (const pickle::Value& value : pickle_.values) {
      const auto* persistent = std::get_if<pickle::Persistent>(&value);
      if (persistent == nullptr || is_class(*persistent)) continue;
      const auto [key, storage] = describe_storage(*persistent);
      const auto [known_one, is_new] = storages_.emplace(key, storage);
      if (known_one->second.type != storage.type || known_one->second.count != storage.count) {
        fail(fmt::format("storage {} is described in two ways", excerpt(key)));
      }
    }
  }

  /// ("module", class, file, source): how files of before 1.6 have the classes of whole modules.
  bool is_class(const pickle::Persistent& persistent) const {
    const auto* id = pickle_.get<pickle::List>(persistent.id);
    const auto* kind =
        id == nullptr || id->items.empty() ? nullptr : pickle_.get<std::string_view>(id->items[0]);
    return kind != nullptr && *kind == "module";
  }

  /// ("storage", torch.FloatStorage, key, device, count), in old files with None behind it.
  std::pair<std::string_view, Storage> describe_storage(
      const pickle::Persistent& persistent) const {
    const auto* id = pickle_.get<pickle::List>(persistent.id);
    if (id != nullptr && (id->items.size() == 5 || id->items.size() == 6)) {
      const auto* kind = pickle_.get<std::string_view>(id->items[0]);
      const auto* global = pickle_.get<pickle::Global>(id->items[1]);
      const auto* key = pickle_.get<std::string_view>(id->items[2]);
      const auto* count = pickle_.get<std::int64_t>(id->items[4]);
      const auto type = global == nullptr ? std::nullopt : type_of(*global);
      const bool whole =
          id->items.size() == 5 || pickle_.get<pickle::None>(id->items[5]) != nullptr;
      if (key != nullptr && key->size() > longest_name) fail("the key of a storage is too long");
      if (kind != nullptr && *kind == "storage" && type && key != nullptr && count != nullptr &&
          *count >= 0 && whole) {
        return {*key, {*type, static_cast<std::size_t>(*count), {}}};
      }
    }
    fail("something else than a storage is kept outside the pickle");
  }

  /// The call that makes the tensor, through a Parameter around it; nullptr: it is none.
  const pickle::Call* tensor_call(Ref ref) const {
    const auto* call = pickle_.get<pickle::Call>(ref);
    if (call != nullptr &&
        (call->function == rebuild_parameter || call->function == rebuild_parameter_with_state)) {
      const auto& arguments = *pickle_.get<pickle::List>(call->arguments);
      call = arguments.items.empty() ? nullptr : pickle_.get<pickle::Call>(arguments.items[0]);
    }
    return call != nullptr && call->function == rebuild_tensor ? call : nullptr;
  }

  /// _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)
  View view(const pickle::Call& call, const std::string& tensor) const {
    const auto& arguments = pickle_.get<pickle::List>(call.arguments)->items;
    const auto bad = [&](const std::string& what) {
      fail(fmt::format("tensor {}: {}", excerpt(tensor), what));
    };
    if (arguments.size() < 4) bad("too few arguments");
    const auto* persistent = pickle_.get<pickle::Persistent>(arguments[0]);
    if (persistent == nullptr) bad("it has no storage");
    View view;
    view.storage = &storages_.at(describe_storage(*persistent).first);
    const auto offset = size(arguments[1]);
    const auto shape = sizes(arguments[2]);
    const auto strides = sizes(arguments[3]);
    if (!offset || !shape || !strides || shape->size() != strides->size()) {
      bad("its offset, shape or strides are not sizes");
    }
    view.offset = *offset;
    view.shape = *shape;
    view.strides = *strides;
    std::size_t last = view.offset;  // the place of its last number
    for (std::size_t i = 0; i < shape->size(); ++i) {
      std::size_t reach = 0;
      if (__builtin_mul_overflow(view.count, view.shape[i], &view.count) ||
          __builtin_mul_overflow(std::max<std::size_t>(view.shape[i], 1) - 1, view.strides[i],
                                 &reach) ||
          __builtin_add_overflow(last, reach, &last)) {
        bad("its shape is too large");
      }
    }
    if (view.count > 0 && last >= view.storage->count) bad("it reaches beyond its storage");
    if (view.count > view.storage->count) {
      bad("it has more values than its storage; save it .contiguous()");
    }
    return view;
  }

  std::optional<std::size_t> size(Ref ref) const {
    const auto* number = pickle_.get<std::int64_t>(ref);
    if (number == nullptr || *number < 0) return std::nullopt;
    return static_cast<std::size_t>(*number);
  }

  std::optional<std::vector<std::size_t>> sizes(Ref ref) const {
    constexpr std::size_t max_dimensions = 8;
    const auto* list = pickle_.get<pickle::List>(ref);
    if (list == nullptr || list->items.size() > max_dimensions) return std::nullopt;
    std::vector<std::size_t> found;
    for (const Ref item : list->items) {
      const auto extent = size(item);
      if (!extent) return std::nullopt;
      found.push_back(*extent);
    }
    return found;
  }

  // ---- The state dict in it ----

  /// A tensor by its name in a state dict.
  struct Named {
    std::string name;
    const pickle::Call* call = nullptr;
  };

  /// A dict, or an object with attributes, somewhere in a checkpoint.
  struct Place {
    Ref ref = 0;
    const pickle::Map* map = nullptr;  ///< its items or attributes
    std::size_t parent = 0;            ///< in places_; the first one has none
    std::string_view key;
    int depth = 0;
    bool is_module = false;
  };

  static constexpr int deepest = 32;

  const pickle::Map* map_of(Ref ref) const {
    if (const auto* map = pickle_.get<pickle::Map>(ref)) return map;
    const auto* object = pickle_.get<pickle::Call>(ref);
    if (object == nullptr || object->state == pickle::none) return nullptr;
    return pickle_.get<pickle::Map>(object->state);
  }

  /// Objects may share their attributes; that a small file asks for much time so is refused.
  void spend(std::size_t items) {
    constexpr std::size_t most = std::size_t{1} << 24;
    spent_ += items;
    if (spent_ > most) fail("too many objects and attributes");
  }

  /// The value with a text as its key.
  std::optional<Ref> item(const pickle::Map& map, std::string_view key) {
    spend(map.items.size());
    for (const auto& [name, value] : map.items) {
      const auto* text = pickle_.get<std::string_view>(name);
      if (text != nullptr && *text == key) return value;
    }
    return std::nullopt;
  }

  /// A torch.nn.Module that was saved whole, or one of TorchScript's.
  bool is_module(Ref ref) {
    const auto* object = pickle_.get<pickle::Call>(ref);
    const pickle::Map* attributes = map_of(ref);
    if (object == nullptr || attributes == nullptr) return false;
    return item(*attributes, "_modules") || object->function.module.starts_with("__torch__");
  }

  /// model.encoder, as far as it is of use to a reader.
  std::string path(std::size_t place) const {
    constexpr std::size_t longest = 1000;
    std::string text;
    for (; place != 0 && text.size() < longest; place = places_[place].parent) {
      const std::string_view key = places_[place].key.substr(0, longest);
      text = text.empty() ? std::string(key) : fmt::format("{}.{}", key, text);
    }
    return text;
  }

  /// All dicts and objects that are reached from the root through text keys, each once. What is in
  /// a module is part of it.
  void find_places() {
    std::set<Ref> seen;
    const auto visit = [&](Ref ref, std::size_t parent, std::string_view key, int depth) {
      const pickle::Map* map = map_of(ref);
      if (map == nullptr || !seen.insert(ref).second) return;
      if (depth > deepest) fail("its dicts are nested too deeply");
      places_.push_back({ref, map, parent, key, depth, is_module(ref)});
    };
    visit(pickle_.root, 0, {}, 0);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].is_module) continue;
      const pickle::Map& map = *places_[i].map;
      spend(map.items.size());
      for (const auto& [key, value] : map.items) {
        const auto* text = pickle_.get<std::string_view>(key);
        if (text != nullptr) visit(value, i, *text, places_[i].depth + 1);
      }
    }
  }

  /// The tensors of a place by their names in a state dict; none where it is neither a module nor a
  /// dict of tensors alone.
  std::vector<Named> tensors_of(const Place& place) {
    std::vector<Named> found;
    if (place.is_module) {
      std::set<Ref> seen;
      gather(place.ref, "", 0, seen, found);
      return found;
    }
    spend(place.map->items.size());
    for (const auto& [key, value] : place.map->items) {
      const auto* text = pickle_.get<std::string_view>(key);
      if (text == nullptr || !add(*text, value, found)) return {};
    }
    return found;
  }

  bool add(std::string_view name, Ref ref, std::vector<Named>& found) const {
    constexpr std::size_t max_tensors = 10000;
    const pickle::Call* call = tensor_call(ref);
    if (call == nullptr) return false;
    if (name.size() > longest_name) fail("the name of a tensor is too long");
    if (found.size() == max_tensors) fail(fmt::format("more than {} tensors", max_tensors));
    found.push_back({std::string(name), call});
    return true;
  }

  /// A module's tensors as state_dict() has them: its own, then those of the modules in it.
  /// TorchScript has both among its other attributes.
  void gather(Ref module, const std::string& prefix, int depth, std::set<Ref>& seen,
              std::vector<Named>& found) {
    const pickle::Map* attributes = map_of(module);
    if (attributes == nullptr || !seen.insert(module).second) return;
    if (depth > deepest) fail("its modules are nested too deeply");
    if (prefix.size() > longest_name) fail("the name of a tensor is too long");
    const auto gather_from = [&](const pickle::Map& map) {
      spend(map.items.size());
      for (const auto& [key, value] : map.items) {
        const auto* text = pickle_.get<std::string_view>(key);
        if (text == nullptr || text->size() > longest_name) continue;
        const std::string name = prefix + std::string(*text);
        if (!add(name, value, found)) gather(value, name + '.', depth + 1, seen, found);
      }
    };
    if (!item(*attributes, "_modules")) {
      gather_from(*attributes);
      return;
    }
    for (const char* part : {"_parameters", "_buffers", "_modules"}) {
      const auto items = item(*attributes, part);
      const pickle::Map* map = items ? pickle_.get<pickle::Map>(*items) : nullptr;
      if (map != nullptr) gather_from(*map);
    }
  }

  std::vector<Named> choose(const std::string& key) {
    find_places();
    struct StateDict {
      std::size_t place;
      std::vector<Named> tensors;
    };
    std::vector<StateDict> found;
    std::size_t total = 0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      std::vector<Named> tensors = tensors_of(places_[i]);
      total += tensors.size();
      if (total > pickle::max_values) fail("too many tensors");
      if (!tensors.empty()) found.push_back({i, std::move(tensors)});
    }
    // An optimizer's dicts of tensors have no weights.
    const auto has_weights = [](const StateDict& one) {
      return std::ranges::any_of(one.tensors,
                                 [](const Named& each) { return each.name.ends_with("weight"); });
    };
    if (std::ranges::any_of(found, has_weights)) std::erase_if(found, std::not_fn(has_weights));
    if (found.empty()) {
      fail("no dict of tensors in it; save one: torch.save(net.state_dict(), \"model.pth\")");
    }
    if (key.empty() && found.size() == 1) return std::move(found[0].tensors);
    std::vector<std::string> keys;
    for (StateDict& one : found) {
      if (!key.empty() && path(one.place) == key) return std::move(one.tensors);
      constexpr std::size_t max_shown = 10;
      if (keys.size() < max_shown) keys.push_back(fmt::format("'{}'", path(one.place)));
    }
    fail(fmt::format("{} state dicts in it: {}{}; name one by its key", found.size(),
                     fmt::join(keys, ", "), found.size() > keys.size() ? ", ..." : ""));
  }

  std::vector<Tensor> read_all(const std::vector<Named>& all) const {
    std::vector<Tensor> tensors;
    std::set<std::string_view> names;
    std::size_t total = 0;
    for (const auto& [name, call] : all) {
      if (!names.insert(name).second) fail(fmt::format("tensor {} is there twice", excerpt(name)));
      const View found = view(*call, name);
      if (is_integer(found.storage->type)) continue;
      total += found.count;
      // Tensors may share a storage; that a small file asks for much memory so is refused.
      if (total > bytes_.size()) fail("its tensors have more values than the file has bytes");
      tensors.push_back(read(found, name));
    }
    return tensors;
  }

  /// Goes through the view in the order of its indices, the last one fastest.
  static Tensor read(const View& view, std::string_view name) {
    Tensor tensor{std::string(name), view.shape, {}};
    tensor.values.reserve(view.count);
    const std::size_t width = size_of(view.storage->type);
    std::vector<std::size_t> index(view.shape.size(), 0);
    std::size_t at = view.offset;
    while (tensor.values.size() < view.count) {
      tensor.values.push_back(
          read_float(view.storage->type, view.storage->content.data() + at * width));
      for (std::size_t i = index.size(); i-- > 0;) {
        at += view.strides[i];
        if (++index[i] < view.shape[i]) break;
        at -= view.strides[i] * view.shape[i];
        index[i] = 0;
      }
    }
    return tensor;
  }

  Bytes bytes_;
  std::filesystem::path name_;
  Pickle pickle_;
  std::map<std::string_view, Storage> storages_;
  std::vector<Place> places_;
  std::size_t spent_ = 0;  // items that were looked at
};

}  // namespace

bool is_pth(Bytes bytes) {
  return is_zip(bytes) || is_legacy(bytes);
}

std::vector<Tensor> parse_pth(Bytes bytes, const std::string& key,
                              const std::filesystem::path& name) {
  return PthParser(bytes, name).parse(key);
}

}  // namespace scrawl
