// Models from and for other programs.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include <scrawl/model.hpp>

namespace scrawl {

/// Writes the model as an ONNX file (opset 13, IR version 7: onnxruntime 1.6 of 2020 and newer, for
/// Python, Node, the web and others). Normalization and temperature are inside:
///     glyphs         uint8 (batch, 28, 28): raw pixels, 0 paper to 255 ink; batch is any number
///     logits         float32 (batch, 10), divided by the model's temperature
///     probabilities  float32 (batch, 10): softmax of the logits
/// Batch normalizations go into the weights before them where Recognizer puts them there too. What
/// the model's own file says beside its weights stands in the file's metadata. The same model gives
/// the same bytes. The file appears whole or not at all.
/// Throws Error when the model cannot be (see Model), when the file would be larger than ONNX
/// allows (2 GB), and when the disk will not take it. Safe to call from several threads for
/// different files.
void export_onnx(const Model& model, const std::filesystem::path& file);

/// What a file of bare weights does not say.
struct ImportOptions {
  /// Nothing: recognized from the names and shapes of the tensors.
  std::optional<Architecture> architecture{};
  /// Where in a checkpoint of nested dicts the state dict is, as in "model" or "nets.student".
  /// Empty: the only one there is.
  std::string key{};
  /// With which the network was trained; the defaults are MNIST's, as most tutorials have them.
  Normalization normalization{};
};

/// Reads the weights that PyTorch saved: torch.save(net.state_dict(), file), in the zip format or
/// that of before 1.6, a checkpoint that contains a state dict, or a safetensors file. The file is
/// read as data: nothing in it is executed. Numbers may be float16, bfloat16, float32 or float64;
/// integers (num_batches_tracked) are left out. Memory is at most some 6 times the file's size and
/// 250 MB.
///
/// Without `architecture`, layers are recognized in the order of the file: convolutions, then dense
/// layers, each with a ReLU behind it but for the last. What a file cannot tell is taken as most
/// networks have it: max-pooling by 2, a ReLU rather than a tanh. Where several networks would fit
/// the shapes, nothing is guessed. With it, convolutions, dense layers and normalizations are taken
/// in order, each kind for itself, and their shapes have to fit.
///
/// A ReLU that a network has on its ten outputs is left away: the digit with the largest output is
/// the same wherever any output is above 0.
///
/// Throws Error, naming the file, what is wrong or not understood, and the tensors found. Safe to
/// call from several threads.
Model import_pytorch(const std::filesystem::path& file, const ImportOptions& options = {});

/// The same from a file's bytes; `name` is what messages call it.
Model import_pytorch(std::span<const std::byte> bytes, const std::filesystem::path& name,
                     const ImportOptions& options = {});

/// Writes a state dict that PyTorch's torch.load reads, with weights_only too, for a module of the
/// same layers with the names of weight_shapes: conv1, norm1, fc1, ... in float32. The temperature
/// is put into the last layer's weights. Convolutions and dense layers before a normalization have
/// no bias there. Throws Error when the model cannot be (see Model), and when the disk will not
/// take it.
void export_pytorch(const Model& model, const std::filesystem::path& file);

}  // namespace scrawl
