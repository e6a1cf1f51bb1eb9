// Converts models from and to the files of other programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/precision.hpp>

namespace scrawl {

/// Writes a model as an ONNX file (opset 13, IR version 7), which onnxruntime 1.6 (2020) and newer
/// reads in Python, Node, browsers and elsewhere. The graph contains normalization and temperature:
///     glyphs         uint8 (batch, 28, 28): raw pixels, 0 paper to 255 ink; any batch size
///     logits         float32 (batch, 10), divided by the model's temperature
///     probabilities  float32 (batch, 10): softmax of the logits
/// Batch normalizations are folded into the weights before them, as in a Recognizer. The model's
/// metadata become the file's. The same model gives the same bytes. An error leaves no incomplete
/// file. Throws Error if the model is invalid (see Model), if the file would be larger than the
/// 2 GB that ONNX allows, or if it cannot be written. Safe to call from several threads for
/// different files.
void export_onnx(const Model& model, const std::filesystem::path& file);

/// Writes a model as save_model() does, but with its weights as 16-bit floats (IEEE 754 binary16),
/// in half the bytes. load_model() reads it. Weights are rounded by at most 1 part of 2048. An
/// error leaves no incomplete file. Throws Error if the model is invalid (see Model), if a weight
/// is beyond 65504, or if the file cannot be written. Safe to call from several threads for
/// different files.
void export_f16(const Model& model, const std::filesystem::path& file);

/// How a model becomes C.
struct CExportOptions {
  /// int8, or f32, which takes four times the memory.
  Precision precision = Precision::int8;
  /// (count, 28, 28): training images, some hundred of them, which show how large values become.
  /// For int8 where the model has no activation ranges.
  std::span<const std::uint8_t> glyphs{};
};

/// Writes a model as one file of C99, for microcontrollers: weights and code, without allocation
/// and without a library but memcpy, with one function,
///     int scrawl_classify(const uint8_t glyph[784], float probabilities[10]);
/// which takes raw pixels, returns the digit, and keeps values between layers in static memory. The
/// file's first comment says how much RAM, flash and operations it takes. Batch normalizations are
/// folded into the weights before them. In int8, everything up to the logits is computed in whole
/// numbers, so that it is the same on every processor. The same model gives the same bytes. Throws
/// OptionError for another precision, and Error if the model is invalid (see Model), if it has more
/// than 16 million weights, if int8 has neither activation ranges nor glyphs, or if the file cannot
/// be written. Safe to call from several threads for different files.
void export_c(const Model& model, const std::filesystem::path& file,
              const CExportOptions& options = {});

/// What a file of weights does not contain.
struct ImportOptions {
  /// The network; if empty, it is recognized from the names and shapes of the tensors.
  std::optional<Architecture> architecture{};
  /// Path of the state dict in a checkpoint of nested dicts, as in "model" or "nets.student". If
  /// empty, the checkpoint has to have exactly one.
  std::string key{};
  /// Normalization that the network was trained with. If empty, it is what the file says, what
  /// training images show (import_model), or MNIST's, as in most tutorials.
  std::optional<Normalization> normalization{};
};

/// Imports a model that another program saved:
/// - weights that PyTorch saved: torch.save(net.state_dict(), file) in the zip format or that of
///   before 1.6, a checkpoint that contains a state dict, or a safetensors file;
/// - a whole module, torch.save(net, file), of which only the weights count.
/// The file is read as data: nothing in it is executed. Numbers may be float16, bfloat16, float32
/// or float64; integers (num_batches_tracked) are ignored. Uses at most about 6 times the file's
/// size, plus 250 MB, of memory.
///
/// Without `architecture`, layers are recognized in the order of the file: convolutions, then dense
/// layers, each but the last followed by a ReLU. What a file cannot tell is assumed to be as in
/// most networks: max-pooling by 2, ReLU rather than tanh. If several networks fit the shapes, none
/// is chosen. With `architecture`, tensors are assigned in the order of the file, separately for
/// convolutions, dense layers and normalizations, and their shapes have to match.
///
/// A ReLU on the ten outputs is left out. The digit with the largest output is the same, provided
/// that any output is above 0.
///
/// Throws Error if the file is missing, invalid or not understood; the message names the file, the
/// reason and the tensors found. Safe to call from several threads.
Model import_model(const std::filesystem::path& file, const ImportOptions& options = {});

/// Imports a model from the bytes of such a file; messages call it `name`.
Model import_model(std::span<const std::byte> bytes, const std::filesystem::path& name,
                   const ImportOptions& options = {});

/// One way to take a file, and how well it reads.
struct ImportTrial {
  Architecture architecture{};    ///< the layers
  bool has_sigmoids = false;      ///< whether each tanh of the layers stands for a sigmoid
  Normalization normalization{};  ///< of the input
  bool is_inverted = false;       ///< whether it is for black on white
  std::size_t images = 0;         ///< number of images that it was asked for
  double accuracy = 0;            ///< fraction of them that it reads right, 0 to 1
  double loss = 0;                ///< average cross-entropy, at its best temperature
};

/// A model, and what training images showed of it.
struct MeasuredImport {
  Model model{};                      ///< by the first of the trials
  std::vector<ImportTrial> trials{};  ///< the best first; none where the file leaves nothing open
  bool is_clear = false;  ///< whether the first reads clearly better than all the others
};

/// Imports a model, and settles what the file leaves open by what reads `images` best, which should
/// be some that the network learned from: the usual normalizations of pixels, as far as the options
/// do not name one (0.1307 and 0.3081; 0 to 1; -1 to 1; 0 to 255), and, of bare weights, other
/// activations (tanh, sigmoid, or a ReLU that is missing), average-pooling, strides, or several
/// networks of the same shapes. If all read less than half of the images, the most usual one is
/// taken. Throws Error as import_model() does. `threads` is 0 for one for each core.
MeasuredImport import_model(const std::filesystem::path& file, const ImportOptions& options,
                            const Dataset& images, int threads = 0);

/// The same as import_model().
Model import_pytorch(const std::filesystem::path& file, const ImportOptions& options = {});

/// The same as import_model().
Model import_pytorch(std::span<const std::byte> bytes, const std::filesystem::path& name,
                     const ImportOptions& options = {});

/// Writes a state dict that PyTorch's torch.load reads, also with weights_only. It is for a module
/// with the same layers, named as by weight_shapes() (conv1, norm1, fc1, ...), in float32. The last
/// layer's weights are divided by the temperature. Convolutions and dense layers before a
/// normalization have no bias. Throws Error if the model is invalid (see Model), or if the file
/// cannot be written.
void export_pytorch(const Model& model, const std::filesystem::path& file);

}  // namespace scrawl
