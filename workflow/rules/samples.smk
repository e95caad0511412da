# Samples: one job for each method makes all of its cells. Shards lie outside of the declared output, so that Snakemake does not
# delete them when a job is cut off or a cell is added: the job makes what is missing, and the manifest says what there is.


rule sample:
    input:
        weights=lambda w: weights_of(w.dataset, w.method),
        card=RESULTS / "data" / "{dataset}" / "card.json",
        searches=searches_of,
        held_out=images_to_enlarge,
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
        labels=drawn_by,
        conditional=lambda w: CARDS[w.method]["needs"]["labels"] != "unused",
        device=PROFILE["device"],
        code=lambda w: code("sample", sampling_functions(w.method)),
    message:
        "Sample {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/sample.py"


# Search: sampling settings that a card gives candidates for. Each makes validation images with every candidate; the artefact says
# how near they come to real images, and which candidate samples, timings and hooks then take.
rule search:
    input:
        weights=lambda w: path_of((w.dataset, w.method, CARDS[w.method]["variants"][w.variant]["recipe"])),
        card=RESULTS / "data" / "{dataset}" / "card.json",
        # Images to start from, too, are of this split, of those that training holds out: no test image is looked at.
        train=RESULTS / "data" / "{dataset}" / "train.npz",
    output:
        found=RESULTS / "search" / "{dataset}" / "{method}.{variant}.json",
    log:
        RESULTS / "logs" / "search" / "{dataset}.{method}.{variant}.log",
    benchmark:
        RESULTS / "benchmarks" / "search" / "{dataset}.{method}.{variant}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        nfes=lambda w: [nfe for variant, nfe in cells_of(w.dataset, w.method) if variant == w.variant],
        variant=lambda w: {key: CARDS[w.method]["variants"][w.variant][key] for key in ("sampling", "search")},
        recipe=lambda w: cards.recipe(CARDS[w.method], w.dataset, CARDS[w.method]["variants"][w.variant]["recipe"]),
        batch=lambda w: DATASETS[w.dataset]["samples"]["batch_size"],
        extractor=lambda w: extractor_of(w.dataset),
        weights=extractor_stamp,
        device=PROFILE["device"],
        code=lambda w: code("search", sampling_functions(w.method)),
    message:
        "Search settings of {wildcards.method}/{wildcards.variant} on {wildcards.dataset}"
    script:
        "../scripts/search.py"
