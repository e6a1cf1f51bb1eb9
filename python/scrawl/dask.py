"""Reads archives on a Dask cluster: pictures in, a data frame out, written in parts that outlive a job that was killed.

>>> readings = scrawl.dask.read("scans/*.png")
>>> scrawl.dask.write(readings, "readings")
"""

# Dask says little of its own types.
# mypy: disable-error-code="attr-defined,no-untyped-call"
import contextlib
import glob
import hashlib
import json
import os
import pathlib
import socket
import uuid
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Union

try:
    import dask
    import dask.bag
    import dask.dataframe
    import pandas
except ImportError as error:
    raise ImportError(f"scrawl.dask: {error}; it needs Dask with its data frames, and pandas: Debian's python3-dask, "
                      "python3-distributed and python3-pandas, or scrawl[dask]") from error

import scrawl
import scrawl.pandas

from ._types import Path

JOB = "job.json"  # in a folder of parts: which job they are of


def read(pictures: Any, model: Optional[Union[Path, scrawl.Model]] = None, *, per_part: int = 256, **options: Any) -> Any:
    """A Dask data frame of what pictures say; nothing is read before it is computed or written.

    pictures: the name of a file, or a pattern ("scans/**/*.png"), or several; a Dask bag of names; a data frame of pandas or
    Dask with a column file and, where it has them, region and page: see scrawl.pandas.read(). Workers open files by these names.
    model: a scrawl.Model or a file, which is read here and sent to the workers; None: the built-in one. A worker compiles it
    once. per_part: files in a part, which one worker reads in one go; bags and frames of Dask keep their own parts.
    options: those of scrawl.Recognizer.read().

    Columns: file, page, region, text, confidence, digits, error, as scrawl.pandas.read() has them. A file that cannot be read is a
    row with its error. Raises FileNotFoundError for a pattern that no file matches, ValueError for wrong options.
    """
    if per_part < 1:
        raise ValueError(f"per_part: found {per_part}, expected 1 or more")
    if model is not None and not isinstance(model, scrawl.Model):
        model = scrawl.load_model(model)
    table = _table_of(pictures, per_part)
    meta = scrawl.pandas.read(pandas.DataFrame({"file": []}), model, **options)
    content = None
    if model is not None:  # one key of the graph, which each worker gets once
        data = model.to_bytes()
        content = dask.delayed(data, name="scrawl-model-" + hashlib.sha256(data).hexdigest(), traverse=False)
    return table.map_partitions(_read_part, content, scrawl.__version__, options, meta=meta)


def write(readings: Any, folder: Path, format: str = "jsonl") -> List[str]:
    """Computes a Dask data frame and writes each of its parts as a file of its own; returns their names.

    format: "jsonl", a line of JSON for each row, without what is missing, as `scrawl read --json` prints it; "csv";
    "parquet", where pandas has an engine for it. folder: one that this process and all workers share; it is made.

    A part appears under its name when it is whole. So the same call goes on where one was killed, wherever that was, and
    no row is missing or double. Raises scrawl.Error where the folder has parts of another job, or where workers see another one.
    """
    if format not in _WRITERS:
        raise ValueError(f"format: found {format!r}, expected {', '.join(_WRITERS)}")
    if format == "parquet":
        _require_parquet()
    place = pathlib.Path(os.fspath(folder)).absolute()
    place.mkdir(parents=True, exist_ok=True)
    files = [place / f"part-{number:06}.{format}" for number in range(readings.npartitions)]
    _begin(place, {"job": dask.base.tokenize(readings), "parts": len(files), "format": format})
    write_part = dask.delayed(_write_part, pure=False)
    tasks = [write_part(part, str(file), format) for part, file in zip(readings.to_delayed(), files) if not file.exists()]
    try:
        dask.compute(*tasks)
    except ModuleNotFoundError as error:  # of a worker: here all are
        raise scrawl.Error(f"a worker has no module {error.name}; scheduler and workers need the same scrawl, Dask and "
                           "pandas as this process") from error
    missing = [file for file in files if not file.exists()]
    if missing:
        raise scrawl.Error(f"{place}: {len(missing)} of {len(files)} parts were written elsewhere, {missing[0].name} first; "
                           "expected a folder that all workers share")
    for left in place.glob(".part-*"):  # of workers that were killed
        left.unlink(missing_ok=True)
    return [str(file) for file in files]


# ---- What comes in.

