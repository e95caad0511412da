# Training: one job for each network. Samplers that share weights share a recipe.


rule train:
    input:
        images=RESULTS / "data" / "{dataset}" / "train.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
        teacher=teacher_weights,
        start=start_weights,
    output:
        weights=RESULTS / "weights" / "{dataset}" / "{method}" / "{recipe}.safetensors",
        manifest=RESULTS / "weights" / "{dataset}" / "{method}" / "{recipe}.json",
        losses=RESULTS / "weights" / "{dataset}" / "{method}" / "{recipe}.log.csv",
    log:
        RESULTS / "logs" / "train" / "{dataset}.{method}.{recipe}.log",
    benchmark:
        RESULTS / "benchmarks" / "train" / "{dataset}.{method}.{recipe}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        recipe=lambda w: cards.recipe(CARDS[w.method], w.dataset, w.recipe),
        teacher=lambda w: cards.teacher_recipe(CARDS, w.method, w.dataset),
        start=start_recipe,
        seed=PROFILE["training_seed"],
        device=PROFILE["device"],
        code=lambda w: code("train", training_functions(w.method)),
    message:
        "Train {wildcards.method} ({wildcards.recipe}) on {wildcards.dataset}"
    script:
        "../scripts/train.py"
