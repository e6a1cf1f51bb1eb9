// Models for other programs.
#pragma once

#include <filesystem>

#include <scrawl/model.hpp>

namespace scrawl {

/// Writes the model as an ONNX file (opset 13, IR version 7: onnxruntime 1.6 of 2020 and newer, for
/// Python, Node, the web and others). Normalisation and temperature are inside:
///     glyphs         uint8 (batch, 28, 28): raw pixels, 0 paper to 255 ink; batch is any number
///     logits         float32 (batch, 10), divided by the model's temperature
///     probabilities  float32 (batch, 10): softmax of the logits
/// Batch normalisations go into the weights before them where Recognizer puts them there too. What
/// the model's own file says beside its weights stands in the file's metadata. The same model gives
/// the same bytes. The file appears whole or not at all.
/// Throws Error when the weights do not fit the architecture or are not finite, when the file would
/// be larger than ONNX allows (2 GB), and when the disk will not take it. Safe to call from several
/// threads for different files.
void export_onnx(const Model& model, const std::filesystem::path& file);

}  // namespace scrawl
