# Editing: one job for each method makes the edited images of all of its tasks from held-out images, another one scores them.
# Shards lie outside of the declared output, as those of samples do.


include: "editors.smk"
include: "edit_reports.smk"


rule edit:
    input:
        weights=edit_weights,
        card=RESULTS / "data" / "{dataset}" / "card.json",
        held_out=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        manifest=RESULTS / "edits" / "{dataset}" / "{method}.json",
    log:
        RESULTS / "logs" / "edit" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "edit" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        cells=lambda w: edits_of(w.dataset, w.method),
        recipes=lambda w: edit_recipes(w.dataset, w.method),
        edits=lambda w: {key: DATASETS[w.dataset]["edits"][key] for key in ("count", "seeds")},
        samples=lambda w: {key: DATASETS[w.dataset]["samples"][key] for key in ("shard_size", "batch_size")},
        device=PROFILE["device"],
        code=lambda w: code("edit", {w.method: ["build", "edit"]}),
    message:
        "Edit images of {wildcards.dataset} with {wildcards.method}"
    script:
        "../scripts/edit.py"


rule score_edits:
    input:
        manifest=RESULTS / "edits" / "{dataset}" / "{method}.json",
        held_out=RESULTS / "data" / "{dataset}" / "test.npz",
        reference=RESULTS / "edits" / "{dataset}" / "inputs" / "reference.npz",
    output:
        scores=RESULTS / "edits" / "{dataset}" / "{method}.csv",
    log:
        RESULTS / "logs" / "score_edits" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "score_edits" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        extractor=lambda w: extractor_of(w.dataset),
        weights=extractor_stamp,
        device=PROFILE["device"],
        results=lambda w: str(RESULTS),
        code=code("score_edits"),
    message:
        "Score the edits of {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/score_edits.py"


rule edit_inputs:
    input:
        card=RESULTS / "data" / "{dataset}" / "card.json",
        held_out=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        scores=RESULTS / "edits" / "{dataset}" / "inputs" / "scores.csv",
        images=RESULTS / "edits" / "{dataset}" / "inputs" / "images.npz",
        reference=RESULTS / "edits" / "{dataset}" / "inputs" / "reference.npz",
    log:
        RESULTS / "logs" / "edit_inputs" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "edit_inputs" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        tasks=lambda w: edit_tasks(w.dataset),
        edits=lambda w: {key: DATASETS[w.dataset]["edits"][key] for key in ("count", "seeds")},
        extractor=lambda w: extractor_of(w.dataset),
        weights=extractor_stamp,
        device=PROFILE["device"],
        results=lambda w: str(RESULTS),
        code=code("edit_inputs"),
    # What methods are given, scored as it is: the least that an edit must beat. And what all are compared with.
    message:
        "Degrade held-out images of {wildcards.dataset}"
    script:
        "../scripts/edit_inputs.py"
