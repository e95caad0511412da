# Real images: one pair of .npz files per data set, and the references that made images are compared with.


rule prepare_data:
    output:
        train=RESULTS / "data" / "{dataset}" / "train.npz",
        test=RESULTS / "data" / "{dataset}" / "test.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
    log:
        LOGS / "prepare_data" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "prepare_data" / "{dataset}.tsv"
    wildcard_constraints:
        dataset=plan.pattern(dataset for dataset in plan.datasets if not plan.is_whole(dataset)),
    conda:
        "../../environment.yml"
    params:
        of=plan.params("prepare_data"),
    message:
        "Prepare the images of {wildcards.dataset}"
    script:
        "../scripts/prepare_data.py"


# All real images as one set, for samples that someone else made: nothing is trained on them, and none is held out.
rule prepare_all:
    output:
        all=RESULTS / "data" / "{dataset}" / "all.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
    log:
        LOGS / "prepare_data" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "prepare_data" / "{dataset}.tsv"
    wildcard_constraints:
        dataset=plan.pattern(filter(plan.is_whole, plan.datasets)),
    conda:
        "../../environment.yml"
    params:
        of=plan.params("prepare_all"),
    message:
        "Prepare the images of {wildcards.dataset}"
    script:
        "../scripts/prepare_data.py"


# Edited images are compared with the held-out images that are not edited: training images may show other things.
rule reference:
    input:
        unpack(plan.inputs("reference")),
    output:
        reference=RESULTS / "reference" / "{dataset}" / "{task}.npz",
    log:
        LOGS / "reference" / "{dataset}.{task}.log",
    benchmark:
        BENCHMARKS / "reference" / "{dataset}.{task}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("reference"),
    message:
        "Describe the real images of {wildcards.dataset} ({wildcards.task})"
    script:
        "../scripts/reference.py"


rule train_rotnet:
    input:
        unpack(plan.inputs("train_rotnet")),
    output:
        weights=RESULTS / "extractors" / "rotnet-{dataset}.safetensors",
        manifest=RESULTS / "extractors" / "rotnet-{dataset}.json",
    log:
        LOGS / "train_rotnet" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "train_rotnet" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    params:
        of=plan.params("train_rotnet"),
    message:
        "Train an extractor on the real images of {wildcards.dataset}"
    script:
        "../scripts/train_rotnet.py"


# Not part of a run: `snakemake extractors` retrains the classifiers whose weights ship with the package.
rule train_extractor:
    input:
        unpack(plan.inputs("train_extractor")),
    output:
        weights=RESULTS / "extractors" / "lenet-{dataset}.safetensors",
        manifest=RESULTS / "extractors" / "lenet-{dataset}.json",
    log:
        LOGS / "train_extractor" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "train_extractor" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    params:
        of=plan.params("train_extractor"),
    message:
        "Train the classifier of {wildcards.dataset}"
    script:
        "../scripts/train_extractor.py"


rule extractors:
    input:
        expand(RESULTS / "extractors" / "lenet-{dataset}.safetensors", dataset=plan.datasets),