def _table_of(pictures: Any, per_part: int) -> Any:
    """A Dask data frame with the columns that scrawl.pandas.read() looks at."""
    if isinstance(pictures, dask.bag.Bag):
        return pictures.map(os.fspath).to_dataframe(meta={"file": "object"})
    if not hasattr(pictures, "columns"):
        pictures = pandas.DataFrame({"file": list(_names_of(pictures))}, dtype="object")
    columns = [name for name in ("file", "page", "region") if name in pictures.columns]
    if "file" not in columns:
        raise ValueError(f"pictures: columns {', '.join(map(str, pictures.columns))}; expected file, and where wanted region and page")
    table = pictures[columns]
    if not isinstance(table, pandas.DataFrame):
        return table
    if table.empty:
        raise ValueError("pictures: found none, expected names of files")
    # All text, so that the same table is the same job.
    table = table.assign(file=table["file"].map(os.fspath, na_action="ignore"))
    if "region" in columns:
        table = table.assign(region=table["region"].map(_region_text))
    return dask.dataframe.from_pandas(table.reset_index(drop=True), chunksize=per_part, sort=False)


def _names_of(pictures: Union[Path, Iterable[Path]]) -> Iterator[str]:
    for name in [pictures] if isinstance(pictures, (str, os.PathLike)) else pictures:
        text = os.fspath(name)
        if not set("*?[") & set(text) or os.path.exists(text):
            yield text
            continue
        matches = sorted(glob.glob(text, recursive=True))
        if not matches:
            raise FileNotFoundError(f"{text}: no file matches")
        yield from matches


def _region_text(region: Any) -> str:
    if isinstance(region, str):
        return region
    try:
        return ",".join(str(int(number)) for number in region)
    except (TypeError, ValueError):
        return scrawl.pandas.WHOLE if scrawl.pandas.is_missing(region) else str(region)


# ---- What workers do.

def _read_part(table: Any, model: Optional[bytes], version: str, options: Dict[str, Any]) -> Any:
    if scrawl.__version__ != version:
        raise scrawl.Error(f"worker on {socket.gethostname()}: found scrawl {scrawl.__version__}, expected {version}, as where the "
                           "job comes from")
    return scrawl.pandas.read(table, model, **options)


def _write_part(rows: Any, file: str, format: str) -> None:
    """Beside, and renamed when it is on the disk: who reads the folder never sees half of it."""
    place, name = os.path.split(file)
    if not os.path.isdir(place):
        raise scrawl.Error(f"{place}: not on worker {socket.gethostname()}; expected a folder that all workers share")
    beside = os.path.join(place, f".{name}.{uuid.uuid4().hex}")
    try:
        _WRITERS[format](rows, beside)
        _sync(beside)
        os.replace(beside, file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise
    _sync(place)


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_jsonl(rows: Any, file: str) -> None:
    # Names that are no UTF-8 have a ? for what is not, as `scrawl read` has a replacement character.
    with open(file, "w", encoding="utf-8", errors="replace", newline="\n") as out:
        for row in rows.to_dict("records"):
            line = {name: value for name, value in row.items() if not scrawl.pandas.is_missing(value)}
            if isinstance(line.get("digits"), str):
                line["digits"] = json.loads(line["digits"])
            out.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def _write_csv(rows: Any, file: str) -> None:
    rows.to_csv(file, index=False, encoding="utf-8", errors="replace")


def _write_parquet(rows: Any, file: str) -> None:
    rows.to_parquet(file, index=False)


_WRITERS: Dict[str, Callable[[Any, str], None]] = {"jsonl": _write_jsonl, "csv": _write_csv, "parquet": _write_parquet}


def _require_parquet() -> None:
    for engine in ("pyarrow", "fastparquet"):
        with contextlib.suppress(ImportError):
            __import__(engine)
            return
    raise ImportError("format 'parquet': found no pyarrow and no fastparquet, which pandas writes it with; 'jsonl' and 'csv' need neither")


# ---- Which job a folder is of.

def _begin(place: pathlib.Path, job: Dict[str, Any]) -> None:
    """The folder becomes this job's, or was it before."""
    file = place / JOB
    if file.exists():
        if json.loads(file.read_text(encoding="utf-8")) != job:
            raise scrawl.Error(f"{place}: has parts of another job: other pictures, another model, options or format; expected those of "
                               "this one, to go on with, or a folder without")
        return
    if any(place.glob("part-*")):
        raise scrawl.Error(f"{place}: has parts, and no {JOB} that says of which job; expected a folder without")
    beside = place / f".{JOB}.{uuid.uuid4().hex}"
    beside.write_text(json.dumps(job) + "\n", encoding="utf-8")
    _sync(str(beside))
    os.replace(beside, file)
    _sync(str(place))
