"""Reads, writes and joins the two tables of a run, checked by fewstep.results.schemas.

scores.csv   one row per (dataset, task, method, variant, nfe, training_seed, seed, metric); intervals are of 95 %
speed.csv    one row per (dataset, task, method, variant, nfe, device, dtype, batch)
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError

from fewstep.base import provenance
from fewstep.base.errors import FewstepError
from fewstep.base.files import write_text
from fewstep.base.folders import ROOT
from fewstep.base.jobs import Job
from fewstep.results.schemas import KEYS, SCHEMA_VERSION, SCORES, SPEED


def validate(table: pd.DataFrame, schema: pa.DataFrameSchema, path: str | Path) -> pd.DataFrame:
    """The table with its columns in order and typed.

    Raises:
        FewstepError: a column or a value breaks the schema; the sentence names `path`, the column and the
            row.
    """
    for name in schema.columns:
        if name not in table:
            raise FewstepError(f"{path}: column {name} is missing.")
    for name in table:
        if name not in schema.columns:
            raise FewstepError(f"{path}: there is no column {name} in a {schema.name} table.")
    typed = pd.DataFrame({name: _typed(table[name], schema, path) for name in schema.columns})
    try:
        return schema.validate(typed)
    except SchemaError as error:
        raise FewstepError(f"{path}: {_sentence(error, schema)}") from None


def _is_text(schema: pa.DataFrameSchema, name: str) -> bool:
    return str(schema.columns[name].dtype) not in ("int64", "float64")


def _typed(values: pd.Series, schema: pa.DataFrameSchema, path: str | Path) -> pd.Series:
    """The column as text, float64 or int64; unlike a cast, 1.5 is no int64 and 12 is no text."""
    values, name = values.reset_index(drop=True), str(values.name)
    if _is_text(schema, name):
        wrong = values.notna() & ~values.map(lambda value: isinstance(value, str)).astype(bool)
        typed, kind = values.astype("str"), "text"
    else:
        typed, kind = pd.to_numeric(values, errors="coerce").astype("float64"), "numbers"
        wrong = typed.isna() & values.notna()
        if str(schema.columns[name].dtype) == "int64":
            kind = "whole numbers"
            wrong = wrong | typed.isna() | (typed % 1 != 0)
    if wrong.any():
        row = int(wrong.argmax())
        raise FewstepError(f"{path}: column {name} must hold {kind}, not {values[row]} (data row {row + 1}).")
    return typed.astype("int64") if kind == "whole numbers" else typed


def _sentence(error: SchemaError, schema: pa.DataFrameSchema) -> str:
    first = error.failure_cases.iloc[0]
    at = f"(data row {int(first['index']) + 1})"
    if error.schema is schema:
        return f"columns {error.check.error} {at}."
    if str(error.check) == "not_nullable":
        return f"column {error.schema.name} must not be empty {at}."
    return f"column {error.schema.name} {error.check.error}, not {first['failure_case']} {at}."


def write_scores(table: pd.DataFrame, path: str | Path) -> None:
    """Check and write scores.csv, which may have no rows, atomically; `schema_version` is added where it is missing."""
    _write(table, SCORES, path)


def write_rows(rows: Iterable[Mapping[str, Any]], job: Job) -> None:
    """Write the table of scores of a job, and keep beside the results of the run what made it.

    Args:
        rows: each with the columns of a cell (Cell._asdict) and of a score (fewstep.scoring.rows.row).
        job: whose output `scores` is written, and whose parameter `results` is the folder of the run.
    """
    made_by = provenance.save(provenance.record(ROOT, job.profile), job.params.results)
    write_scores(pd.DataFrame(rows).assign(provenance=made_by), job.output.scores)


def write_speed(table: pd.DataFrame, path: str | Path) -> None:
    """Check and write speed.csv, which may have no rows, atomically; `schema_version` is added where it is missing."""
    _write(table, SPEED, path)


def read_scores(path: str | Path) -> pd.DataFrame:
    """Read and check scores.csv."""
    return _read(path, SCORES)


def read_speed(path: str | Path) -> pd.DataFrame:
    """Read and check speed.csv."""
    return _read(path, SPEED)


def concatenate(paths: Sequence[str | Path], out: str | Path, schema: pa.DataFrameSchema = SCORES) -> None:
    """Check the tables of several jobs and write them as one, sorted by its key.

    A run that times nothing has no tables of speed, and a speed.csv without rows.

    Raises:
        FewstepError: no tables of scores, a table breaks its schema, or two tables hold the same row.
    """
    if not paths and schema is SCORES:
        raise FewstepError(f"{out}: there are no tables to join.")
    tables = [_read(path, schema) for path in paths] or [pd.DataFrame(columns=list(schema.columns))]
    table = pd.concat(tables, ignore_index=True)
    _write(table.sort_values(KEYS[schema.name]), schema, out)


def _write(table: pd.DataFrame, schema: pa.DataFrameSchema, path: str | Path) -> None:
    if table.empty:
        table = pd.DataFrame(columns=list(schema.columns))
    if "schema_version" not in table:
        table = table.assign(schema_version=SCHEMA_VERSION)
    if "reason" in schema.columns and "reason" not in table:
        table = table.assign(reason=None)
    write_text(path, validate(table, schema, path).to_csv(index=False, lineterminator="\n"))


def _read(path: str | Path, schema: pa.DataFrameSchema) -> pd.DataFrame:
    # Text stays text, whatever it looks like: a provenance of digits, a variant named "nan".
    text = {name: str for name in schema.columns if _is_text(schema, name)}
    try:
        table = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise FewstepError(f"{path}: this is not a table ({error}).") from None
    return validate(table, schema, path)
