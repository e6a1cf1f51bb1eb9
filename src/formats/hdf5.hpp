// HDF5 files, as far as Keras' need it: groups, arrays of numbers, texts as attributes.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl {

bool is_hdf5(std::span<const std::byte> bytes);

/// An open file, which `bytes` have to outlive. Read by libhdf5, which is loaded when it is needed.
/// Each function throws Error, saying what, where the file is damaged, or has no such thing.
class Hdf5 {
 public:
  explicit Hdf5(std::span<const std::byte> bytes);
  ~Hdf5();
  Hdf5(const Hdf5&) = delete;
  Hdf5& operator=(const Hdf5&) = delete;

  bool has(const std::string& path) const;
  /// One text or several; none where there is no such attribute.
  std::vector<std::string> texts(const std::string& group, const std::string& attribute) const;
  Tensor tensor(const std::string& path) const;

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace scrawl
