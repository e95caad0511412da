# Samples: one job for each method makes all of its cells. Shards lie outside of the declared output, so that Snakemake does not
# delete them when a job is cut off or a cell is added: the job makes what is missing, and the manifest says what there is.


rule sample:
    input:
        weights=lambda w: weights_of(w.dataset, w.method),
        card=RESULTS / "data" / "{dataset}" / "card.json",
    output:
        manifest=RESULTS / "samples" / "{dataset}" / "{method}.json",
    log:
        RESULTS / "logs" / "sample" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "sample" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        cells=lambda w: cells_of(w.dataset, w.method),
        variants=lambda w: variants_of(w.dataset, w.method),
        recipes=lambda w: {r: cards.recipe(CARDS[w.method], w.dataset, r) for r in recipes_of(w.dataset, w.method)},
        samples=lambda w: DATASETS[w.dataset]["samples"],
        device=PROFILE["device"],
        code=lambda w: code("sample", sampling_functions(w.method)),
    message:
        "Sample {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/sample.py"
