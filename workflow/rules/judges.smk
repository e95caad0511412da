# Scores by networks that are trained to give them, for the data sets and cells that a profile names: the classification accuracy
# score (`accuracy_score`), by classifiers of samples, and the machine fool rate (`fool_rate`), by observers that learn to tell
# samples from held-out images. A change of a statistic trains no network again.


rule classify:
    input:
        unpack(plan.inputs("classify")),
    output:
        predictions=RESULTS / "judges" / "{dataset}" / "classifiers" / "{method}.npz",
    log:
        LOGS / "classify" / "{dataset}.{method}.log",
    benchmark:
        BENCHMARKS / "classify" / "{dataset}.{method}.tsv"
    wildcard_constraints:
        method=plan.pattern([*plan.cards, DATA]),
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("classify"),
    message:
        "Train classifiers on images of {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/classify.py"


rule accuracy_score:
    input:
        unpack(plan.inputs("accuracy_score")),
    output:
        scores=RESULTS / "judges" / "{dataset}" / "accuracy_score.csv",
    log:
        LOGS / "accuracy_score" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "accuracy_score" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("accuracy_score"),
    message:
        "Accuracy scores of {wildcards.dataset}"
    script:
        "../scripts/accuracy_score.py"


rule observe:
    input:
        unpack(plan.inputs("observe")),
    output:
        answers=RESULTS / "judges" / "{dataset}" / "observers" / "{method}.npz",
    log:
        LOGS / "observe" / "{dataset}.{method}.log",
    benchmark:
        BENCHMARKS / "observe" / "{dataset}.{method}.tsv"
    wildcard_constraints:
        method=plan.pattern([*plan.cards, DATA, ALL]),
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("observe"),
    message:
        "Train observers of {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/observe.py"


rule fool_rate:
    input:
        unpack(plan.inputs("fool_rate")),
    output:
        scores=RESULTS / "judges" / "{dataset}" / "fool_rate.csv",
    log:
        LOGS / "fool_rate" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "fool_rate" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        of=plan.params("fool_rate"),
    message:
        "Machine fool rates of {wildcards.dataset}"
    script:
        "../scripts/fool_rate.py"
