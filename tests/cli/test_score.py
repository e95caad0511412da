"""`fewstep score`: the profile that it writes and runs, and the one sentence that ends it before it starts."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from sample_sets import encoded, images_of, write_folder, write_zip

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.base.strict_yaml import read_yaml
from fewstep.cli import main as cli
from fewstep.cli import score_profile
from fewstep.plan.cards import discover
from fewstep.plan.profile import load


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder of the project without results, in which nothing is run; the user stands in another folder.

    `project.commands` is what would have been run; it succeeds, and writes a table, unless `project.status` is set.
    """
    root, here = tmp_path / "project", tmp_path / "here"
    (root / "config").mkdir(parents=True)
    (root / "config" / "ci.yaml").touch()
    (root / "workflow").symlink_to(ROOT / "workflow")
    here.mkdir()
    found = SimpleNamespace(root=root, here=here, commands=[], status=0)

    def run(command, cwd, check):
        found.commands.append(command)
        assert cwd == root and not check
        profile = read_yaml(root / command[-1])
        tables = root / "reports" / profile["profile"] / "tables"
        tables.mkdir(parents=True, exist_ok=True)
        for dataset in profile["datasets"]:
            (tables / f"quality_{dataset}.md").write_text("| the table |\n", encoding="utf-8")
        return SimpleNamespace(returncode=found.status)

    monkeypatch.setattr(score_profile, "ROOT", root)
    monkeypatch.setattr(cli, "ROOT", root)
    monkeypatch.setattr(cli, "subprocess", SimpleNamespace(run=run))
    monkeypatch.chdir(here)
    for name in ("real", "a", "b"):
        write_folder(here / name, {f"{i}.png": encoded(image) for i, image in enumerate(images_of(12, channels=1))})
    return found


def score(*words, extractor="rotnet"):
    return cli.main(["score", *words, *(["--extractor", extractor] if extractor else [])])


def written(project, name="real"):
    return read_yaml(project.root / "results" / name / "profile.yaml")


def test_the_profile_that_is_written_run_and_reported(project, capsys):
    assert score("a", "theirs=b", "--reference", "real", "--nfe", "theirs=4", "--cores", "2") == 0
    here = str(project.here)
    assert written(project) == {
        "profile": "real",
        "datasets": {
            "real": {
                "source": "folder",
                "path": f"{here}/real",
                "scores": {"extractor": "rotnet", "reference_split": "all"},
                "imports": {"a": {"path": f"{here}/a", "nfe": None}, "theirs": {"path": f"{here}/b", "nfe": 4}},
            }
        },
    }
    load(written(project), discover())
    profile = "results/real/profile.yaml"
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", profile]
    assert project.commands == [snakemake]
    report = project.root / "reports" / "real" / "index.html"
    assert capsys.readouterr().out == f"The profile: {profile}\n| the table |\n\nThe report: {report}\n"


def test_a_label_that_is_given_twice_has_two_seeds(project):
    assert score("ours=a", "ours=b", "--reference", "real") == 0
    assert written(project)["datasets"]["real"]["imports"]["ours"]["path"] == [
        f"{project.here}/{name}" for name in "ab"
    ]


def test_paths_inside_the_project_are_relative_and_names_that_yaml_would_take_for_numbers_are_kept(project):
    for name in ("1e-4", "0100", "yes"):
        write_folder(project.root / "samples" / name, {"a.png": encoded(images_of(1, channels=1)[0])} | {
            f"{i}.png": encoded(image) for i, image in enumerate(images_of(9, channels=1))})  # fmt: skip
    samples = [str(project.root / "samples" / name) for name in ("1e-4", "0100", "yes")]
    assert score(*samples, "--reference", "real", "--name", "x.1") == 0
    imports = written(project, "x.1")["datasets"]["real"]["imports"]
    assert {label: each["path"] for label, each in imports.items()} == {
        name: f"samples/{name}" for name in ("1e-4", "0100", "yes")
    }


