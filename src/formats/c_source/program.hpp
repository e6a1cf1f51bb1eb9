// A classifier as one file of C99.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

#include "formats/c_source/quantize.hpp"
#include "formats/c_source/steps.hpp"

namespace scrawl::c_source {

/// In f32 where `int8` is empty.
std::string program_of(const Model& model, std::span<const Step> steps,
                       std::span<const Int8Step> int8);

}  // namespace scrawl::c_source
