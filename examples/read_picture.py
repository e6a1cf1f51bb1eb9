"""Reads pictures from Python: read_picture.py 7.png ..."""

import sys

import scrawl

if len(sys.argv) < 2:
    sys.exit("usage: read_picture.py PICTURE...")
recognizer = scrawl.Recognizer()
failed = False
for name in sys.argv[1:]:
    try:
        reading = recognizer.read(name)
        print(f"{name}: {reading.text} ({reading.confidence:g})")
    except (scrawl.Error, OSError) as error:
        print(error, file=sys.stderr)
        failed = True
sys.exit(failed)