def test_zip_and_npz_files(project):
    images = images_of(10, channels=1)
    write_zip(project.here / "real.zip", {f"{i}.png": encoded(image) for i, image in enumerate(images)})
    np.savez(project.here / "My Samples (1).npz", arr_0=images)
    assert score("My Samples (1).npz", "--reference", "real.zip") == 0
    section = written(project)["datasets"]["real"]
    assert section["source"] == "zip" and list(section["imports"]) == ["my-samples-1"]


@pytest.mark.parametrize(("side", "weights"), [(28, "mnist"), (8, "digits")])
def test_lenet_takes_the_weights_of_images_of_that_size(project, side, weights):
    for name in ("real", "a"):
        np.savez(project.here / f"{name}.npz", arr_0=images_of(12, side=side, channels=1))
    assert score("a.npz", "--reference", "real.npz", extractor="lenet") == 0
    file = written(project)["datasets"]["real"]["scores"]["extractor_weights"]
    assert file == f"workflow/fewstep/scoring/extractors/weights/lenet-{weights}.safetensors"


@pytest.mark.parametrize(("extractor", "resize"), [(None, "tf1-bilinear"), ("inception_clean", "clean-bicubic")])
def test_inception_is_the_default(project, monkeypatch, extractor, resize):
    monkeypatch.setattr("fewstep.scoring.extractors.download.download", lambda *_: None)
    assert score("a", "--reference", "real", extractor=extractor) == 0
    scores = written(project)["datasets"]["real"]["scores"]
    assert (scores["extractor"], scores["resize"]) == ("inception", resize)


def test_without_inceptions_weights_it_says_what_to_do(project, monkeypatch, capsys):
    def fail(*_):
        raise FewstepError("x.pth: the weights could not be had (no network).")

    monkeypatch.setattr("fewstep.scoring.extractors.download.download", fail)
    monkeypatch.setattr("fewstep.scoring.extractors.inception.cache", lambda: "/the/cache")
    assert score("a", "--reference", "real", extractor=None) == 1
    error = capsys.readouterr().err
    assert "Put weights-inception-2015-12-05-6726825d.pth into /the/cache, or take --extractor rotnet (" in error
    assert "--extractor lenet (grey digits" in error and not project.commands


