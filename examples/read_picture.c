/* Reads pictures from C: read_picture 7.png ... */
#include <stdio.h>

#include <scrawl/scrawl.h>

int main(int argc, char** argv) {
  scrawl_recognizer* recognizer;
  int failed = 0;
  int i;
  if (argc < 2) {
    fprintf(stderr, "usage: read_picture PICTURE...\n");
    return 2;
  }
  recognizer = scrawl_recognizer_new();
  for (i = 1; i < argc; ++i) {
    scrawl_reading* reading = scrawl_read_file(recognizer, argv[i], NULL);
    if (reading == NULL) {
      fprintf(stderr, "%s\n", scrawl_last_error());
      failed = 1;
    } else {
      printf("%s: %s (%g)\n", argv[i], scrawl_reading_text(reading),
             scrawl_reading_confidence(reading));
    }
    scrawl_reading_free(reading);
  }
  scrawl_recognizer_free(recognizer);
  return failed;
}
