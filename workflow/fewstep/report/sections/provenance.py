"""How the numbers are made, and what they were made from."""

from collections.abc import Mapping
from typing import Any

from fewstep.report.blocks import Facts, Prose, Section
from fewstep.report.formatting import plain
from fewstep.report.inputs import Run
from fewstep.report.sections.methods import origin
from fewstep.report.summary import FLOOR
from fewstep.results import views
from fewstep.scoring.protocols import MEANINGS, PIXELS

UNKNOWN = "not recorded"
_REFERENCES = {"train": "the training images", "test": "the test images", "all": "all real images"}
_NO_FLOOR = " None is held out beside them to tell how near real images would come."
_OWN_TRUTH = " Among them are those that the enlarged images belong to, which lowers every distance."


def how(run: Run) -> list[Section]:
    """How the numbers are made, in a few paragraphs, and what the names of the protocols mean."""
    used = set(run.scores.protocol)
    protocols = Facts("Protocols", [(name, meaning) for name, meaning in MEANINGS.items() if name in used])
    return [Section("how", "How the numbers are made", [Prose([*_scoring(run), *_PROTOCOL, *_others(run)]), protocols])]


def _others(run: Run) -> list[str]:
    """What is not known of samples that someone else made."""
    labels = ", ".join(sorted(run.imports))
    return [f"Someone else made the samples {labels}. {_DECLARED}"] if labels else []


_DECLARED = (
    "Their images are scored like all others. How they were drawn, and with how many network evaluations, is what "
    "their makers say: it was not measured, and they are not timed."
)


def _scoring(run: Run) -> list[str]:
    """What was scored against what, by data set."""
    sentences = []
    scored = views.of_samples(run.scores)
    scored = scored[(scored.method != FLOOR) & (scored.extractor != PIXELS)]
    for dataset, rows in scored.groupby("dataset"):
        counts = " and ".join(f"{int(n):,}" for n in sorted(rows.n_samples.unique()))
        extractors = " and ".join(sorted(rows.extractor.unique()))
        references = " and ".join(sorted(name[:16] for name in rows.reference.unique()))
        section = run.config["datasets"][dataset]
        split = section["scores"]["reference_split"]
        sentences.append(
            f"{dataset}: {counts} samples for each of {rows.seed.nunique()} seeds, seen by the extractor"
            f" {extractors}, compared with the reference {references}, {_REFERENCES[split]}."
            + _NO_FLOOR * (split != "train")
            + _OWN_TRUTH * bool(split == "test" and section["low_resolution"])
        )
    return sentences


_PROTOCOL = (
    "Sample i depends on the weights, the seed, i, the label and the NFE, and on nothing else: its noise "
    "comes from a generator of its own, so that batch size and order do not change it. Images are rounded "
    "to 8 bits before they are scored. NFE is counted at the network while it samples, not declared.",
    "Only a Frechet distance on the 2015 Inception network is called FID; with any other extractor it is "
    "an FD, named by the extractor. Its value rises with fewer samples, so distances at different N never "
    "share a column; “− bias” takes the predicted rise away.",
    "An interval is of 95 % and is pooled over the seeds: it takes the larger of the analytic error of "
    "one score and the spread between the seeds. Two cells tie if the interval of their difference holds "
    "0.",
    "Of a network that was trained once, an interval says what other samples of this network would score, and nothing "
    "of other trainings. Where a recipe was trained with several seeds, it is Student's t interval of the trainings' "
    "means, which holds the spread between them. The notes under each table say of which kind its intervals are.",
    "Intervals and bias know how the images were drawn: labels one by one, in the shares of the reference unless the "
    "profile says otherwise, or a fixed number of each class. Where the bias is not known well enough, or a score "
    "cannot be given, the cell is empty and a note says why.",
    "Real images that no method was trained on are scored like samples, unless they are the reference themselves. "
    "Most splits hold a fixed number of each class, which brings them nearer to the reference than independent draws "
    "come. The row “expected at this N” is what real images would score if they were as many as the samples and drawn "
    "like them: the floor, below which no method can be expected.",
    "Speed is timed after a warm-up, one sampler at a time, in rounds that alternate with a fixed "
    "calibration network. Images/s are those of the best batch size, latencies those of batch 1; "
    "compilation is part of neither.",
)


def sections(run: Run) -> list[Section]:
    """Everything the manifest knows; what it does not know is marked so."""
    manifest = run.manifest
    git = manifest.get("git", {})
    state = {True: " (with uncommitted changes)", False: ""}.get(git.get("dirty"), "")
    code = [
        ("Commit", f"{git.get('commit', UNKNOWN)}{state}"),
        ("Configuration, sha256", _text(manifest.get("config_sha256"))),
        ("Dependencies (lock file), sha256", _text(manifest.get("lock_sha256"))),
    ]
    blocks = [
        Facts("Code", code),
        Facts("Hardware", _pairs(manifest.get("hardware"))),
        Facts("Data, fingerprint of the decoded pixels and labels", _pairs(manifest.get("data"))),
        Facts("Weights, where they come from", _networks(manifest), folded=True),
        Facts("Weights, sha256", _pairs(manifest.get("weights")), folded=True),
        Facts("Versions", _pairs(manifest.get("versions")), folded=True),
        Facts(f"Wall time of {len(_jobs(manifest))} jobs, {_total(manifest)}", _jobs(manifest), folded=True),
    ]
    return [Section("provenance", "Provenance", blocks)]


def _text(value: Any) -> str:
    if value is None or value == {}:
        return UNKNOWN
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(part)}" for key, part in value.items())
    return str(value)


def _pairs(value: Mapping | None) -> list[tuple[str, str]]:
    if not value:
        return [(UNKNOWN if value is None else "none", "")]
    pairs = []
    for key, part in value.items():
        if isinstance(part, Mapping):
            pairs += [(f"{key}, {name}", _text(inner)) for name, inner in part.items()]
        else:
            pairs.append((str(key).replace("_gib", " [GiB]"), "none" if part is None else _text(part)))
    return pairs


def _networks(manifest: Mapping) -> list[tuple[str, str]]:
    """Each network with its origin, the commit that trained it, and its recipe."""
    if not (networks := manifest.get("networks")):
        return _pairs(networks)
    return [(name, f"{origin(made)}, {_identity(made)}") for name, made in networks.items()]


def _identity(made: Mapping) -> str:
    return f"commit {made['commit'][:10]}, recipe {made['recipe_sha256'][:12]}, seed {made['seed']}"


def _jobs(manifest: Mapping) -> list[tuple[str, str]]:
    """Jobs by falling wall time."""
    seconds = manifest.get("job_seconds") or {}
    return [(job, f"{plain(s, 1)} s") for job, s in sorted(seconds.items(), key=lambda item: -item[1])]


def _total(manifest: Mapping) -> str:
    seconds = manifest.get("total_job_seconds")
    return UNKNOWN if seconds is None else f"{plain(seconds / 60, 1)} min together"
