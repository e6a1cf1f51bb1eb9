// Reads all pictures of a folder on all cores, to CSV: read_folder FOLDER
#include <filesystem>
#include <iostream>

#include <scrawl/recognizer.hpp>

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argc > 1 ? argv[1] : "."))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  const auto readings = scrawl::Recognizer().read_all(files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::cout << files[i].filename() << ',';
    if (readings[i])
      std::cout << '"' << readings[i]->text << "\"," << readings[i]->confidence << ",\n";
    else
      std::cout << ",,\"" << readings[i].error()->what() << "\"\n";
  }
}
