"""Samples that someone else made: called by their label, with the NFE that is declared, never timed.

Alone, in a run without networks, timings and held-out images, and beside methods.
"""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic
from on_disk import write_manifest, write_part

from fewstep.base.folders import ROOT
from fewstep.plan.cells import GENERATE, IMPORTED, Cell
from fewstep.plan.plan import Plan
from fewstep.plan.presented import figures_of
from fewstep.report import page as page_module
from fewstep.report import strips as samples
from fewstep.report.figures import distance_vs_nfe, distance_vs_throughput, write_figure
from fewstep.report.highlights import answers, headline
from fewstep.report.inputs import run_of
from fewstep.report.sections import methods
from fewstep.report.summary import summarise
from fewstep.report.tables import quality, speed, write_tables
from fewstep.results.tables import write_speed

COUNT = 40
DISTANCES = {"mine": 4.0, "theirs": 7.0, "unknown": 9.0}


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Plan:
    """Three sample sets, one of two seeds and one of unknown NFE, against one folder of real images."""
    folder = tmp_path_factory.mktemp("samples")
    paths = {}
    for i, name in enumerate(("real", "mine", "theirs", "again", "unknown")):
        images = np.random.default_rng(i).integers(0, 256, (COUNT, 8, 8, 1), dtype=np.uint8)
        paths[name] = str(folder / f"{name}.npz")
        np.savez(paths[name], images=images)
    imports = {
        "mine": {"path": paths["mine"], "nfe": 1},
        "theirs": {"path": [paths["theirs"], paths["again"]], "nfe": 4, "trained_on": "SVHN <b>"},
        "unknown": {"path": paths["unknown"]},
    }
    section = {"source": "npz", "path": paths["real"], "imports": imports}
    scores = {"extractor": "rotnet", "reference_split": "all"}
    return Plan({"profile": "others", "datasets": {"toys": section | {"scores": scores}}}, ROOT)


