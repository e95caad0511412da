"""The three formats of every table: CSV with every digit, Markdown, LaTeX (booktabs)."""

import csv
import io
from pathlib import Path

from fewstep.base.files import write_text
from fewstep.report.formatting import csv_text, latex, markdown
from fewstep.report.ranking import BEST, SECOND, TIE
from fewstep.report.tables.model import Cell, File, Raw, Table


def write(file: File, folder: str | Path) -> list[Path]:
    """Write <folder>/<name>.csv, .md and .tex; returns these paths."""
    texts = {
        "csv": to_csv(file.raw),
        "md": "\n".join(map(to_markdown, file.tables)),
        "tex": "\n".join(to_latex(table, file.source) for table in file.tables),
    }
    paths = {Path(folder) / f"{file.name}.{suffix}": text for suffix, text in texts.items()}
    for path, text in paths.items():
        write_text(path, text)
    return list(paths)


def to_csv(raw: Raw) -> str:
    """RFC 4180; an empty field is n/a, and no text is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(raw.heads)
    writer.writerows([_raw(value) for value in row] for row in raw.rows)
    return out.getvalue()


def _raw(value: object) -> object:
    if isinstance(value, str):
        return csv_text(value)
    if value is None or value != value:  # NaN differs from itself
        return ""
    return repr(float(value)) if isinstance(value, float) else value  # NumPy's floats, too, as plain numbers


def to_markdown(table: Table) -> str:
    """A GitHub table with its caption and notes."""
    heads = [markdown(head.label) + (f" {head.arrow}" if head.arrow else "") for head in table.heads]
    rules = [":--" if head.left else "--:" for head in table.heads]
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(rules)}|"]
    lines += [f"| {' | '.join(map(_markdown, row.cells))} |" for row in table.rows]
    return "\n\n".join([f"**{markdown(table.caption)}**", "\n".join(lines), *map(markdown, table.notes)]) + "\n"


def _markdown(cell: Cell) -> str:
    if isinstance(cell, str):
        return markdown(cell)
    text = f"**{cell.text}**" if BEST in cell.marks else cell.text
    text = f"<u>{text}</u>" if SECOND in cell.marks else text
    text += f" ± {cell.error}" if cell.error else ""
    return text + (" •" if TIE in cell.marks else "")


def to_latex(table: Table, source: str = "") -> str:
    """A table that needs the package booktabs and no other."""
    heads = [latex(head.title) for head in table.heads]
    lines = [
        *([f"% generated from {' '.join(source.split())}"] if source else []),
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex(' '.join([table.caption.rstrip('.') + '.', *table.notes]))}}}",
        rf"\begin{{tabular}}{{{''.join('l' if head.left else 'r' for head in table.heads)}}}",
        r"\toprule",
        " & ".join(heads) + r" \\",
        r"\midrule",
    ]
    previous = None
    for row in table.rows:
        if row.floor and previous is not None and not previous.floor:
            lines.append(r"\midrule")
        lines.append(" & ".join(map(_latex, row.cells)) + r" \\")
        previous = row
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"]) + "\n"


def _latex(cell: Cell) -> str:
    if isinstance(cell, str):
        return latex(cell)
    text = latex(cell.text)
    text = rf"\textbf{{{text}}}" if BEST in cell.marks else text
    text = rf"\underline{{{text}}}" if SECOND in cell.marks else text
    text += rf" {{\small$\pm$ {latex(cell.error)}}}" if cell.error else ""
    return text + (r"$^{\bullet}$" if TIE in cell.marks else "")
