# Scores: features of every shard, kept outside of the declared output, then all metrics from them, so that a change of a metric
# runs no network. Every score of the run becomes a row of scores.csv.


rule score:
    input:
        unpack(plan.inputs("score")),
    output:
        scores=RESULTS / "scores" / "{dataset}" / "{task}" / "{method}.csv",
    log:
        LOGS / "score" / "{dataset}.{task}.{method}.log",
    benchmark:
        BENCHMARKS / "score" / "{dataset}.{task}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("score"),
    message:
        "Score {wildcards.method} on {wildcards.dataset} ({wildcards.task})"
    script:
        "../scripts/score.py"


# Real images that no method saw, scored like samples: the floor of every distance.
rule score_real:
    input:
        unpack(plan.inputs("score_real")),
    output:
        scores=RESULTS / "scores" / "{dataset}" / "{task}" / f"{DATA}.csv",
    log:
        LOGS / "score_real" / "{dataset}.{task}.log",
    benchmark:
        BENCHMARKS / "score_real" / "{dataset}.{task}.tsv"
    wildcard_constraints:
        task=plan.pattern([GENERATE, ENLARGE]),
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("score_real"),
    message:
        "Score held-out images of {wildcards.dataset}"
    script:
        "../scripts/score_real.py"


# What methods are given to edit, scored as it is: the least that an edit must beat.
rule edit_inputs:
    input:
        unpack(plan.inputs("edit_inputs")),
    output:
        scores=RESULTS / "scores" / "{dataset}" / EDIT / f"{DATA}.csv",
        images=RESULTS / "reference" / "{dataset}" / "edit_inputs.npz",
    log:
        LOGS / "edit_inputs" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "edit_inputs" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("edit_inputs"),
    message:
        "Degrade held-out images of {wildcards.dataset}"
    script:
        "../scripts/edit_inputs.py"


# Scores that methods give themselves on held-out images, by their hook.
rule evaluate:
    input:
        unpack(plan.inputs("evaluate")),
    output:
        scores=RESULTS / "scores" / "{dataset}" / "evaluate" / "{method}.csv",
    log:
        LOGS / "evaluate" / "{dataset}.{method}.log",
    benchmark:
        BENCHMARKS / "evaluate" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("evaluate"),
    message:
        "Evaluate {wildcards.method} on held-out images of {wildcards.dataset}"
    script:
        "../scripts/evaluate.py"


rule collect_scores:
    input:
        unpack(plan.inputs("collect_scores")),
    output:
        table=RESULTS / "scores.csv",
    log:
        LOGS / "collect_scores.log",
    benchmark:
        BENCHMARKS / "collect_scores.tsv"
    conda:
        "../../environment.yml"
    params:
        of=plan.params("collect_scores"),
    message:
        "Collect the scores"
    script:
        "../scripts/collect.py"
