"""The profile of `fewstep score`: some sets of samples against all the real images that are given.

What can be wrong with the arguments and the files is found here, before anything is run; of the images themselves the
first of each set is decoded.
"""

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from fewstep.base.errors import FewstepError
from fewstep.base.files import write_text
from fewstep.base.folders import EXTRACTOR_WEIGHTS, ROOT
from fewstep.data.checks import check_shape
from fewstep.data.whole import is_one_set
from fewstep.images.sample_files import SampleFiles, open_samples, require_alike
from fewstep.plan import profile as config
from fewstep.plan.cards import discover

EXTRACTORS = ("inception", "inception_clean", "lenet", "rotnet")
LEAST = 10  # images of a set: of fewer no score says anything
LENET = {(8, 8, 1): "digits", (28, 28, 1): "mnist"}  # shipped weights by the shape of the images
_HEADER = "# Written by `fewstep score`, which replaces it. To change it, copy it to config/ and rename `profile`.\n"


def build(
    samples: Sequence[str], reference: str, extractor: str, nfes: Sequence[str] = (), name: str | None = None
) -> dict[str, Any]:
    """The profile that scores samples, checked.

    Args:
        samples: paths, or LABEL=PATH; a label that is given several times has several sampling seeds.
        reference: path of the real images.
        extractor: one of EXTRACTORS.
        nfes: LABEL=NFE, evaluations per image as declared.
        name: of the profile; None: that of the reference.

    Raises:
        FewstepError: one sentence that names the argument or the file.
    """
    paths = _by_label(samples)
    declared = _declared(nfes, list(paths))
    real = _real(reference)
    for path in (path for several in paths.values() for path in several):
        _check(open_samples(path, _classes(real, reference)), real, reference)
    dataset = _slug(reference) or "real"
    section = {
        "source": _source(reference),
        "path": _from_root(reference),
        "scores": _scores(extractor, real.shape, reference) | {"reference_split": "all"},
        "imports": {label: _imported(several, declared.get(label)) for label, several in paths.items()},
    }
    profile = {"profile": name or dataset, "datasets": {dataset: section}}
    with contextlib.chdir(ROOT):
        config.load(profile, discover())
    return profile


def write(profile: Mapping[str, Any]) -> Path:
    """Write results/<profile>/profile.yaml, and say so where it replaces another one that this command wrote.

    Raises:
        FewstepError: a profile of config/, or results that another profile made, have this name.
    """
    name = profile["profile"]
    path, text = ROOT / "results" / name / "profile.yaml", _HEADER + _yaml(profile)
    if (ROOT / "config" / f"{name}.yaml").exists():
        raise FewstepError(f"--name: config/{name}.yaml is a profile of this name; choose another name.")
    if path.exists():
        found = path.read_text(encoding="utf-8")
        if not found.startswith(_HEADER):
            raise FewstepError(f"--name: results/{name}/profile.yaml is not of this command; choose another name.")
        if found != text:
            print(f"results/{name}/profile.yaml is replaced: other samples or settings were scored under this name.")
    elif path.parent.exists() and any(path.parent.iterdir()):
        raise FewstepError(f"--name: results/{name} holds what another profile made; choose another name.")
    write_text(path, text)
    return path


def _by_label(samples: Sequence[str]) -> dict[str, list[str]]:
    """The paths of each label; only labels that are written out may have several."""
    paths: dict[str, list[str]] = {}
    short: dict[str, str] = {}
    for given in samples:
        label, sign, path = given.partition("=")
        if not sign or os.path.exists(given):
            label, path = _slug(given), given
            short[label] = given
        if not label:
            raise FewstepError(f"{given}: this name makes no label; write LABEL=PATH.")
        if path in paths.setdefault(label, []):
            raise FewstepError(f"{given}: this is given twice.")
        paths[label].append(path)
    for label, given in short.items():
        if len(paths[label]) > 1:
            raise FewstepError(f"{given}: {len(paths[label])} sample sets would be called {label}; write LABEL=PATH.")
    return paths


