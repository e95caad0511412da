# Real images: one pair of .npz files per data set, their features and statistics, and the classifier that gives the features.


rule prepare_data:
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
        spec=lambda w: {key: DATASETS[w.dataset][key] for key in ("source", "path", "download", "low_resolution")},
        # Of the sources, which are imported by name, this one.
        code=lambda w: code("prepare_data", also=[f"fewstep/data/{DATASETS[w.dataset]['source']}.py"]),
    message:
        "Prepare the images of {wildcards.dataset}"
    script:
        "../scripts/prepare_data.py"


rule reference:
    input:
        data=lambda w: RESULTS / "data" / w.dataset / f"{DATASETS[w.dataset]['scores']['reference_split']}.npz",
        held_out=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        reference=RESULTS / "reference" / "{dataset}.npz",
        held_out=RESULTS / "features" / "{dataset}" / "held_out.npz",
    log:
        RESULTS / "logs" / "reference" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "reference" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        extractor=lambda w: extractor_of(w.dataset),
        weights=extractor_stamp,
        scores=lambda w: DATASETS[w.dataset]["scores"],
        device=PROFILE["device"],
        code=code("reference"),
    message:
        "Describe the real images of {wildcards.dataset}"
    script:
        "../scripts/reference.py"


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
