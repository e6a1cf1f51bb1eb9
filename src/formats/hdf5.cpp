#include "formats/hdf5.hpp"

#include <cstring>

#include <scrawl/error.hpp>

#ifdef SCRAWL_HDF5
#include <dlfcn.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <mutex>

#endif

namespace scrawl {

bool is_hdf5(std::span<const std::byte> bytes) {
  constexpr unsigned char signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  return bytes.size() >= sizeof signature &&
         std::memcmp(bytes.data(), signature, sizeof signature) == 0;
}

#ifdef SCRAWL_HDF5

namespace {

/// libhdf5, loaded when the first such file comes, so that nobody else needs it.
struct Library {
  Library() : handle(::dlopen(SCRAWL_HDF5, RTLD_NOW | RTLD_LOCAL)) {
    if (handle == nullptr)
      throw Error(fmt::format("libhdf5, which reads Keras' files, cannot be loaded: {}; install it",
                              ::dlerror()));
    load("H5open", open);
    load("H5Eset_auto2", set_error_print);
    load("H5Pcreate", create_properties);
    load("H5Pset_fapl_core", set_core);
    load("H5Pset_file_image", set_file_image);
    load("H5Fopen", open_file);
    load("H5Oopen", open_object);
    load("H5Lexists", link_exists);
    load("H5Iget_type", type_of);
    load("H5Idec_ref", release);
    load("H5Dget_space", dataset_space);
    load("H5Dget_type", dataset_type);
    load("H5Dread", read_dataset);
    load("H5Sget_simple_extent_ndims", dimensions);
    load("H5Sget_simple_extent_dims", extents);
    load("H5Sget_simple_extent_npoints", points);
    load("H5Tget_class", class_of);
    load("H5Tget_size", size_of);
    load("H5Tis_variable_str", is_variable);
    load("H5Aexists", attribute_exists);
    load("H5Aopen", open_attribute);
    load("H5Aget_space", attribute_space);
    load("H5Aget_type", attribute_type);
    load("H5Aread", read_attribute);
    load("H5free_memory", free_memory);
    open();
    set_error_print(H5E_DEFAULT, nullptr, nullptr);
    native_float = number("H5T_NATIVE_FLOAT_g");
    file_access = number("H5P_CLS_FILE_ACCESS_ID_g");
  }

  template <typename Function>
  void load(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    if (function == nullptr) throw Error(fmt::format("libhdf5 has no function {}", name));
  }
  hid_t number(const char* name) {
    const auto* found = static_cast<const hid_t*>(::dlsym(handle, name));
    if (found == nullptr) throw Error(fmt::format("libhdf5 has no {}", name));
    return *found;
  }

