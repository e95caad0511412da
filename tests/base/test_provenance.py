import getpass
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from fewstep.base import provenance
from fewstep.base.files import sha256_file, write_json

ROOT = Path(__file__).resolve().parents[2]


def run_git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.lock").write_text("numpy==2\n")
    run_git(root, "init")
    run_git(root, "add", ".")
    run_git(root, "commit", "-m", "start")
    return root


def test_git_state_of_a_clean_and_a_changed_tree(repository):
    clean = provenance.git_state(repository)
    assert len(clean["commit"]) == 40 and clean["dirty"] is False
    (repository / "requirements.lock").write_text("numpy==3\n")
    assert provenance.git_state(repository) == clean | {"dirty": True}


def test_an_untracked_file_makes_the_tree_dirty_and_an_ignored_one_does_not(repository):
    (repository / ".git/info/exclude").write_text("results/\n")
    (repository / "results").mkdir()
    (repository / "results/a.csv").touch()
    assert provenance.git_state(repository)["dirty"] is False
    (repository / "method.py").touch()
    assert provenance.git_state(repository)["dirty"] is True


def test_without_a_repository_the_commit_is_unknown(tmp_path, repository):
    assert provenance.git_state(tmp_path) == {"commit": "unknown", "dirty": None}
    (repository / "inner").mkdir()  # an unpacked copy inside someone else's repository
    assert provenance.git_state(repository / "inner") == {"commit": "unknown", "dirty": None}


def test_without_git_the_commit_is_unknown(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert provenance.git_state(repository) == {"commit": "unknown", "dirty": None}


def test_hardware_is_stable_and_its_id_follows_every_part(monkeypatch):
    first = provenance.hardware()
    assert provenance.hardware() == first
    assert first["cores"] >= 1 and first["memory_gib"] >= 1 and first["gpu"] is None
    monkeypatch.setattr(provenance, "_cpu_model", lambda: "Another CPU")
    assert provenance.hardware()["id"] != first["id"]


def test_gpu_is_asked_for_only_on_request(monkeypatch):
    monkeypatch.setattr(provenance, "_gpu_model", lambda: "Some GPU")
    assert provenance.hardware()["gpu"] is None
    assert provenance.hardware(gpu=True)["gpu"] == "Some GPU"
    assert provenance.hardware(gpu=True)["id"] != provenance.hardware()["id"]


def test_cpu_model_of_linux_and_of_others(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Fast CPU: 3 GHz\nmodel name\t: other\n")
    assert provenance._cpu_model(tmp_path / "cpuinfo") == "Fast CPU: 3 GHz"
    (tmp_path / "empty").touch()
    assert provenance._cpu_model(tmp_path / "empty") == "unknown"
    assert provenance._cpu_model(tmp_path / "gone")


def test_versions_are_those_installed(monkeypatch):
    import numpy

    assert provenance.versions()["numpy"] == numpy.__version__
    assert provenance.versions()["python"] == platform.python_version()
    monkeypatch.setattr(provenance, "PACKAGES", ("no-such-package-at-all",))
    assert provenance.versions()["no-such-package-at-all"] == "unknown"


def test_a_record_imports_nothing_heavy():
    code = (
        "import sys; from fewstep.base.provenance import record; record('.', {}); "
        "print([m for m in ('torch', 'pandas', 'scipy', 'snakemake') if m in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment, check=True
    )
    assert done.stdout.strip() == "[]"


def test_id_follows_configuration_lock_and_code_and_nothing_else(repository):
    def now(config):
        return provenance.provenance_id(provenance.record(repository, config))

    first = now({"a": 1, "b": [2]})
    assert now({"b": [2], "a": 1}) == first
    seen = {first, now({"a": 1, "b": [3]})}
    (repository / "requirements.lock").write_text("numpy==3\n")
    run_git(repository, "commit", "-am", "next")
    seen.add(now({"a": 1, "b": [2]}))
    (repository / "requirements.lock").unlink()
    assert provenance.record(repository, {})["lock_sha256"] == "unknown"
    assert len(seen) == 3


@pytest.fixture
def profile(tmp_path):
    """results/small as a run leaves it."""
    folder = tmp_path / "results" / "small"
    card = {"name": "toys", "fingerprint": {"train": "aa", "test": "bb"}}
    write_json(folder / "data/toys/card.json", card)
    for name in ("edm/default", "ct/paper"):
        path = folder / f"weights/toys/{name}.safetensors"
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
    (folder / "benchmarks/toys").mkdir(parents=True)
    head = "s\th:m:s\tmax_rss\n"
    (folder / "benchmarks/data.tsv").write_text(head + "1.5\t0:00:01\t100.0\n")
    (folder / "benchmarks/toys/train.edm.tsv").write_text(head + "9\t0:00:09\t1.0\n20.25\t0:00:20\t100.0\n")
    (folder / "benchmarks/toys/empty.tsv").write_text(head)
    return folder


def test_manifest(profile, repository):
    current = provenance.record(repository, {"profile": "small"})
    name = provenance.save(current, profile)
    made = profile / "weights/toys/ct/paper.json"
    facts = {"source": "zoo", "steps": 5, "batch": 8, "seed": 0, "seconds": 1.5, "device": "cpu", "recipe_sha256": "r"}
    write_json(made, {**facts, "git": {"commit": "abc", "dirty": False}, "hardware": {"cpu": "C"}, "code": "x"})
    manifest = provenance.write_manifest(profile, current, [made])
    assert json.loads((profile / "manifest.json").read_text(encoding="utf-8")) == manifest
    assert manifest["networks"] == {"toys/ct/paper": {**facts, "commit": "abc", "hardware": {"cpu": "C"}}}
    assert manifest["provenance"] == name and manifest["records"] == {name: current}
    assert manifest["git"] == current["git"] and manifest["lock_sha256"] == current["lock_sha256"]
    weights = profile / "weights/toys"
    assert manifest["weights"] == {
        "toys/ct/paper.safetensors": sha256_file(weights / "ct/paper.safetensors"),
        "toys/edm/default.safetensors": sha256_file(weights / "edm/default.safetensors"),
    }
    assert manifest["data"] == {"toys": {"train": "aa", "test": "bb"}}
    assert manifest["job_seconds"] == {"data": 1.5, "toys/train.edm": 20.25}
    assert manifest["total_job_seconds"] == 21.8


def test_records_of_earlier_runs_are_kept(profile, repository):
    ids = {provenance.save(provenance.record(repository, {"nfe": nfe}), profile) for nfe in (1, 2)}
    manifest = provenance.write_manifest(profile, provenance.record(repository, {"nfe": 2}))
    assert set(manifest["records"]) == ids and len(ids) == 2


def test_manifest_holds_no_path_of_the_machine_and_no_name_of_host_or_user(profile, repository):
    current = provenance.record(repository, {"datasets": {"toys": {"path": str(profile)}}})
    provenance.save(current, profile)
    provenance.write_manifest(profile, current)
    words = json.loads((profile / "manifest.json").read_text(encoding="utf-8"))
    values = [text for text in _strings(words)]
    assert values
    for text in values:
        assert not text.startswith("/") and str(profile.parent.parent) not in text and str(Path.home()) not in text
        assert text not in (platform.node(), getpass.getuser())


def _strings(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def test_manifest_of_a_run_that_left_nothing(tmp_path, repository):
    manifest = provenance.write_manifest(tmp_path / "empty", provenance.record(repository, {}))
    assert manifest["weights"] == manifest["data"] == manifest["job_seconds"] == manifest["records"] == {}