def _declared(nfes: Sequence[str], labels: Sequence[str]) -> dict[str, int]:
    declared = {}
    for given in nfes:
        label, _, number = given.rpartition("=")
        if label not in labels:
            raise FewstepError(f"--nfe {given}: write LABEL=NFE with one of the labels {', '.join(labels)}.")
        if not re.fullmatch("[1-9][0-9]{0,8}", number):
            raise FewstepError(f"--nfe {given}: {number or 'nothing'} is no number of network evaluations.")
        if label in declared:
            raise FewstepError(f"--nfe {given}: this label has an NFE already.")
        declared[label] = int(number)
    return declared


def _real(reference: str) -> SampleFiles:
    real = open_samples(reference)
    check_shape(real.shape, f"{reference}: the")
    if len(real) < LEAST:
        raise FewstepError(f"{reference}: {len(real)} real images are too few; {LEAST} are the least.")
    return real


def _classes(real: SampleFiles, reference: str) -> Sequence[str] | None:
    """Names of the real images' classes; None where train and test images lie apart, whose folders are no classes."""
    one_set = is_one_set({"source": _source(reference), "path": reference})
    return (real.class_names or ()) if one_set else None


def _check(samples: SampleFiles, real: SampleFiles, reference: str) -> None:
    require_alike(samples, real.shape, reference)
    if len(samples) < LEAST:
        raise FewstepError(f"{samples.path}: {len(samples)} samples are too few; {LEAST} are the least.")


def _source(path: str) -> str:
    """The source that reads a path which `open_samples` has read."""
    return "folder" if os.path.isdir(path) else Path(path).suffix.lower().removeprefix(".")


def _imported(paths: Sequence[str], nfe: int | None) -> dict[str, Any]:
    several = [_from_root(path) for path in paths]
    return {"path": several if len(several) > 1 else several[0], "nfe": nfe}


def _scores(extractor: str, shape: Sequence[int], reference: str) -> dict[str, Any]:
    if extractor == "lenet":
        if tuple(shape) not in LENET:
            known = " or ".join(" x ".join(map(str, each)) for each in LENET)
            sizes = " x ".join(map(str, shape))
            raise FewstepError(f"{reference}: lenet knows images of {known}, not {sizes}; take --extractor rotnet.")
        return {
            "extractor": "lenet",
            "extractor_weights": str(EXTRACTOR_WEIGHTS / f"lenet-{LENET[tuple(shape)]}.safetensors"),
        }
    if extractor == "rotnet":
        return {"extractor": "rotnet"}
    _require_inception()
    return {"extractor": "inception", "resize": "clean-bicubic" if extractor == "inception_clean" else "tf1-bilinear"}


def _require_inception() -> None:
    """Have Inception's weights in the cache, or say what to do."""
    # Only here, since it takes torch.
    from fewstep.scoring.extractors.download import download
    from fewstep.scoring.extractors.inception import SHA256, URL, cache

    try:
        download(URL, SHA256, cache())
    except FewstepError as error:
        raise FewstepError(
            f"{error} Put {URL.rsplit('/', 1)[-1]} into {cache()}, or take --extractor rotnet (a small network trained"
            " on the real images in a minute) or --extractor lenet (grey digits of 28 x 28 or 8 x 8 pixels)."
        ) from None


def _from_root(path: str) -> str:
    """A path as the project's folder sees it: relative inside of it, so that a run can be moved, and else absolute."""
    absolute = os.path.abspath(path)
    inside = os.path.relpath(absolute, ROOT)
    found = absolute if inside.startswith(os.pardir) else inside
    try:
        found.encode("utf-8")
    except UnicodeEncodeError:
        raise FewstepError(f"{path}: this name is not UTF-8, in which the profile is written.") from None
    return found


def _slug(path: str) -> str:
    """A label from the name of a folder or file; empty where the name has no letters or digits."""
    name = Path(os.path.abspath(path)).name
    stem = name if os.path.isdir(path) else Path(name).stem
    return re.sub("[^a-z0-9_-]+", "-", stem.lower()).strip("-_")[:64]


class _Dumper(yaml.SafeDumper):
    """Puts text that could be read as something else in quotes."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, None if text[:1].isalpha() else '"'),
)


def _yaml(profile: Mapping[str, Any]) -> str:
    return yaml.dump(dict(profile), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
