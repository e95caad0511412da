"""What the section on speed says of methods whose networks take turns."""

import json

from fewstep.report.sections.speed import stage_notes


def test_the_cost_of_each_stage_is_told_of_cells_that_have_several(run, tmp_path):
    path = tmp_path / "samples" / "mnist" / "edm.json"
    path.parent.mkdir(parents=True)
    cells = [{"variant": "heun", "nfe": 9, "seed": seed, "stage_nfe": {"7x7": 3.0, "28x28": 6.0}} for seed in (0, 1)]
    path.write_text(json.dumps({"cells": [*cells, {"variant": "euler", "nfe": 5, "stage_nfe": {"model": 5.0}}]}))
    elsewhere = type(run)(tmp_path, run.cards, run.config)
    vars(elsewhere)["summaries"] = run.summaries
    assert stage_notes(elsewhere, "mnist") == ["Evaluations by stage. EDM (Heun) at 9 NFE: 7x7 3, 28x28 6."]
    assert stage_notes(run, "mnist") == []
