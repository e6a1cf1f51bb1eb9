/* Reads all PNGs of a folder, to CSV: read_folder FOLDER */
#include <glob.h>
#include <stdio.h>

#include <scrawl/scrawl.h>

int main(int argc, char** argv) {
  char pattern[4096];
  glob_t files = {0};
  scrawl_recognizer* recognizer = scrawl_recognizer_new(NULL, NULL);
  snprintf(pattern, sizeof pattern, "%s/*.png", argc > 1 ? argv[1] : ".");
  glob(pattern, 0, NULL, &files);
  for (size_t i = 0; i < files.gl_pathc; ++i) {
    scrawl_reading* reading = scrawl_read_file(recognizer, files.gl_pathv[i], NULL, NULL);
    printf("%s,\"%s\"\n", files.gl_pathv[i], reading ? scrawl_reading_text(reading) : "");
    scrawl_reading_free(reading);
  }
  globfree(&files);
  scrawl_recognizer_free(recognizer);
}
