# Images that methods make: samples, enlarged, labelled and edited images, by one rule. A job makes one part of a method's cells, a
# range of images; without `samples.images_per_job` that is all of them. Shards lie outside of the declared output, so that Snakemake
# does not delete them when a job is cut off or a cell is added: the job makes what is missing, and the manifest says what there is.


rule sample:
    input:
        unpack(plan.inputs("sample")),
    output:
        manifest=RESULTS / "samples" / "{dataset}" / "{task}" / "{method}" / "{part}.json",
    log:
        LOGS / "sample" / "{dataset}.{task}.{method}.{part}.log",
    benchmark:
        BENCHMARKS / "sample" / "{dataset}.{task}.{method}.{part}.tsv"
    wildcard_constraints:
        method=plan.pattern(plan.cards),
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("sample"),
    message:
        "Make images with {wildcards.method} on {wildcards.dataset} ({wildcards.task})"
    script:
        "../scripts/sample.py"


# Samples that someone else made: what comes after does not know that no method of the project made them.
rule import_samples:
    input:
        unpack(plan.inputs("import_samples")),
    output:
        manifest=RESULTS / "samples" / "{dataset}" / GENERATE / "{method}" / "000000.json",
    log:
        LOGS / "import_samples" / "{dataset}.{method}.log",
    benchmark:
        BENCHMARKS / "import_samples" / "{dataset}.{method}.tsv"
    wildcard_constraints:
        method=plan.pattern(plan.labels),
    conda:
        "../../environment.yml"
    params:
        of=plan.params("import_samples"),
    message:
        "Read {wildcards.method}"
    script:
        "../scripts/import_samples.py"


# Search: sampling settings that a card gives candidates for. Each makes validation images with every candidate; the artefact says
# how near they come to real images, and which candidate samples, timings and hooks then take.
rule search:
    input:
        unpack(plan.inputs("search")),
    output:
        found=RESULTS / "search" / "{dataset}" / "{method}.{variant}.json",
    log:
        LOGS / "search" / "{dataset}.{method}.{variant}.log",
    benchmark:
        BENCHMARKS / "search" / "{dataset}.{method}.{variant}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("search"),
    message:
        "Search settings of {wildcards.method}/{wildcards.variant} on {wildcards.dataset}"
    script:
        "../scripts/search.py"
