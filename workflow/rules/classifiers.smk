# Scores from what classifiers and observers said, as one table. A change of a statistic trains no network again.


rule accuracy_score:
    input:
        predictions=lambda w: per_accuracy(w.dataset, "classifiers/{dataset}/{method}.npz", "data"),
        samples=lambda w: per_accuracy(w.dataset, "labelled/{dataset}/{method}.json"),
        train=RESULTS / "data" / "{dataset}" / "train.npz",
        test=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        scores=RESULTS / "classifiers" / "{dataset}.accuracy_score.csv",
    log:
        RESULTS / "logs" / "accuracy_score" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "accuracy_score" / "{dataset}.tsv"
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
        code=code("accuracy_score"),
    message:
        "Accuracy scores of {wildcards.dataset}"
    script:
        "../scripts/accuracy_score.py"


rule fool_rate:
    input:
        scores=lambda w: [
            *(RESULTS / "observers" / w.dataset / f"{m}.npz" for m in asking("fool_rate", w.dataset)),
            *(RESULTS / "observers" / f"{w.dataset}.{part}.npz" for part in ("all", "data")),
        ],
    output:
        rates=RESULTS / "classifiers" / "{dataset}.fool_rate.csv",
    log:
        RESULTS / "logs" / "fool_rate" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "fool_rate" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        results=lambda w: str(RESULTS),
        code=code("fool_rate"),
    message:
        "Machine fool rates of {wildcards.dataset}"
    script:
        "../scripts/fool_rate.py"


rule collect_classifiers:
    input:
        scores=[
            RESULTS / "classifiers" / f"{dataset}.{score}.csv"
            for dataset in DATASETS
            for score in profiles.CLASSIFIED
            if score in DATASETS[dataset]
        ],
    output:
        classifiers=RESULTS / "classifiers.csv",
    log:
        RESULTS / "logs" / "collect_classifiers.log",
    benchmark:
        RESULTS / "benchmarks" / "collect_classifiers.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code("collect_classifiers"),
    message:
        "Collect the scores by classifiers and observers"
    script:
        "../scripts/collect_classifiers.py"
