"""What the searches of sampling settings found, candidate by candidate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fewstep.base.statistics import Z95
from fewstep.report.formatting import column_decimals, plain
from fewstep.report.inputs import Run
from fewstep.report.summary import label
from fewstep.report.tables.model import SAMPLER, File, Head, Raw, Row, Table
from fewstep.results.quantities import describe

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
    """Values of a candidate, each after the name of its setting."""
    return "; ".join(f"{name} {name_of({name: value})}" for name, value in settings.items())


def _scores(found: Sequence[Search]) -> Iterator[tuple[Search, int, Mapping[str, Any], Mapping[str, Any]]]:
    for search in found:
        for nfe, made in search.by_nfe:
            for score in made["scores"]:
                yield search, nfe, made, score


def files(run: Run, dataset: str) -> Iterator[File]:
    """`searched_<dataset>`; nothing where nothing is searched."""
    if found := searches(run, dataset):
        yield File(f"searched_{dataset}", [table(found, dataset)], raw(found))


def table(found: Sequence[Search], dataset: str) -> Table:
    """Every candidate at every NFE, in the order of the card."""
    every = list(_scores(found))
    places = column_decimals([Z95 * score["standard_error"] for *_, score in every])
    rows = [
        Row(search.method, search.variant, nfe, (
            search.label, str(nfe), candidate(score["settings"]),
            f"{plain(score['value'], places)} ± {plain(Z95 * score['standard_error'], places)}",
            _CHOSEN * (score["settings"] == made["choice"]),
        ))
        for search, nfe, made, score in every
    ]  # fmt: skip
    counts = " or ".join(str(n) for n in sorted({made["count"] for _, _, made, _ in every}))
    heads = (*SAMPLER, Head("Candidate"), Head.of(describe(every[0][2]["distance"])), Head("Choice"))
    return Table(_CAPTION.format(dataset, counts), heads, tuple(rows))


def raw(found: Sequence[Search]) -> Raw:
    """Every candidate with the raw values; `chosen` is 1 or 0."""
    who = ("method", "variant", "label", "nfe", "candidate")
    rows = [
        (search.method, search.variant, search.label, nfe, candidate(score["settings"]), made["distance"],
         score["value"], score["standard_error"], made["count"], int(score["settings"] == made["choice"]))
        for search, nfe, made, score in _scores(found)
    ]  # fmt: skip
    return Raw((*who, "metric", "value", "standard_error", "n_samples", "chosen"), rows)
