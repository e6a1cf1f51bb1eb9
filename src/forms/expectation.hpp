// Whether digits are what a field expects.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "forms/form.hpp"

namespace scrawl {

/// Empty when they are; else what is wrong, such as "17 is not from 0 to 15".
std::string what_is_wrong(const Expected& expected, std::string_view digits);

bool is_expected(const Expected& expected, std::string_view digits);

/// About which share of all numbers of so many digits is.
double share_expected(const Expected& expected, std::size_t length);

}  // namespace scrawl
