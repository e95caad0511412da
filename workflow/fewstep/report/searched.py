"""What the searches of sampling settings found, candidate by candidate, as lines and as CSV, Markdown and LaTeX."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fewstep.report import listings
from fewstep.report.formatting import column_decimals, csv_text, plain
from fewstep.report.inputs import Run
from fewstep.report.listings import Line, Listing, to_latex, to_markdown, write_formats
from fewstep.report.quantities import describe
from fewstep.report.summary import label
from fewstep.statistics import Z95

_CAPTION = (
    "Searched settings on {}: distance of {} validation images with each candidate, ± half of the 95 % interval. "
    "Neither the seed nor the images of a search are scored anywhere else"
)
_CHOSEN = "taken"


@dataclass(frozen=True)
class Search:
    """The artefact of one variant's search, and how the variant is called."""

    method: str
    variant: str
    label: str
    found: Mapping[str, Any]

    @property
    def by_nfe(self) -> list[tuple[int, Mapping[str, Any]]]:
        """What was found at each NFE, in rising order."""
        return sorted((int(nfe), made) for nfe, made in self.found["nfe"].items())


def searches(run: Run, dataset: str) -> list[Search]:
    """Every search of a data set."""
    return [Search(m, v, label(m, v, run.cards), found) for m, v, found in run.searches(dataset)]


def name_of(settings: Mapping[str, Any]) -> str:
    """The values of a candidate, in words."""
    values = [part for value in settings.values() for part in (value.values() if isinstance(value, dict) else [value])]
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value).replace("_", "-") for value in values)


def candidate(settings: Mapping[str, Any]) -> str:
    """The same after the names of the settings."""
    return "; ".join(f"{name} {name_of({name: value})}" for name, value in settings.items())


def _scores(found: Sequence[Search]) -> Iterator[tuple[Search, int, Mapping[str, Any], Mapping[str, Any]]]:
    for search in found:
        for nfe, made in search.by_nfe:
            for score in made["scores"]:
                yield search, nfe, made, score


def listing(found: Sequence[Search], dataset: str) -> Listing:
    """Every candidate at every NFE, in the order of the card."""
    every = list(_scores(found))
    quantity = describe(every[0][2]["distance"])
    places = column_decimals([Z95 * score["standard_error"] for *_, score in every])
    lines = [
        Line(search.method, search.variant, (
            search.label, str(nfe), candidate(score["settings"]),
            f"{plain(score['value'], places)} ± {plain(Z95 * score['standard_error'], places)}",
            _CHOSEN * (score["settings"] == made["choice"]),
        ))
        for search, nfe, made, score in every
    ]  # fmt: skip
    counts = " or ".join(str(n) for n in sorted({made["count"] for _, _, made, _ in every}))
    heads = ("Sampler", "NFE", "Candidate", f"{quantity.heading} {quantity.arrow}".strip(), "Choice")
    return Listing("searched", _CAPTION.format(dataset, counts), heads, lines)


def write_searched(run: Run, dataset: str, out_dir: str | Path) -> None:
    """Write `searched_<dataset>` as .csv (full precision), .md and .tex; nothing where nothing is searched."""
    found = searches(run, dataset)
    if found:
        told = listing(found, dataset)
        base = Path(out_dir) / f"searched_{dataset}"
        write_formats(base, csv=to_csv(found), md=to_markdown(told), tex=to_latex(told))


def to_csv(found: Sequence[Search]) -> str:
    """RFC 4180 with the raw values; `chosen` is 1 or 0."""
    who = ("method", "variant", "label", "nfe", "candidate")
    heads = (*who, "metric", "value", "standard_error", "n_samples", "chosen")
    rows = (
        (search.method, search.variant, csv_text(search.label), nfe, csv_text(candidate(score["settings"])),
         made["distance"], score["value"], score["standard_error"], made["count"],
         int(score["settings"] == made["choice"]))
        for search, nfe, made, score in _scores(found)
    )  # fmt: skip
    return listings.to_csv(heads, rows)
