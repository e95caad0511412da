"""Single scores as text, and rows of scores.csv as they go into CSV files."""

from collections.abc import Callable, Sequence

import pandas as pd

from fewstep.report.formatting import NOT_APPLICABLE, column_decimals, plain
from fewstep.report.tables.model import Raw
from fewstep.results.quantities import Quantity

_SEEDS = ["training_seed", "seed"]
NUMBERS = ["value", "standard_error", "ci_low", "ci_high", "reason", "n_samples"]


def number(row, quantity: Quantity) -> str:
    """The value of a row of scores with half of its 95 % interval, in the unit of its quantity, or why it has none."""
    if pd.notna(row.reason):
        return f"{NOT_APPLICABLE} ({row.reason})"
    half = (row.ci_high - row.ci_low) / 2 * quantity.scale
    places = column_decimals([half])
    return plain(row.value * quantity.scale, places) + (f" ± {plain(half, places)}" if half > 0 else "")


def raw(table: pd.DataFrame, name: Callable[[str, str], str], numbers: Sequence[str] = NUMBERS) -> Raw:
    """Every row with the columns `numbers`; `name` calls a (method, variant) by its label."""
    heads = ["method", "variant", "label", "nfe", *_SEEDS, "metric", *numbers]
    rows = [
        [row.method, row.variant, name(row.method, row.variant), row.nfe,
         *(getattr(row, column) for column in (*_SEEDS, "metric", *numbers))]
        for row in table.itertuples()
    ]  # fmt: skip
    return Raw(heads, rows)
