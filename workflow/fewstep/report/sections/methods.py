"""One card per method that was compared."""

import re
from collections.abc import Mapping
from typing import Any

from fewstep.report.blocks import Card, Cards, Section
from fewstep.report.embed import mark
from fewstep.report.formatting import evaluations, plain
from fewstep.report.inputs import Run


def sections(run: Run) -> list[Section]:
    """Title, paper, family and what was run of every method, and what is known of samples that someone else made."""
    names = sorted({m for s in run.summaries.values() for m in s.ranked.method})
    cards = [(_others if name in run.imports else _card)(run, name) for name in names]
    return [Section("methods", "Methods", [Cards(cards)])]


def _card(run: Run, name: str) -> Card:
    card = run.cards.get(name, {})
    needs = card.get("needs", {})
    paper = str(card.get("paper", ""))
    facts = [("Weights", weights(run, name) or " or ".join(card.get("weights", [])) or "not said")]
    if needs.get("teacher"):
        facts.append(("Teacher", str(needs["teacher"])))
    facts.append(("Labels", str(needs.get("labels", "not said"))))
    return Card(
        title=str(card.get("title", name)),
        name=name,
        tags=[str(card.get("family", "unknown family"))],
        variants=_variants(run, name),
        paper=paper,
        paper_url=paper_url(paper),
        year=card.get("year"),
        readme=f"../../methods/{name}/README.md",
        facts=facts,
    )


def _others(run: Run, label: str) -> Card:
    """Samples that someone else made: what their maker declares is all that is known."""
    card, declared = run.cards[label], run.imports[label]
    facts = {
        "Made by": dict.fromkeys(declared, "someone else: only the images are here, which cannot be timed"),
        "NFE": {d: f"{made['nfe']}, declared and not measured" if made["nfe"] else "unknown"
                for d, made in declared.items()},
        "Trained on": {dataset: made["trained_on"] or "not said" for dataset, made in declared.items()},
    }  # fmt: skip
    return Card(
        title=card["title"],
        name=label,
        tags=[card["family"]],
        variants=_variants(run, label),
        paper="",
        paper_url=None,
        year=None,
        readme=None,
        facts=[(name, _by_dataset(found)) for name, found in facts.items()],
    )


def _by_dataset(found: Mapping[str, str]) -> str:
    """One text if it is that of every data set."""
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return "; ".join(f"{dataset}: {text}" for dataset, text in found.items())


def weights(run: Run, name: str) -> str:
    """Where the networks of a method came from, and what training them took."""
    found = {}
    for network, made in run.manifest.get("networks", {}).items():
        dataset, method, recipe, training = network.split("/")
        if method == name:
            words = [dataset] * (len(run.summaries) > 1) + [recipe] * (recipe != "default")
            seed = training.removeprefix("seed")
            found[" ".join(words + [f"seed {seed}"] * (seed != "0"))] = origin(made)
    return "; ".join(f"{called}: {text}" if called else text for called, text in found.items())


def origin(made: Mapping[str, Any]) -> str:
    """How a network of the manifest came to be, as "from the zoo: 2,500 steps of 128 in 13.9 min on ..."."""
    if made["steps"] == 0:
        return "none: there is nothing to train"
    where = made["hardware"].get("gpu") or made["hardware"].get("cpu")
    source = "from the zoo" if made["source"] == "zoo" else "trained in this run"
    work = f"{made['steps']:,} steps of {made['batch']:,} images in {plain(made['seconds'] / 60, 1)} min"
    return f"{source}: {work} on {where}"


def _variants(run: Run, name: str) -> list[tuple]:
    """Mark, label and NFE settings of each variant that was compared."""
    settings: dict[tuple[str, str], set[int]] = {}
    for summary in run.summaries.values():
        for row in summary.ranked[summary.ranked.method == name].itertuples():
            settings.setdefault((row.variant, row.label), set()).add(int(row.nfe))
    return [
        (mark(run.style.look(name, variant)), label, ", ".join(map(evaluations, sorted(nfes))))
        for (variant, label), nfes in settings.items()
    ]


def paper_url(paper: str) -> str | None:
    """Where a paper is to be found, if its name says so beyond doubt."""
    if match := re.fullmatch(r"arXiv:(\d{4}\.\d{4,5})(v\d+)?", paper):
        return f"https://arxiv.org/abs/{match[1]}"
    if match := re.fullmatch(r"doi:(10\.\d{4,9}/[\w.()/-]+)", paper):
        return f"https://doi.org/{match[1]}"
    return None
