// Where the pictures come from that a page reader learns from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "network/random.hpp"
#include "network_training/detection_targets.hpp"

namespace scrawl {

/// A picture of the size of a reader's input, and what is in it.
struct PageExample {
  std::vector<std::uint8_t> pixels;  ///< (height, width), as the network sees them
  std::vector<TargetMark> marks;
  std::vector<Rectangle> ignored;    ///< of which nothing is to be learned
  std::vector<Rectangle> too_small;  ///< digits that are no marks because they are
};

/// Makes a picture. The same random numbers make the same, on any thread.
using MakePage = std::function<PageExample(Random)>;

/// Made-up pictures without end, to learn from, and others to choose the best model by.
struct PageSource {
  MakePage train;
  struct Kind {
    std::string name;
    MakePage make;
  };
  std::vector<Kind> validation;
  std::string digest;  ///< what they are made of, with which alone a training goes on
  /// Pictures that are called an epoch: after so many, the model is looked at.
  std::size_t pages_in_epoch = 8192;
  std::size_t validation_pages = 48;  ///< of each kind
};

}  // namespace scrawl
