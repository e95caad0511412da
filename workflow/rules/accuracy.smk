# Classification accuracy score: classifiers trained from scratch on samples that have the labels of the training set, tested on
# real images. For the data sets and cells that a profile names under `accuracy_score`.


rule sample_labelled:
    input:
        weights=lambda w: [path_of((w.dataset, w.method, recipe)) for recipe in recipes_labelled(w)],
        train=RESULTS / "data" / "{dataset}" / "train.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
        searches=searches_of,
    output:
        manifest=RESULTS / "labelled" / "{dataset}" / "{method}.json",
    log:
        RESULTS / "logs" / "sample_labelled" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "sample_labelled" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        cells=lambda w: asked("accuracy_score", w.dataset, w.method),
        variants=lambda w: variants_of(w.dataset, w.method),
        recipes=lambda w: {r: cards.recipe(CARDS[w.method], w.dataset, r) for r in recipes_labelled(w)},
        seed=lambda w: DATASETS[w.dataset]["samples"]["seeds"][0],
        shard_size=lambda w: DATASETS[w.dataset]["samples"]["shard_size"],
        batch_size=lambda w: DATASETS[w.dataset]["samples"]["batch_size"],
        device=PROFILE["device"],
        code=lambda w: code("sample_labelled", sampling_functions(w.method)),
    message:
        "Sample {wildcards.method} with the labels of {wildcards.dataset}"
    script:
        "../scripts/sample_labelled.py"


rule classify:
    input:
        samples=RESULTS / "labelled" / "{dataset}" / "{method}.json",
        train=RESULTS / "data" / "{dataset}" / "train.npz",
        test=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        predictions=RESULTS / "classifiers" / "{dataset}" / "{method}.npz",
    log:
        RESULTS / "logs" / "classify" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "classify" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        settings=classifiers_of,
        device=PROFILE["device"],
        code=code("classify"),
    message:
        "Train classifiers on samples of {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/classify.py"


rule classify_real:
    input:
        train=RESULTS / "data" / "{dataset}" / "train.npz",
        test=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        predictions=RESULTS / "classifiers" / "{dataset}" / "data.npz",
    log:
        RESULTS / "logs" / "classify_real" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "classify_real" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        settings=classifiers_of,
        device=PROFILE["device"],
        code=code("classify_real"),
    message:
        "Train classifiers on the real images of {wildcards.dataset}"
    script:
        "../scripts/classify_real.py"
