# What is told of editing: one table of all scores and speeds, and a grid of images for each task.
EDIT_FIGURES = [
    REPORTS / "figures" / f"edits_{task}_{dataset}{extension}"
    for dataset in DATASETS
    for task in edit_tasks(dataset)
    for extension in (".pdf", ".svg", ".png")
]
EDIT_TABLES = [
    REPORTS / "tables" / f"edits_{task}_{dataset}{extension}"
    for dataset in DATASETS
    for task in edit_tasks(dataset)
    for extension in (".csv", ".md", ".tex")
]


rule collect_edits:
    input:
        tables=[
            RESULTS / "edits" / dataset / path
            for dataset, method in editors()
            for path in (f"{method}.csv", f"{method}.speed.csv")
        ]
        + [RESULTS / "edits" / dataset / "inputs" / "scores.csv" for dataset in DATASETS if edit_tasks(dataset)],
    output:
        edits=RESULTS / "edits.csv",
    log:
        RESULTS / "logs" / "collect_edits.log",
    benchmark:
        RESULTS / "benchmarks" / "collect_edits.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code("collect_edits"),
    message:
        "Collect the scores of edited images"
    script:
        "../scripts/collect_edits.py"


rule draw_edits:
    input:
        results=RESULTS / "results.csv",
        speed=RESULTS / "speed.csv",
        edits=RESULTS / "edits.csv",
        images=RESULTS / "edits" / "{dataset}" / "inputs" / "images.npz",
        manifests=lambda w: [RESULTS / "edits" / d / f"{m}.json" for d, m in editors() if d == w.dataset],
    output:
        multiext(str(REPORTS / "figures" / "edits_{task}_{dataset}"), ".pdf", ".svg", ".png"),
    log:
        RESULTS / "logs" / "draw_edits" / "{task}_{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "draw_edits" / "{task}_{dataset}.tsv"
    wildcard_constraints:
        task="|".join(editing.TASKS),
    conda:
        "../../environment.yml"
    params:
        code=code("draw_edits"),
        presented=lambda w: PRESENTED,
    message:
        "Draw the edits of {wildcards.dataset}, {wildcards.task}"
    script:
        "../scripts/draw_edits.py"
