#include "cli/cli.hpp"

int main(int argc, char** argv) {
  return scrawl::cli::run(argc, argv);
}