@pytest.fixture(scope="module")
def run(plan, tmp_path_factory):
    """The finished run of the plan, as the rules leave it."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        rows = [
            synthetic.row(GENERATE, cell.method, cell.variant, cell.nfe, metric, value, 0.1, dataset="toys",
                          seed=cell.seed, n_samples=COUNT, labels="none", extractor="rotnet", protocol="rotnet")
            for cell in plan.cells
            for metric, value in (("fd_rotnet", DISTANCES[cell.method]), ("precision", 0.5), ("recall", 0.4))
        ]  # fmt: skip
        plan.results.mkdir(parents=True)
        pd.DataFrame(rows).to_csv(plan.results / "scores.csv", index=False)
        write_speed(pd.DataFrame(), plan.results / "speed.csv")
        manifest = {"networks": {}, "weights": {}, "records": {}, "data": {"toys": {"all": "ab" * 32}}}
        (plan.results / "manifest.json").write_text(json.dumps(manifest))
        plan.real("toys").parent.mkdir(parents=True)
        np.savez(plan.real("toys"), images=np.random.default_rng(9).integers(0, 256, (COUNT, 8, 8, 1), dtype=np.uint8))
        for method in plan.methods("toys"):
            (path,) = plan.samples("toys", GENERATE, method)
            images = np.random.default_rng(len(method)).integers(0, 256, (COUNT, 8, 8, 1), dtype=np.uint8)
            parts = [
                write_part(path.parent, cell, images, weights=None, measured_nfe=None, stage_nfe={})
                for cell in plan.cells_of("toys", GENERATE, method)
            ]
            write_manifest(path.parent, *parts)
        yield run_of(plan)


@pytest.fixture(scope="module")
def html(run, plan):
    """The page, after all that the rules promise was written."""
    write_tables(run, plan.reports / "tables")
    for name in figures_of(plan, "toys"):
        write_figure(name, run, "toys", plan.reports / "figures")
    assert [path for path in (*plan.tables(), *plan.figures()) if not path.is_file()] == []
    page = page_module.write_page(run, plan.reports / "figures", plan.reports / "tables", plan.reports / "index.html")
    return page.read_text(encoding="utf-8")


def cells_by_label(table):
    return {row.label: row.cells for row in table.rows}


def test_samples_are_called_by_their_label_in_tables_and_figures(run, html):
    assert run.summaries["toys"].ranked.label.tolist() == ["mine", "theirs", "unknown"]
    assert [strip.label for strip in samples.strips(run, "toys")] == ["mine", "theirs", "unknown", "Real images"]
    assert IMPORTED not in re.sub(r"<[^>]*>|data:[^\"]*", "", html)


def test_an_unknown_nfe_is_not_available_and_the_declared_ones_are_said_to_be_declared(run):
    for table in (quality.everything(run.summaries["toys"]), quality.main(run.summaries["toys"])):
        assert {label: cells[1] for label, cells in cells_by_label(table).items()} == {
            "mine": "1", "theirs": "4", "unknown": "n/a",
        }  # fmt: skip
        assert "The NFE of mine, theirs is what their makers declare; it was not measured." in table.notes
        assert "The NFE of unknown is not known." in table.notes
        assert "Intervals are those of other samples of the same generator." in table.notes
    heads = [head.label for head in quality.tables(run.summaries["toys"])["fd_rotnet_by_nfe"].heads]
    assert heads == ["Method", "n/a NFE", "1 NFE", "4 NFE"]


def test_what_stands_in_for_a_card_says_who_made_them_and_links_no_folder_of_a_method(run, html):
    ((block,),) = [section.blocks for section in methods.sections(run)]
    cards = {card.name: dict(card.facts) for card in block.items}
    assert cards["theirs"]["NFE"] == "4, declared and not measured" and cards["unknown"]["NFE"] == "unknown"
    assert cards["theirs"]["Trained on"] == "SVHN <b>" and cards["mine"]["Trained on"] == "not said"
    assert all(facts["Made by"].startswith("someone else") for facts in cards.values())
    assert "README.md" not in html and "SVHN &lt;b&gt;" in html and "samples of others" in html
    assert "Someone else made the samples mine, theirs, unknown." in html
    assert "Samples that someone else made belong to no column" in html


def test_a_run_that_trains_and_times_nothing_has_no_such_sections(run, html):
    assert not {"speed-toys", "training-toys"} & set(re.findall(r'<section id="([^"]+)"', html))
    assert "Intervals are those of other samples" in html and "images/s" not in re.sub(r"<p>.*?</p>", "", html)
    assert speed.table(run.summaries["toys"]).rows == ()
    assert len(pd.read_csv("reports/others/tables/speed_toys.csv")) == 0


def test_figures_leave_out_what_they_cannot_place(run):
    summary = run.summaries["toys"]
    (ax,) = distance_vs_nfe.draw(summary, run.style).axes
    assert {float(x) for line in ax.get_lines() for x in line.get_xdata()} == {1, 4}
    assert distance_vs_throughput.draw(summary, run.style).texts
    unknown = replace(summary, frame=summary.frame[summary.frame.nfe == 0])
    assert not distance_vs_nfe.draw(unknown, run.style).axes


def test_answers_name_them(run):
    found = {answer.question: (answer.label, answer.nfe) for answer in answers(run.summaries["toys"], run.style)}
    assert found == {"Best at 1 NFE": ("mine", "1"), "Best at any NFE": ("mine", "1")}
    frame = run.summaries["toys"].frame
    unknown = replace(run.summaries["toys"], frame=frame[frame.nfe == 0])
    assert headline(unknown, run.style).startswith("unknown comes closest to the real images, with FD (rotnet) 9")


def test_beside_methods_they_have_no_speed_and_the_methods_keep_theirs():
    rows = synthetic.results()
    theirs = rows[(rows.method == "ect") & (rows.nfe == 4)].assign(method="mine", variant=IMPORTED)
    cards = synthetic.cards() | {"mine": {"variants": {IMPORTED: {"label": "mine"}}}}
    summary = summarise(pd.concat([rows, theirs]), synthetic.speed(), cards)["mnist"]
    table = quality.main(summary)
    place = [head.key for head in table.heads].index("images_per_second")
    texts = {row.label: row.cells[place].text for row in table.rows}
    assert texts["mine"] == "–" and texts["ECT"] not in ("–", "n/a")
    assert "The NFE of mine is what its maker declares; it was not measured." in table.notes
    assert any(note.startswith("Every network was trained once") for note in table.notes)
    assert "mine" not in cells_by_label(speed.table(summary)) and "ECT" in cells_by_label(speed.table(summary))


def test_the_first_seed_is_shown_whatever_the_seeds_of_the_profile_are(run):
    assert run.shards("toys", "theirs", IMPORTED, 4).cell == Cell("toys", GENERATE, "theirs", IMPORTED, 4, 0, 0)
