#include "decoding/heif_items.hpp"

#include <fmt/core.h>
#include <optional>
#include <string_view>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

/// ISO 14496-12, 4.2.
struct Box {
  std::string type;
  Bytes content;
};

std::uint64_t read_number(Bytes bytes, std::size_t at, std::size_t size) {
  if (size <= 4) return read_big_endian(bytes, at, size);
  return std::uint64_t{read_big_endian(bytes, at, 4)} << 32 | read_big_endian(bytes, at + 4, 4);
}

/// Reads one number after another.
class Fields {
 public:
  explicit Fields(Bytes bytes) : rest_(bytes) {}

  /// Big endian, of at most 8 bytes; 0 of none.
  std::uint64_t number(std::size_t size) { return read_number(bytes(size), 0, size); }
  std::uint32_t number32(std::size_t size) { return static_cast<std::uint32_t>(number(size)); }

  Bytes bytes(std::size_t size) {
    const Bytes taken = take(rest_, 0, size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  std::string type() {
    const Bytes code = bytes(4);
    return {reinterpret_cast<const char*>(code.data()), code.size()};
  }

  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

/// The version of a full box, whose flags are skipped where nobody asks for them.
std::uint32_t take_version(Fields& fields, std::uint32_t* flags = nullptr) {
  const std::uint32_t both = fields.number32(4);
  if (flags != nullptr) *flags = both & 0xffffff;
  return both >> 24;
}

Box take_box(Fields& fields) {
  const std::size_t all = fields.rest().size();
  std::uint64_t size = fields.number(4);
  Box box{fields.type(), {}};
  constexpr std::uint64_t to_the_end = 0, in_64_bits = 1;
  if (size == in_64_bits) size = fields.number(8);
  const std::size_t header = all - fields.rest().size();
  if (size == to_the_end) size = all;
  if (size < header || size > all)
    throw Error(
        fmt::format("damaged: its box {} has {} bytes, where {} are left", box.type, size, all));
  box.content = fields.bytes(static_cast<std::size_t>(size) - header);
  return box;
}

std::vector<Box> boxes_of(Bytes content) {
  std::vector<Box> boxes;
  for (Fields fields(content); !fields.rest().empty();) boxes.push_back(take_box(fields));
  return boxes;
}

/// The one box of its type; nothing where there is none.
std::optional<Bytes> find_box(const std::vector<Box>& boxes, std::string_view type) {
  std::optional<Bytes> found;
  for (const Box& box : boxes) {
    if (box.type != type) continue;
    if (found) throw Error(fmt::format("damaged: two boxes {}, where one is expected", type));
    found = box.content;
  }
  return found;
}

Bytes require_box(const std::vector<Box>& boxes, std::string_view type) {
  const std::optional<Bytes> found = find_box(boxes, type);
  if (!found) throw Error(fmt::format("damaged: it has no box {}", type));
  return *found;
}

/// iinf, 8.11.6.
void read_types(Bytes content, HeifItems& all) {
  Fields fields(content);
  fields.number(take_version(fields) == 0 ? 2 : 4);
  for (const Box& box : boxes_of(fields.rest())) {
    if (box.type != "infe") continue;
    Fields entry(box.content);
    const std::uint32_t version = take_version(entry);
    if (version < 2) continue;  // of no type
    const std::uint32_t id = entry.number32(version == 2 ? 2 : 4);
    entry.number(2);
    if (!all.items.emplace(id, HeifItem{.type = entry.type()}).second)
      throw Error(fmt::format("damaged: two items have the number {}", id));
  }
}

/// The one item of this number; an entry of another's is skipped, by a null pointer.
HeifItem* find_item(HeifItems& all, std::uint32_t id) {
  const auto found = all.items.find(id);
  return found == all.items.end() ? nullptr : &found->second;
}

/// iref, 8.11.12.
void read_references(Bytes content, HeifItems& all) {
  Fields fields(content);
  const std::size_t id_size = take_version(fields) == 0 ? 2 : 4;
  for (const Box& box : boxes_of(fields.rest())) {
    Fields entry(box.content);
    HeifItem* item = find_item(all, entry.number32(id_size));
    std::vector<std::uint32_t> to(entry.number(2));
    for (std::uint32_t& id : to) id = entry.number32(id_size);
    if (item == nullptr) continue;
    if (box.type == "dimg" && !item->derived_of.empty())
      throw Error("damaged: an item is derived twice");
    if (box.type == "dimg")
      item->derived_of = std::move(to);
    else if (box.type == "auxl")
      item->auxiliary_to.insert(item->auxiliary_to.end(), to.begin(), to.end());
  }
}

/// ipma, ISO 23008-12, 9.3.2.
void read_associations(Bytes content, const std::vector<Box>& properties, HeifItems& all) {
  Fields fields(content);
  std::uint32_t flags = 0;
  const std::size_t id_size = take_version(fields, &flags) == 0 ? 2 : 4;
  const bool is_wide = (flags & 1) != 0;
  for (std::uint64_t entries = fields.number(4); entries > 0; --entries) {
    HeifItem* item = find_item(all, fields.number32(id_size));
    for (std::uint64_t count = fields.number(1); count > 0; --count) {
      const std::uint64_t index = fields.number(is_wide ? 2 : 1) & (is_wide ? 0x7fff : 0x7f);
      if (index > properties.size())
        throw Error(fmt::format("damaged: property {} of {}", index, properties.size()));
      if (item == nullptr || index == 0) continue;
      const Box& property = properties[index - 1];
      item->properties.push_back({property.type, property.content});
    }
  }
}

/// iloc, ISO 14496-12, 8.11.3. All items together have no more data than the file has bytes, as
/// they could not without overlapping.
void read_places(Bytes content, Bytes file, Bytes idat, HeifItems& all) {
  Fields fields(content);
  const std::uint32_t version = take_version(fields);
  const std::uint32_t sizes = fields.number32(2);
  const std::size_t offset_size = sizes >> 12;
  const std::size_t length_size = sizes >> 8 & 15;
  const std::size_t base_size = sizes >> 4 & 15;
  const std::size_t index_size = version == 0 ? 0 : sizes & 15;
  for (const std::size_t size : {offset_size, length_size, base_size, index_size})
    if (size != 0 && size != 4 && size != 8)
      throw Error(fmt::format("damaged: numbers of {} bytes in its box iloc", size));
  std::size_t together = 0;
  std::map<std::uint32_t, bool> placed;
  for (std::uint64_t entries = fields.number(version < 2 ? 2 : 4); entries > 0; --entries) {
    const std::uint32_t id = fields.number32(version < 2 ? 2 : 4);
    HeifItem* item = find_item(all, id);
    if (!placed.emplace(id, true).second)
      throw Error(fmt::format("damaged: item {} is in two places", id));
    const std::uint64_t method = version == 0 ? 0 : fields.number(2) & 15;
    fields.number(2);  // which file
    const std::uint64_t base = fields.number(base_size);
    for (std::uint64_t extents = fields.number(2); extents > 0; --extents) {
      fields.number(index_size);
      const std::uint64_t offset = base + fields.number(offset_size);
      const std::uint64_t length = fields.number(length_size);
      if (item == nullptr) continue;
      constexpr std::uint64_t in_file = 0, in_idat = 1;
      if (method != in_file && method != in_idat)
        throw Error(
            fmt::format("item {} is made of others' data, which is not supported; save it "
                        "as PNG",
                        id));
      const Bytes extent = take(method == in_file ? file : idat, offset, length);
      together += extent.size();
      if (together > file.size()) throw Error("damaged: its items have more data than the file");
      item->data.insert(item->data.end(), extent.begin(), extent.end());
    }
  }
}

}  // namespace

HeifItems read_heif_items(Bytes file) {
  const Bytes meta_box = require_box(boxes_of(file), "meta");
  Fields fields(meta_box);
  take_version(fields);
  const std::vector<Box> meta = boxes_of(fields.rest());
  HeifItems all;
  Fields primary(require_box(meta, "pitm"));
  all.primary = primary.number32(take_version(primary) == 0 ? 2 : 4);
  read_types(require_box(meta, "iinf"), all);
  if (const std::optional<Bytes> references = find_box(meta, "iref"))
    read_references(*references, all);
  const std::vector<Box> properties = boxes_of(require_box(meta, "iprp"));
  const std::vector<Box> contents = boxes_of(require_box(properties, "ipco"));
  for (const Box& box : properties)
    if (box.type == "ipma") read_associations(box.content, contents, all);
  read_places(require_box(meta, "iloc"), file, find_box(meta, "idat").value_or(Bytes()), all);
  return all;
}

}  // namespace scrawl
