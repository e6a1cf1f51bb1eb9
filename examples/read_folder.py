"""Reads all pictures of a folder into a table: read_folder.py scans/ numbers.csv"""

import csv
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

import scrawl

folder, table = sys.argv[1:]
files = sorted(file for file in pathlib.Path(folder).iterdir() if file.suffix.lower() in (".png", ".jpg", ".jpeg"))
recognizer = scrawl.Recognizer()
with ThreadPoolExecutor() as pool, open(table, "w", newline="") as out:
    writer = csv.writer(out)
    writer.writerow(["file", "text", "confidence"])
    for file, reading in zip(files, pool.map(recognizer.read, files)):
        writer.writerow([file.name, reading.text, f"{reading.confidence:.3f}"])
