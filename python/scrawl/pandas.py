"""Reads the pictures that a table names: a function of data frames, for whatever sends these about (Dask, Spark, Ray)."""

import functools
import json
import os
import threading
from typing import Any, Dict, Iterator, Optional, Tuple, Union

import numpy
import pandas
from numpy.typing import NDArray

import scrawl

# Of a reading's row; text has the lines of the picture, digits is JSON as `scrawl read --json` prints it.
COLUMNS = {
    "file": "object",
    "page": "int64",
    "region": "object",
    "text": "object",
    "confidence": "float64",
    "digits": "object",
    "error": "object",
}
WHOLE = "full"  # the region that is all of the picture

Region = Tuple[int, int, int, int]


def read(table: pandas.DataFrame, model: Optional[Union[scrawl.Model, bytes]] = None, **options: Any) -> pandas.DataFrame:
    """A row for each row of the table, in its order; for a file of several pages, one for each page.

    table: a column file; where it has them, region, "x,y,width,height" in pixels of the upright picture ("full" or nothing:
    all of it), and page, from 1 (nothing: all pages). Other columns are left out.
    model: a scrawl.Model or its bytes; None: the built-in one. It is compiled once in a process. options: those of
    scrawl.Recognizer.read().

    Columns of the answer: file, page, region; text, confidence (of the least certain digit, 0 to 1) and digits (a JSON text, boxes
    in the file's pixels); or error, where a file could not be read, and then these three are missing. Raises ValueError for
    a table without a column file, or wrong options. Threads may call it at the same time.
    """
    if "file" not in table.columns:
        raise ValueError(f"table: columns {', '.join(map(str, table.columns))}; expected file, and where wanted region and page")
    recognizer = _recognizer_of(model.to_bytes() if isinstance(model, scrawl.Model) else model)
    _check(recognizer, options)
    count = len(table)
    regions = table["region"] if "region" in table.columns else [None] * count
    pages = table["page"] if "page" in table.columns else [None] * count
    pictures = _Pictures()
    rows = [
        row
        for file, region, page in zip(table["file"], regions, pages)
        for row in _rows_of(recognizer, pictures, file, region, page, options)
    ]
    columns = {name: [row.get(name) for row in rows] for name in COLUMNS}
    return pandas.DataFrame({name: pandas.Series(columns[name], dtype=kind) for name, kind in COLUMNS.items()})


_compiling = threading.Lock()


@functools.lru_cache(maxsize=1)
def _compiled(model: Optional[bytes]) -> scrawl.Recognizer:
    return scrawl.Recognizer(None if model is None else scrawl.Model.from_bytes(model))


def _recognizer_of(model: Optional[bytes]) -> scrawl.Recognizer:
    with _compiling:
        return _compiled(model)


def _check(recognizer: scrawl.Recognizer, options: Dict[str, Any]) -> None:
    """Wrong options are wrong for every picture: they end the work, and are not rows."""
    for wrong in ("page", "bgr"):
        if wrong in options:
            raise ValueError(f"{wrong}: no option here; pages are a column of the table, and files say themselves how they are")
    recognizer.read(numpy.full((8, 8), 255, numpy.uint8), **options)


class _Pictures:
    """Decoded pictures: the last one is kept, since regions of a scan follow each other."""

    def __init__(self) -> None:
        self.place: Optional[Tuple[str, int]] = None
        self.pixels: Optional[NDArray[numpy.uint8]] = None

    def load(self, file: str, page: int) -> NDArray[numpy.uint8]:
        if self.pixels is None or self.place != (file, page):
            self.pixels = None  # before there is another
            self.pixels = scrawl.load_picture(file, page=page)
            self.place = (file, page)
        return self.pixels


def is_missing(value: Any) -> bool:
    """None, NaN, NaT or NA, of a cell."""
    return value is None or value is pandas.NA or value != value  # NaN


