# Weights: of each network either a copy of what ships with its method (the zoo) or the outcome of a training job. Samplers that
# share weights share a recipe.


rule use_zoo:
    input:
        card=RESULTS / "data" / "{dataset}" / "card.json",
    output:
        **FILES_OF_A_NETWORK,
    log:
        RESULTS / "logs" / "use_zoo" / "{dataset}.{method}.{recipe}.log",
    benchmark:
        RESULTS / "benchmarks" / "use_zoo" / "{dataset}.{method}.{recipe}.tsv"
    wildcard_constraints:
        dataset=f"(?={SHIPPED_PATH}){DATASET_NAME}",
    conda:
        "../../environment.yml"
    params:
        recipe_sha256=lambda w: zoo.recipe_hash(CARDS, cards.Network(**w)),
        files=lambda w: stamp_of(f"zoo {'/'.join(w)}", zoo.files(cards.Network(**w), ROOT / "methods").values()),
        code=code("use_zoo"),
    message:
        "Take {wildcards.method} ({wildcards.recipe}) on {wildcards.dataset} from the zoo"
    script:
        "../scripts/use_zoo.py"


rule train:
    input:
        images=RESULTS / "data" / "{dataset}" / "train.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
        teacher=weights_built_on("teacher"),
        start=weights_built_on("start"),
    output:
        **FILES_OF_A_NETWORK,
    log:
        RESULTS / "logs" / "train" / "{dataset}.{method}.{recipe}.log",
    benchmark:
        RESULTS / "benchmarks" / "train" / "{dataset}.{method}.{recipe}.tsv"
    wildcard_constraints:
        dataset=f"(?!{SHIPPED_PATH}){DATASET_NAME}",
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        recipe=lambda w: cards.recipe(CARDS[w.method], w.dataset, w.recipe),
        recipe_sha256=lambda w: zoo.recipe_hash(CARDS, cards.Network(**w)),
        teacher=recipe_built_on("teacher"),
        start=recipe_built_on("start"),
        seed=PROFILE["training_seed"],
        device=PROFILE["device"],
        code=lambda w: code("train", training_functions(w.method)),
    message:
        "Train {wildcards.method} ({wildcards.recipe}) on {wildcards.dataset}"
    script:
        "../scripts/train.py"


rule zoo:
    input:
        results=RESULTS / "results.csv",
        networks=[path_of(network, kind) for network in sampled() for kind in zoo.SUFFIXES],
    log:
        RESULTS / "logs" / "zoo.log",
    conda:
        "../../environment.yml"
    params:
        networks=sampled(),
        folder=lambda w: str(RESULTS),
    # No output: what this run trained becomes part of the project, in methods/*/weights/. What others are only trained from
    # does not ship.
    message:
        "Ship the weights that this run trained"
    script:
        "../scripts/zoo.py"
