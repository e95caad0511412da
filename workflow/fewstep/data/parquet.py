"""Parquet files with one image per row, as the Hugging Face hub serves them.

Columns: `image` or `img` (the bytes of an image file, or a struct with a field `bytes`), perhaps `label`
(integers), perhaps `split` (train and test, or train and validation).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.base.archive import check_no_labels_among
from fewstep.base.errors import FewstepError
from fewstep.base.stamps import below
from fewstep.data.roles import ROLES, TEST, TRAIN, tell_choice, train_and_test
from fewstep.data.split import Split, hash_split
from fewstep.images.decode import decode, decode_all

IMAGE_COLUMNS = ("image", "img")
LABEL_COLUMN, SPLIT_COLUMN = "label", "split"
_BATCH_ROWS = 1024


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """`path`: a file (split by its column `split`, or else by pixel hash), or a folder of train*.parquet and
    test*.parquet (or validation*.parquet, where there is no test).

    Raises:
        FewstepError: absent, damaged, no image column, or a row without its image, label or split; names
            file and row.
    """
    path = Path(spec["path"])
    if not path.is_dir():
        data, split = _read_file(path)
        return hash_split(data, str(path)) if split is None else _by_column(data, split, path)
    chosen = _chosen(path)
    tell_choice(_by_role(path), chosen, str(path))
    return {role: _read_files(_by_role(path).get(name, []), path / f"{name}*.parquet") for role, name in chosen.items()}


def has_labels(path: Path) -> bool:
    """Whether the file, or the first training file of a folder, has a column `label`."""
    files = _training_files(path)
    return bool(files) and _has_label(_open(files[0]).schema_arrow.names, files[0])


def first_shape(path: Path) -> tuple[int, int, int]:
    """Height, width and channels of the image in the first row of the first training file that has rows."""
    for each in _training_files(path):
        file = _open(each)
        with _damage_named(each):
            for where, data in _image_bytes(file, _image_column(file, each), each, rows=1):
                height, width, channels = decode(data, where).shape
                return height, width, channels
    raise FewstepError(f"{path}: there are no rows with images.")


def files(path: Path) -> dict[str, str]:
    """What is read, by name below the folder."""
    return below(path, (".parquet",)) if path.is_dir() else {"file": str(path)}


def _by_role(folder: Path) -> dict[str, list[Path]]:
    """The files of a folder by the role that their names begin with (`test-00000-of-00001.parquet`), or by name."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.parquet")):
        roles = sorted(role for role in ROLES if file.name.lower().startswith(role))
        found.setdefault(roles[-1] if roles else file.name, []).append(file)
    return found


def _chosen(folder: Path) -> dict[str, str]:
    return train_and_test(_by_role(folder), str(folder)) or {TRAIN: TRAIN, TEST: TEST}


def _read_files(files: list[Path], pattern: Path) -> Split:
    """The images of all files that hold some."""
    if not files:
        raise FewstepError(f"{pattern.parent}: there is no file {pattern.name}.")
    parts = {file: part for file in files if len(part := _read_file(file)[0])}
    if not parts:
        raise FewstepError(f"{pattern}: these files hold no images.")
    first, whole = next(iter(parts.items()))
    for file, part in parts.items():
        if part.images.shape[1:] != whole.images.shape[1:]:
            raise FewstepError(f"{file}: its images differ in shape from those in {first}.")
        if (part.labels is None) != (whole.labels is None):
            raise FewstepError(f"{file}: of this and {first} only one has the column {LABEL_COLUMN}.")
    labels = None if whole.labels is None else np.concatenate([part.labels for part in parts.values()])
    return Split(np.concatenate([part.images for part in parts.values()]), labels)


def _by_column(data: Split, split: np.ndarray, path: Path) -> dict[str, Split]:
    for row, value in enumerate(split):
        if not isinstance(value, str) or value.lower() not in ROLES:
            raise FewstepError(f"{path}: row {row} has split {value}; it must be train, test or validation.")
    names = set(split.tolist())
    chosen = train_and_test(names, str(path))
    if chosen is None:
        raise FewstepError(
            f"{path}: column {SPLIT_COLUMN} holds {', '.join(sorted(names))} alone; train and test need rows."
        )
    tell_choice(names, chosen, str(path))
    return {role: data.take(np.flatnonzero(split == name)) for role, name in chosen.items()}


def _read_file(path: Path) -> tuple[Split, np.ndarray | None]:
    file = _open(path)
    names, column = file.schema_arrow.names, _image_column(file, path)
    with _damage_named(path):
        images = decode_all(_image_bytes(file, column, path), file.metadata.num_rows)
        labels = _labels(file, path) if _has_label(names, path) else None
        split = np.array(_values(file, SPLIT_COLUMN), object) if SPLIT_COLUMN in names else None
    return Split(images, labels), split


def _training_files(path: Path) -> list[Path]:
    return _by_role(path).get(_chosen(path)[TRAIN], []) if path.is_dir() else [path]


def _image_column(file: Any, path: Path) -> str:
    names = file.schema_arrow.names
    if not (found := [name for name in IMAGE_COLUMNS if name in names]):
        raise FewstepError(f"{path}: there is no column {' or '.join(IMAGE_COLUMNS)} (there are {', '.join(names)}).")
    return found[0]


def _has_label(names: list[str], path: Path) -> bool:
    if LABEL_COLUMN not in names:
        check_no_labels_among(names, LABEL_COLUMN, str(path))
    return LABEL_COLUMN in names


def _open(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except (pa.ArrowException, OSError) as error:
        raise FewstepError(f"{path}: this is not a parquet file ({_first_line(error)}).") from None


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Turn what pyarrow raises on a damaged file into one sentence."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise FewstepError(f"{path}: the file is damaged ({_first_line(error)}).") from None


def _image_bytes(file: Any, column: str, path: Path, rows: int = _BATCH_ROWS) -> Iterator[tuple[str, bytes]]:
    """What errors call an image, and its bytes; `rows` are read at a time."""
    row = 0
    for batch in file.iter_batches(rows, columns=[column]):
        for value in batch.column(0).to_pylist():
            data = value.get("bytes") if isinstance(value, dict) else value
            if not isinstance(data, bytes):
                raise FewstepError(f"{path}: row {row} has no image bytes in column {column}.")
            yield f"{path} row {row}", data
            row += 1


def _labels(file: Any, path: Path) -> np.ndarray:
    column = _values(file, LABEL_COLUMN)
    for row, value in enumerate(column):
        if type(value) is not int:
            raise FewstepError(f"{path}: row {row} has label {value}; labels are whole numbers.")
        if value >= 2**63:
            raise FewstepError(f"{path}: row {row} has label {value}; labels are below 2^63.")
    return np.array(column, np.int64)


def _values(file: Any, column: str) -> list[Any]:
    return file.read([column])[column].to_pylist()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