def _rows_of(
    recognizer: scrawl.Recognizer, pictures: _Pictures, file: Any, region: Any, page: Any, options: Dict[str, Any]
) -> Iterator[Dict[str, Any]]:
    """Whatever is wrong with one file is said in its rows, and ends nothing else."""
    place: Dict[str, Any] = {"file": file, "page": 1, "region": WHOLE}
    try:
        place["file"] = file = _file_of(file)
        box = None if is_missing(region) or region == WHOLE else _region_of(region)
        place["region"] = WHOLE if box is None else "{},{},{},{}".format(*box)
        numbers = range(1, _pages_of(file) + 1) if is_missing(page) else [_page_of(page)]
        place["page"] = numbers[0]
    except Exception as error:
        yield {**place, "error": _message(error)}
        return
    for number in numbers:
        place["page"] = number
        try:
            if box is None:
                reading = recognizer.read(file, page=number, **options)
            else:
                reading = recognizer.read(_cut(pictures.load(file, number), box, file), **options)
            digits = json.dumps([_digit(digit, box) for digit in reading.digits])
            row = {"text": reading.text, "confidence": reading.confidence, "digits": digits}
        except Exception as error:
            row = {"error": _message(error)}
        yield {**place, **row}


def _file_of(file: Any) -> str:
    if is_missing(file):
        raise ValueError("file: found none, expected the name of a picture")
    name = os.fspath(file)
    if not isinstance(name, str):
        raise ValueError(f"file: found {type(name).__name__}, expected text")
    if "\0" in name:
        raise ValueError("file: a name with a NUL in it")
    if os.path.exists(name) and not os.path.isfile(name):  # a pipe would be waited for
        raise ValueError(f"{name}: {'a folder' if os.path.isdir(name) else 'no regular file'}, expected a picture")
    return name


def _region_of(region: Any) -> Region:
    """Of "x,y,width,height", or of four numbers."""
    try:
        parts = region.strip("()[] ").split(",") if isinstance(region, str) else list(region)
        x, y, width, height = (int(part) for part in parts)
    except (TypeError, ValueError):
        raise ValueError(f"region: found {region!r}, expected x,y,width,height in pixels, or {WHOLE}") from None
    if x < 0 or y < 0 or width < 1 or height < 1:
        raise ValueError(f"region: found {x},{y},{width},{height}; expected x and y of 0 or more, width and height of 1 or more")
    return x, y, width, height


def _page_of(page: Any) -> int:
    if page != int(page) or page < 1:
        raise ValueError(f"page: found {page}, expected a whole number, from 1")
    return int(page)


def _pages_of(file: str) -> int:
    """Only of files that begin as those do that can have several: these are read for it."""
    if not os.path.exists(file):
        return 1  # reading it will say so
    with open(file, "rb") as opened:
        begin = opened.read(4)
    return scrawl.count_pages(file) if begin in (b"II*\0", b"MM\0*", b"%PDF") else 1


def _cut(pixels: NDArray[numpy.uint8], box: Region, file: str) -> NDArray[numpy.uint8]:
    x, y, width, height = box
    rows, columns = pixels.shape[:2]
    if x + width > columns or y + height > rows:
        raise ValueError(f"{file}: region {x},{y},{width},{height} is not inside the picture, which has {columns} x {rows} pixels")
    return pixels[y : y + height, x : x + width]


def _digit(digit: scrawl.Digit, box: Optional[Region]) -> Dict[str, Any]:
    """As `scrawl read --json` has it, its box in the whole picture."""
    left, top = box[:2] if box else (0, 0)
    x, y, width, height = digit.box
    return {
        "digit": digit.digit,
        "confidence": digit.confidence,
        "box": {"x": x + left, "y": y + top, "width": width, "height": height},
        "handwritten": digit.handwritten,
        "probabilities": digit.probabilities.tolist(),
    }


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:  # Python's own, in the words of `scrawl read`
        return f"{error.filename}: cannot open: {error.strerror}"
    return str(error) or type(error).__name__
