"""Where numbers come from: code, configuration, dependencies and hardware, without anyone's name or paths.

`record` says what this process runs on and from; `save` keeps it beside the results, so that the hardware id
of a timing made on another day can be looked up; `write_manifest` gathers it all.
"""

import csv
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from fewstep.base.files import read_json, sha256_file, sha256_json, write_json
from fewstep.base.marks import no_effect_on_results

UNKNOWN = "unknown"
LOCK = "requirements.lock"
PACKAGES = (
    "clean-fid", "matplotlib", "mlxtend", "numpy", "pandas", "pandera", "pillow", "pyarrow", "safetensors",
    "scikit-learn", "scipy", "snakemake", "torch", "torch-fidelity", "torchvision",
)  # fmt: skip


def hardware(gpu: bool = False) -> dict[str, Any]:
    """Fingerprint of this machine: cpu, architecture, cores, memory_gib (rounded), gpu, and their `id`.

    The id is the same for machines that cannot be told apart, and holds no host or user name.

    Args:
        gpu: name the GPU too, which imports torch; without it `gpu` is null.
    """
    import psutil

    parts = {
        "cpu": _cpu_model(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "gpu": _gpu_model() if gpu else None,
    }
    return {**parts, "id": sha256_json(parts)[:12]}


def _cpu_model(cpuinfo: str | Path = "/proc/cpuinfo") -> str:
    try:
        lines = Path(cpuinfo).read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor() or UNKNOWN
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, UNKNOWN)


def _gpu_model() -> str | None:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that can move a number, from their metadata (nothing is
    imported)."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = UNKNOWN
    return found


def git_state(root: str | Path) -> dict[str, Any]:
    """{"commit": hex, "dirty": bool} of the repository whose top is `root`; untracked files make it dirty.

    Without git, or in a copy that is no repository, the commit is "unknown" and dirty is null.
    """
    root = Path(root).resolve()
    top = _git(root, "rev-parse", "--show-toplevel")
    commit = _git(root, "rev-parse", "HEAD")
    if top is None or commit is None or Path(top).resolve() != root:
        return {"commit": UNKNOWN, "dirty": None}
    return {"commit": commit, "dirty": _git(root, "status", "--porcelain") != ""}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


@no_effect_on_results
def record(root: str | Path, config: Mapping[str, Any], gpu: bool = False) -> dict[str, Any]:
    """What made a number: git, config_sha256 (of the loaded profile), lock_sha256, hardware and versions.

    Args:
        root: top folder of the project.
        config: the loaded profile.
        gpu: see `hardware`.
    """
    lock = Path(root) / LOCK
    return {
        "git": git_state(root),
        "config_sha256": sha256_json(config),
        "lock_sha256": sha256_file(lock) if lock.exists() else UNKNOWN,
        "hardware": hardware(gpu),
        "versions": versions(),
    }


def provenance_id(record: Mapping[str, Any]) -> str:
    """Twelve hex digits that stand for a record; equal records have equal ids."""
    return sha256_json(record)[:12]


@no_effect_on_results
def save(record: Mapping[str, Any], profile: str | Path) -> str:
    """Keep a record as results/<profile>/provenance/<id>.json and return its id."""
    name = provenance_id(record)
    write_json(Path(profile) / "provenance" / f"{name}.json", record)
    return name


def write_manifest(
    profile: str | Path, current: Mapping[str, Any], networks: Iterable[str | Path] = ()
) -> dict[str, Any]:
    """Gather what results/<profile> was made from and write its manifest.json.

    Holds the current record, those of earlier jobs and runs, the sha256 of every weights file and how its network
    was made, the data sets' fingerprints, and the wall time of each job in seconds (from Snakemake's benchmark files,
    the last run of each job). Names inside are relative to the profile's folder, so no path of the machine is in it.

    Args:
        profile: the folder results/<profile>.
        current: `record` of the run that ends now.
        networks: manifests of its networks, below weights/ (see fewstep.plan.zoo).

    Returns:
        The manifest.
    """
    profile = Path(profile)
    seconds = _job_seconds(profile / "benchmarks")
    manifest = {
        "schema_version": 1,
        "profile": profile.name,
        **current,
        "provenance": provenance_id(current),
        "records": {path.stem: read_json(path) for path in sorted(profile.glob("provenance/*.json"))},
        "weights": {
            path.relative_to(profile / "weights").as_posix(): sha256_file(path)
            for path in sorted(profile.glob("weights/**/*.safetensors"))
        },
        "networks": {
            Path(path).relative_to(profile / "weights").with_suffix("").as_posix(): _making(read_json(path))
            for path in sorted(networks)
        },
        "data": {path.parent.name: read_json(path)["fingerprint"] for path in sorted(profile.glob("data/*/card.json"))},
        "job_seconds": seconds,
        "total_job_seconds": round(sum(seconds.values()), 1),
    }
    write_json(profile / "manifest.json", manifest)
    return manifest


def _making(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """How a network was made, from its manifest (fewstep.plan.zoo): `source` is training or zoo."""
    kept = {key: manifest[key] for key in ("source", "steps", "batch", "seed", "seconds", "device", "recipe_sha256")}
    return {**kept, "commit": manifest["git"]["commit"], "hardware": manifest["hardware"]}


def _job_seconds(folder: Path) -> dict[str, float]:
    jobs = {}
    for path in sorted(folder.glob("**/*.tsv")):
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        if rows:
            jobs[path.relative_to(folder).with_suffix("").as_posix()] = float(rows[-1]["s"])
    return jobs
