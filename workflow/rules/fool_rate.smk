# Machine fool rate: observers learn to tell samples from held-out images, and are asked about others. For the data sets and cells
# that a profile names under `fool_rate`; the samples are those that are scored anyway.


rule observe:
    input:
        samples=RESULTS / "samples" / "{dataset}" / "{method}.json",
        test=RESULTS / "data" / "{dataset}" / "test.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
    output:
        scores=RESULTS / "observers" / "{dataset}" / "{method}.npz",
    log:
        RESULTS / "logs" / "observe" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "observe" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        cells=lambda w: asked("fool_rate", w.dataset, w.method),
        images=lambda w: DATASETS[w.dataset]["samples"]["count"],
        seeds=lambda w: DATASETS[w.dataset]["samples"]["seeds"],
        rules=observers_of,
        device=PROFILE["device"],
        code=code("observe"),
    message:
        "Train observers of {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/observe.py"


rule observe_all:
    input:
        samples=lambda w: [RESULTS / "samples" / w.dataset / f"{m}.json" for m in asking("fool_rate", w.dataset)],
        test=RESULTS / "data" / "{dataset}" / "test.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
    output:
        scores=RESULTS / "observers" / "{dataset}.all.npz",
    log:
        RESULTS / "logs" / "observe_all" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "observe_all" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        cells=lambda w: {m: asked("fool_rate", w.dataset, m) for m in asking("fool_rate", w.dataset)},
        images=lambda w: DATASETS[w.dataset]["samples"]["count"],
        seeds=lambda w: DATASETS[w.dataset]["samples"]["seeds"],
        rules=observers_of,
        device=PROFILE["device"],
        code=code("observe_all"),
    message:
        "Train observers of all methods on {wildcards.dataset}"
    script:
        "../scripts/observe_all.py"


rule observe_controls:
    input:
        test=RESULTS / "data" / "{dataset}" / "test.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
    output:
        scores=RESULTS / "observers" / "{dataset}.data.npz",
    log:
        RESULTS / "logs" / "observe_controls" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "observe_controls" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        untrained=cheapest,
        labels=drawn_by,
        images=lambda w: DATASETS[w.dataset]["samples"]["count"],
        batch=lambda w: DATASETS[w.dataset]["samples"]["batch_size"],
        seeds=lambda w: DATASETS[w.dataset]["samples"]["seeds"],
        rules=observers_of,
        device=PROFILE["device"],
        code=lambda w: code("observe_controls", sampling_functions(cheapest(w)["method"])),
    message:
        "Train observers of real images of {wildcards.dataset}"
    script:
        "../scripts/observe_controls.py"