  void* handle;
  decltype(&H5open) open;
  decltype(&H5Eset_auto2) set_error_print;
  decltype(&H5Pcreate) create_properties;
  decltype(&H5Pset_fapl_core) set_core;
  decltype(&H5Pset_file_image) set_file_image;
  decltype(&H5Fopen) open_file;
  decltype(&H5Oopen) open_object;
  decltype(&H5Lexists) link_exists;
  decltype(&H5Iget_type) type_of;
  decltype(&H5Idec_ref) release;
  decltype(&H5Dget_space) dataset_space;
  decltype(&H5Dget_type) dataset_type;
  decltype(&H5Dread) read_dataset;
  decltype(&H5Sget_simple_extent_ndims) dimensions;
  decltype(&H5Sget_simple_extent_dims) extents;
  decltype(&H5Sget_simple_extent_npoints) points;
  decltype(&H5Tget_class) class_of;
  decltype(&H5Tget_size) size_of;
  decltype(&H5Tis_variable_str) is_variable;
  decltype(&H5Aexists) attribute_exists;
  decltype(&H5Aopen) open_attribute;
  decltype(&H5Aget_space) attribute_space;
  decltype(&H5Aget_type) attribute_type;
  decltype(&H5Aread) read_attribute;
  decltype(&H5free_memory) free_memory;
  hid_t native_float = 0;
  hid_t file_access = 0;
};

const Library& library() {
  static const Library loaded;
  return loaded;
}

/// Debian's libhdf5 is for one thread at a time.
std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

/// Something of libhdf5's, by its number.
class Handle {
 public:
  Handle(hid_t id, const std::string& what) : id_(id) {
    if (id < 0) throw Error(fmt::format("HDF5: {} is missing or damaged", what));
  }
  ~Handle() { library().release(id_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
};

void require(bool is_good, const std::string& what) {
  if (!is_good) throw Error(fmt::format("HDF5: {} is damaged", what));
}

/// No model has more, and compressed arrays may ask for any number.
constexpr std::size_t max_values = std::size_t{1} << 26;
constexpr unsigned read_only = 0;  // H5F_ACC_RDONLY, whose macro calls libhdf5
constexpr std::size_t max_text = std::size_t{1} << 24;

std::size_t count_of(hid_t space, const std::string& what) {
  const hssize_t count = library().points(space);
  require(count >= 0, what);
  if (static_cast<std::size_t>(count) > max_values)
    throw Error(fmt::format("HDF5: {}: more than {} values", what, max_values));
  return static_cast<std::size_t>(count);
}

}  // namespace

struct Hdf5::File {
  std::unique_lock<std::mutex> lock{one_at_a_time()};
  std::unique_ptr<Handle> id;
};

Hdf5::Hdf5(std::span<const std::byte> bytes) : file_(std::make_unique<File>()) {
  const Library& hdf5 = library();
  const Handle access(hdf5.create_properties(hdf5.file_access), "the list of properties");
  constexpr std::size_t growth = 1 << 16;
  require(hdf5.set_core(access, growth, 0) >= 0, "the file");
  // It is copied; libhdf5 takes what it may change.
  require(hdf5.set_file_image(access, const_cast<std::byte*>(bytes.data()), bytes.size()) >= 0,
          "the file");
  file_->id = std::make_unique<Handle>(hdf5.open_file("memory", read_only, access), "the file");
}

Hdf5::~Hdf5() = default;

bool Hdf5::has(const std::string& path) const {
  // Each of the groups on the way has to be there.
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    if (library().link_exists(*file_->id, path.substr(0, slash).c_str(), H5P_DEFAULT) <= 0)
      return false;
    if (slash == std::string::npos) return true;
  }
}

std::vector<std::string> Hdf5::texts(const std::string& group, const std::string& attribute) const {
  const Library& hdf5 = library();
  const Handle object(hdf5.open_object(*file_->id, group.c_str(), H5P_DEFAULT), group);
  if (hdf5.attribute_exists(object, attribute.c_str()) <= 0) return {};
  const std::string what = fmt::format("attribute {} of {}", attribute, group);
  const Handle found(hdf5.open_attribute(object, attribute.c_str(), H5P_DEFAULT), what);
  const Handle space(hdf5.attribute_space(found), what);
  const std::size_t count = count_of(space, what);
  if (count == 0) return {};  // h5py, and so Keras, writes an empty list as one of float64
  const Handle type(hdf5.attribute_type(found), what);
  require(hdf5.class_of(type) == H5T_STRING, what);
  std::vector<std::string> texts;
  if (hdf5.is_variable(type) > 0) {
    std::vector<char*> pointers(count);
    require(hdf5.read_attribute(found, type, pointers.data()) >= 0, what);
    for (char* pointer : pointers) {
      if (pointer == nullptr) continue;
      texts.emplace_back(pointer);
      hdf5.free_memory(pointer);
    }
    return texts;
  }
  const std::size_t size = hdf5.size_of(type);
  if (size == 0 || count > max_text / size) throw Error(fmt::format("HDF5: {} is too long", what));
  std::string all(count * size, '\0');
  require(hdf5.read_attribute(found, type, all.data()) >= 0, what);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = all.substr(i * size, size);
    texts.push_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

Tensor Hdf5::tensor(const std::string& path) const {
  const Library& hdf5 = library();
  const Handle object(hdf5.open_object(*file_->id, path.c_str(), H5P_DEFAULT), path);
  require(hdf5.type_of(object) == H5I_DATASET, path);
  const Handle type(hdf5.dataset_type(object), path);
  require(hdf5.class_of(type) == H5T_FLOAT, path);
  const Handle space(hdf5.dataset_space(object), path);
  const int dimensions = hdf5.dimensions(space);
  constexpr int most = 8;
  require(dimensions >= 0 && dimensions <= most, path);
  hsize_t extents[most] = {};
  require(hdf5.extents(space, extents, nullptr) >= 0, path);
  Tensor tensor{path, {extents, extents + dimensions}, std::vector<float>(count_of(space, path))};
  require(hdf5.read_dataset(object, hdf5.native_float, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                            tensor.values.data()) >= 0,
          path);
  return tensor;
}

#else

struct Hdf5::File {};

Hdf5::Hdf5(std::span<const std::byte>) {
  throw Error("a file in HDF5, which Keras writes: this scrawl was built without libhdf5");
}
Hdf5::~Hdf5() = default;
bool Hdf5::has(const std::string&) const {
  return false;
}
std::vector<std::string> Hdf5::texts(const std::string&, const std::string&) const {
  return {};
}
Tensor Hdf5::tensor(const std::string&) const {
  return {};
}

#endif

}  // namespace scrawl
