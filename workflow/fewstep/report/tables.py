"""Tables of a run as CSV (full precision), Markdown and LaTeX."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from fewstep.files import sha256_file
from fewstep.report import grid, listings
from fewstep.report.formatting import NOT_APPLICABLE, csv_text, latex, markdown
from fewstep.report.grid import Number, Row, Table
from fewstep.report.ranking import BEST, SECOND, TIE
from fewstep.report.speed import noisy_cells
from fewstep.report.summary import Summary, label, summarise
from fewstep.results import read_results, read_speed


def write_tables(
    results_csv: str | Path,
    speed_csv: str | Path,
    cards: Mapping[str, dict],
    out_dir: str | Path,
    meta: Mapping,
) -> list[Path]:
    """Write `quality_<dataset>`, `speed_<dataset>` and `<metric>_by_nfe_<dataset>` as .csv, .md and .tex.

    Args:
        meta: what the tables do not say: "commit" (for the first line of a .tex file), "cells" (those that
            were asked for) and "machines" (names of hardware ids); each may be absent.

    Returns:
        The files, sorted.
    """
    results, speed = read_results(results_csv), read_speed(speed_csv)
    source = f"results.csv {sha256_file(results_csv)[:12]}, speed.csv {sha256_file(speed_csv)[:12]}"
    source += f", commit {meta['commit']}" if meta.get("commit") else ""
    written = []
    summaries = summarise(results, speed, cards, meta.get("cells", ()), meta.get("machines"))
    for summary in summaries.values():
        notes = noise_notes(noisy_cells(speed), summary.dataset, cards)
        for name, table in tables(summary, notes).items():
            texts = (render(table, source) for render in (to_csv, to_markdown, to_latex))
            written += listings.write_formats(Path(out_dir) / name, *texts)
    return sorted(written)


def tables(summary: Summary, speed_notes: Sequence[str] = ()) -> dict[str, Table]:
    """All tables of a data set by file name."""
    dataset = summary.dataset
    found = {
        f"quality_{dataset}": quality_table(summary),
        f"speed_{dataset}": speed_table(summary, speed_notes),
    }
    for column in summary.quality:
        caption = f"{column.quantity.heading} on {dataset} by NFE, {column.context}"
        metric = column.quantity.name if column is summary.find(column.quantity.name) else column.key
        found[f"{metric}_by_nfe_{dataset}"] = grid.table_by_nfe(summary, column, caption, [grid.LEGEND])
    return found


def quality_table(summary: Summary) -> Table:
    """Every score of every cell."""
    caption = ", ".join([f"Quality on {summary.dataset}", *dict.fromkeys(c.context for c in summary.quality)])
    return grid.table(summary.frame, summary.quality, caption, [grid.LEGEND, *grid.notes(summary)])


def speed_table(summary: Summary, notes: Sequence[str] = ()) -> Table:
    """Every speed of every cell; the machines are named in the caption."""
    machines = "; ".join(dict.fromkeys(c.context for c in summary.speed)) or "not measured"
    caption = f"Speed on {summary.dataset}: {machines}"
    return grid.table(summary.ranked, summary.speed, caption, [grid.SPEED_LEGEND, *notes])


def noise_notes(noisy: set[tuple], dataset: str, cards: Mapping[str, dict]) -> list[str]:
    """One sentence that names the cells whose timing was disturbed."""
    names = [f"{label(m, v, cards)} at {n} NFE" for d, m, v, n in sorted(noisy) if d == dataset]
    return [f"The machine was not quiet while these were timed: {', '.join(names)}."] if names else []


def to_csv(table: Table, source: str = "") -> str:
    """RFC 4180 with the raw values: `key`, `key_low`, `key_high` per column; an empty field is n/a."""
    names = [f"{h.key}{part}" for h in table.headers for part in ("", "_low", "_high")]
    rows = []
    for row in table.rows:
        who = [csv_text(text) for text in (row.method, row.variant, row.label, row.family)]
        raw = [_raw(v) for n in row.numbers for v in (n.value, n.low, n.high)]
        rows.append(who + ([] if row.nfe is None else [row.nfe]) + raw)
    return listings.to_csv(["method", "variant", "label", "family"] + ([] if table.by_nfe else ["nfe"]) + names, rows)


def _raw(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))


def to_markdown(table: Table, source: str = "") -> str:
    """A GitHub table with its caption and notes."""
    heads = [f"{markdown(h.label)} {h.arrow}".strip() for h in table.headers]
    first = ["Method"] + ([] if table.by_nfe else ["NFE"])
    lines = ["| " + " | ".join(first + heads) + " |", "|:--" + "|--:" * (len(first) + len(heads) - 1) + "|"]
    for row in table.rows:
        cells = [markdown(row.label), *_nfe(row), *(_markdown_number(n) for n in row.numbers)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n\n".join([f"**{markdown(table.caption)}**", "\n".join(lines), *map(markdown, table.notes)]) + "\n"


def _markdown_number(number: Number) -> str:
    text = f"**{number.text}**" if BEST in number.marks else number.text
    text = f"<u>{text}</u>" if SECOND in number.marks else text
    text += f" ± {number.error}" if number.error else ""
    return text + (" •" if TIE in number.marks else "")


def to_latex(table: Table, source: str = "") -> str:
    """A booktabs table (needs only that package)."""
    heads = [latex(h.label) + (f" {latex(h.arrow)}" if h.arrow else "") for h in table.headers]
    first = ["Method"] + ([] if table.by_nfe else ["NFE"])
    lines = [
        f"% generated from {' '.join(source.split())}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex(table.caption)}. {latex(' '.join(table.notes))}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(first) + len(heads) - 1)}}}",
        r"\toprule",
        " & ".join(first + heads) + r" \\",
        r"\midrule",
    ]
    previous = None
    for row in table.rows:
        if row.floor and previous is not None and not previous.floor:
            lines.append(r"\midrule")
        cells = [*map(latex, [row.label, *_nfe(row)]), *map(_latex_number, row.numbers)]
        lines.append(" & ".join(cells) + r" \\")
        previous = row
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"]) + "\n"


def _latex_number(number: Number) -> str:
    text = latex(number.text)
    text = rf"\textbf{{{text}}}" if BEST in number.marks else text
    text = rf"\underline{{{text}}}" if SECOND in number.marks else text
    text += rf" {{\small$\pm$ {latex(number.error)}}}" if number.error else ""
    return text + (r"$^{\bullet}$" if TIE in number.marks else "")


def _nfe(row: Row) -> list[str]:
    if row.nfe is None:
        return []
    return [NOT_APPLICABLE if row.floor else str(row.nfe)]
