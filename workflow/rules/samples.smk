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
