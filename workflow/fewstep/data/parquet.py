"""Parquet files with one image per row, as the Hugging Face hub serves them.

Columns: `image` or `img` (the bytes of an image file, or a struct with a field `bytes`), perhaps `label`
(integers), perhaps `split` (train or test).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.data.decode import decode_all
from fewstep.data.split import Split, hash_split
from fewstep.errors import FewstepError

IMAGE_COLUMNS = ("image", "img")
_BATCH_ROWS = 1024


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """`path`: a file (split by its column `split`, or else by pixel hash), or a folder of train*.parquet and
    test*.parquet.

    Raises:
        FewstepError: absent, damaged, no image column, or a row without its image, label or split; names
            file and row.
    """
    path = Path(spec["path"])
    if not path.is_dir():
        data, split = _read_file(path)
        return hash_split(data, str(path)) if split is None else _by_column(data, split, path)
    return {name: _read_files(path, name) for name in ("train", "test")}


def has_labels(path: Path) -> bool:
    """Whether the file, or the first file of the folder, has a column `label`."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    return bool(files) and "label" in _open(files[0]).schema_arrow.names


def _read_files(folder: Path, name: str) -> Split:
    files = sorted(folder.glob(f"{name}*.parquet"))
    if not files:
        raise FewstepError(f"{folder}: there is no file {name}*.parquet.")
    parts = [_read_file(file)[0] for file in files]
    for file, part in zip(files, parts, strict=True):
        if part.images.shape[1:] != parts[0].images.shape[1:]:
            raise FewstepError(f"{file}: its images differ in shape from those in {files[0]}.")
        if (part.labels is None) != (parts[0].labels is None):
            raise FewstepError(f"{file}: of this and {files[0]} only one has the column label.")
    labels = None if parts[0].labels is None else np.concatenate([part.labels for part in parts])
    return Split(np.concatenate([part.images for part in parts]), labels)


def _by_column(data: Split, split: np.ndarray, path: Path) -> dict[str, Split]:
    for row, value in enumerate(split):
        if value not in ("train", "test"):
            raise FewstepError(f"{path}: row {row} has split {value}; it must be train or test.")
    return {name: data.take(np.flatnonzero(split == name)) for name in ("train", "test")}


def _read_file(path: Path) -> tuple[Split, np.ndarray | None]:
    import pyarrow as pa

    file = _open(path)
    names = file.schema_arrow.names
    column = next((name for name in IMAGE_COLUMNS if name in names), None)
    if column is None:
        raise FewstepError(f"{path}: there is no column {' or '.join(IMAGE_COLUMNS)} (there are {', '.join(names)}).")
    try:
        images = decode_all(_image_bytes(file, column, path), file.metadata.num_rows)
        labels = _labels(file, path) if "label" in names else None
        split = np.array(file.read(["split"])["split"].to_pylist(), object) if "split" in names else None
    except (pa.ArrowException, OSError) as error:
        raise FewstepError(f"{path}: the file is damaged ({_first_line(error)}).") from None
    return Split(images, labels), split


def _open(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except (pa.ArrowException, OSError) as error:
        raise FewstepError(f"{path}: this is not a parquet file ({_first_line(error)}).") from None


def _image_bytes(file: Any, column: str, path: Path) -> Iterator[tuple[str, bytes]]:
    row = 0
    for batch in file.iter_batches(_BATCH_ROWS, columns=[column]):
        for value in batch.column(0).to_pylist():
            data = value.get("bytes") if isinstance(value, dict) else value
            if not isinstance(data, bytes):
                raise FewstepError(f"{path}: row {row} has no image bytes in column {column}.")
            yield f"{path} row {row}", data
            row += 1


def _labels(file: Any, path: Path) -> np.ndarray:
    column = file.read(["label"])["label"].to_pylist()
    for row, value in enumerate(column):
        if type(value) is not int:
            raise FewstepError(f"{path}: row {row} has label {value}; labels are whole numbers.")
    return np.array(column, np.int64)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
