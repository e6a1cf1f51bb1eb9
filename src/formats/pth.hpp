// PyTorch's files of weights: what torch.save(net.state_dict()) writes, and back.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl {

/// Whether the bytes begin as a zip archive or as PyTorch's files of before 1.6 do.
bool is_pth(std::span<const std::byte> bytes);

/// The floating-point tensors of the state dict named `key`, in its order; empty: of the only one.
/// Throws Error, naming `name` and what is wrong, for anything else, with the keys when there are
/// several. Memory is at most some 4 times that of `bytes` and 250 MB.
std::vector<Tensor> parse_pth(std::span<const std::byte> bytes, const std::string& key,
                              const std::filesystem::path& name);

/// A file that torch.load takes, in the zip format: an OrderedDict of float32 tensors.
std::vector<std::byte> format_pth(const std::vector<Tensor>& tensors);

}  // namespace scrawl
