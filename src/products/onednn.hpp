// What matmul.hpp and convolution.hpp share of oneDNN.
#pragma once

#include <dnnl.hpp>

#include "network/data_type.hpp"
#include "network/matmul.hpp"

namespace scrawl::onednn {

/// oneDNN's name of a type, and of the one that multiplies it.
dnnl::memory::data_type data_type(DataType type);
dnnl::memory::data_type weight_type(DataType type);

/// A primitive's attributes: the epilogue but for the bias, and a scratchpad that the caller
/// brings. `outputs` is that dimension of the weights which the scales belong to.
dnnl::primitive_attr attributes(const Epilogue& epilogue, int outputs);

}  // namespace scrawl::onednn
