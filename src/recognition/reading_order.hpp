// In which order people read what is on a page.
#pragma once

#include <vector>

#include "recognition/detection.hpp"

namespace scrawl {

/// Lines from top to bottom, each from left to right. A line may rise, fall and bend, as far as its
/// digits lie beside each other; lines of a page are taken to slope alike.
std::vector<std::vector<Detection>> find_reading_order(std::vector<Detection> detections);

/// Puts each sign between the digits that it stands by; one that stands by none is left out.
void insert_signs(const std::vector<Detection>& signs, std::vector<std::vector<Detection>>& lines);

/// By digit of a line: whether a space is before it, since it is farther from the one before than
/// is usual in the line.
std::vector<bool> find_spaces(const std::vector<Detection>& line);

}  // namespace scrawl
