# Scores: one feature pass for each sample set, then all metrics from the features. Features and reference are files of the DAG,
# so that a change of a metric reruns no network.


rule extract_features:
    input:
        samples=RESULTS / "samples" / "{dataset}" / "{method}.json",
    output:
        manifest=RESULTS / "features" / "{dataset}" / "{method}.json",
    log:
        RESULTS / "logs" / "extract_features" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "extract_features" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        extractor=lambda w: extractor_of(w.dataset),
        weights=extractor_stamp,
        device=PROFILE["device"],
        code=code("extract_features"),
    message:
        "Extract the features of {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/extract_features.py"


rule score:
    input:
        features=RESULTS / "features" / "{dataset}" / "{method}.json",
        reference=RESULTS / "reference" / "{dataset}.npz",
        samples=lambda w: RESULTS / "samples" / w.dataset / f"{w.method}.json" if low_resolution(w) else [],
        held_out=images_to_enlarge,
    output:
        scores=RESULTS / "scores" / "{dataset}" / "{method}.csv",
    log:
        RESULTS / "logs" / "score" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "score" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    params:
        low_resolution=low_resolution,
        lpips=lambda w: DATASETS[w.dataset]["scores"]["lpips_weights"],
        lpips_stamp=lpips_stamp,
        device=PROFILE["device"],
        results=lambda w: str(RESULTS),
        code=code("score"),
    message:
        "Score {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/score.py"


rule score_held_out:
    input:
        features=RESULTS / "features" / "{dataset}" / "held_out.npz",
        reference=RESULTS / "reference" / "{dataset}.npz",
        images=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        scores=RESULTS / "scores" / "{dataset}" / "data.csv",
    log:
        RESULTS / "logs" / "score_held_out" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "score_held_out" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    params:
        low_resolution=low_resolution,
        lpips=lambda w: DATASETS[w.dataset]["scores"]["lpips_weights"],
        samples=lambda w: DATASETS[w.dataset]["samples"]["count"],
        # Samples of a super-resolution data set belong to the held-out images.
        labels=lambda w: "fixed" if low_resolution(w) else DATASETS[w.dataset]["samples"]["labels"],
        lpips_stamp=lpips_stamp,
        device=PROFILE["device"],
        results=lambda w: str(RESULTS),
        code=code("score_held_out"),
    # Real images that no method saw, scored like samples: the floor of every distance.
    message:
        "Score held-out images of {wildcards.dataset}"
    script:
        "../scripts/score_held_out.py"


rule collect_results:
    input:
        scores=per_method("scores/{dataset}/{method}.csv")
        + [RESULTS / "scores" / dataset / "data.csv" for dataset in DATASETS],
    output:
        results=RESULTS / "results.csv",
    log:
        RESULTS / "logs" / "collect_results.log",
    benchmark:
        RESULTS / "benchmarks" / "collect_results.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code("collect_results"),
    message:
        "Collect the scores"
    script:
        "../scripts/collect_results.py"
