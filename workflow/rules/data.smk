# Real images, as one pair of .npz files per data set, and the classifier whose features score 28x28 digits.


rule prepare_data:
    input:
        source=source_files,
    output:
        train=RESULTS / "data" / "{dataset}" / "train.npz",
        test=RESULTS / "data" / "{dataset}" / "test.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
    log:
        RESULTS / "logs" / "prepare_data" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "prepare_data" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        stamp=source_stamp,
        spec=lambda w: {key: DATASETS[w.dataset][key] for key in ("source", "path", "download")},
        # The source is found by name, which the digest of the imports cannot see.
        code=lambda w: code("prepare_data", also=[f"fewstep/data/{DATASETS[w.dataset]['source']}.py"]),
    message:
        "Prepare the images of {wildcards.dataset}"
    script:
        "../scripts/prepare_data.py"


rule train_extractor:
    input:
        card=RESULTS / "data" / "{dataset}" / "card.json",
    output:
        weights=RESULTS / "extractors" / "lenet-{dataset}.safetensors",
        manifest=RESULTS / "extractors" / "lenet-{dataset}.json",
    log:
        RESULTS / "logs" / "train_extractor" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "train_extractor" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    params:
        code=code("train_extractor"),
    # Not part of a run: `snakemake extractors` retrains the classifiers whose weights ship with the package.
    message:
        "Train the classifier of {wildcards.dataset}"
    script:
        "../scripts/train_extractor.py"


rule extractors:
    input:
        expand(RESULTS / "extractors" / "lenet-{dataset}.safetensors", dataset=DATASETS),