WRONG = {  # " -- " stands for `--extractor rotnet --reference`
    "nothing": ("", "the following arguments are required: [LABEL=]PATH, --reference; fewstep score --help shows"),
    "no reference": ("a", "the following arguments are required: --reference; "),
    "unknown extractor": ("a -- real --extractor vgg", "argument --extractor: invalid choice: 'vgg'"),
    "no such samples": ("gone -- real", "gone: there is no such file or folder."),
    "no such reference": ("a -- gone", "gone: there is no such file or folder."),
    "a text file": ("notes.txt -- real", "notes.txt: images are read from a folder, a .zip file or"),
    "no images": ("empty -- real", "empty: there are no images here"),
    "another size": ("large -- real", "large: height x width x channels is 7 x 7 x 1, but 6 x 6 x 1 in "),
    "colour": ("colour -- real", "colour: height x width x channels is 6 x 6 x 3, but 6 x 6 x 1 in "),
    "few samples": ("few -- real", "few: 9 samples are too few; 10 are the least."),
    "few real images": ("a -- few", "few: 9 real images are too few; 10 are the least."),
    "not square": ("wide.npz -- wide.npz", "wide.npz: the images are 6 x 8 pixels; they must be square."),
    "given twice": ("a a -- real", "a: this is given twice."),
    "one name": ("a sub/a -- real", "sub/a: 2 sample sets would be called a; write LABEL=PATH."),
    "a taken name": ("a=b a -- real", "a: 2 sample sets would be called a; write LABEL=PATH."),
    "no label": ("=a -- real", "=a: this name makes no label; write LABEL=PATH."),
    "a label in capitals": ("Mine=a -- real", "datasets.real.imports.Mine: Mine is no name; use lower-case"),
    "the label of a method": ("edm=a -- real", "datasets.real.imports.edm: this is the name of a method"),
    "NFE of no label": ("a -- real --nfe b=1", "--nfe b=1: write LABEL=NFE with one of the labels a."),
    "no NFE": ("a -- real --nfe a=", "--nfe a=: nothing is no number of network evaluations."),
    "NFE 0": ("a -- real --nfe a=0", "--nfe a=0: 0 is no number of network evaluations."),
    "two NFE": ("a -- real --nfe a=1 --nfe a=2", "--nfe a=2: this label has an NFE already."),
    "no name": ("a -- real --name My_Run", "profile: My_Run is no name; use lower-case letters"),
    "a path as name": ("a -- real --name ../x", "profile: ../x is no name; use lower-case letters"),
    "the project's name": ("a -- real --name baselines", "profile: baselines is taken: "),
    "a profile's name": ("a -- real --name ci", "--name: config/ci.yaml is a profile of this name"),
    "no cores": ("a -- real --cores 0", "--cores: 0 is neither a number of cores nor all."),
    "lenet of 6 pixels": ("a -- real --extractor lenet", "real: lenet knows images of 8 x 8 x 1 or "),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_said_in_one_sentence_before_anything_starts(project, capsys, kind):
    words, sentence = WRONG[kind]
    (project.here / "notes.txt").touch()
    (project.here / "empty").mkdir()
    for name, images in {
        "large": images_of(12, side=7, channels=1),
        "colour": images_of(12),
        "few": images_of(9, channels=1),
        "sub/a": images_of(12, channels=1),
    }.items():
        write_folder(project.here / name, {f"{i}.png": encoded(image) for i, image in enumerate(images)})
    np.savez(project.here / "wide.npz", arr_0=np.zeros((12, 6, 8, 1), np.uint8))
    given = words.replace(" -- ", " --extractor rotnet --reference ").split()
    assert cli.main(["score", *given]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"fewstep: {sentence}") and error.count("\n") == 1
    assert not project.commands and not (project.root / "results").exists()


def test_labels_that_are_no_classes_are_refused_before_anything_starts(project, capsys):
    np.savez(project.here / "labelled.npz", arr_0=images_of(12, channels=1), arr_1=np.arange(12) % 3)
    np.savez(project.here / "odd.npz", arr_0=images_of(12, channels=1), arr_1=np.full(12, 7))
    assert score("odd.npz", "--reference", "labelled.npz") == 1
    assert "odd.npz: arr_1 holds 7, which is no class of the real images (0, 1, 2)." in capsys.readouterr().err
    assert score("odd.npz", "--reference", "real") == 0


def test_folders_of_train_and_test_images_are_no_classes(project):
    for part in ("train", "test"):
        images = images_of(10, channels=1)
        write_folder(project.here / "split" / part, {f"{i}.png": encoded(image) for i, image in enumerate(images)})
    np.savez(project.here / "a.npz", arr_0=images_of(12, channels=1), arr_1=np.full(12, 7))
    assert score("a.npz", "--reference", "split") == 0


def test_another_profile_of_this_name_is_replaced_with_a_word_and_an_equal_one_without(project, capsys):
    for samples, told in ((["a"], False), (["a"], False), (["a", "b"], True)):
        assert score(*samples, "--reference", "real") == 0
        assert ("results/real/profile.yaml is replaced: other samples" in capsys.readouterr().out) == told


@pytest.mark.parametrize("file", ["profile.yaml", "results.csv"])
def test_results_of_other_profiles_are_left_alone(project, capsys, file):
    path = project.root / "results" / "real" / file
    path.parent.mkdir(parents=True)
    path.write_text("theirs", encoding="utf-8")
    assert score("a", "--reference", "real") == 1
    assert capsys.readouterr().err.startswith("fewstep: --name: results/real")
    assert path.read_text(encoding="utf-8") == "theirs" and not project.commands
    assert score("a", "--reference", "real", "--name", "mine") == 0


def test_a_run_that_fails_hands_its_status_on(project, capsys):
    project.status = 3
    assert score("a", "--reference", "real") == 3
    found = capsys.readouterr()
    assert (
        found.err == "fewstep: the run failed; its logs are in results/real/logs.\n"
        and "| the table |" not in found.out
    )


def test_the_launcher_runs_from_any_folder(tmp_path):
    command = [str(ROOT / "bin" / "fewstep"), "score", "gone", "--reference", "gone"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (1, "fewstep: gone: there is no such file or folder.\n")
