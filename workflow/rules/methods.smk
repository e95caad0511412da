# Training: one job for each network. Samplers that share weights share a recipe.


def teacher_weights(wildcards):
    """The teacher's weights, where the method's card names one."""
    teacher = cards.teacher(CARDS[wildcards.method])
    if not teacher:
        return []
    return RESULTS / "weights" / wildcards.dataset / teacher / f"{cards.TEACHER_RECIPE}.safetensors"


def trained_methods(method):
    """The method and its teacher: the modules that its training job loads."""
    return [method, *filter(None, [cards.teacher(CARDS[method])])]


rule train:
    input:
        images=RESULTS / "data" / "{dataset}" / "train.npz",
        card=RESULTS / "data" / "{dataset}" / "card.json",
        teacher=teacher_weights,
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
    params:
        recipe=lambda w: cards.recipe(CARDS[w.method], w.dataset, w.recipe),
        teacher=lambda w: cards.teacher_recipe(CARDS, w.method, w.dataset),
        seed=PROFILE["training_seed"],
        device=PROFILE["device"],
        code=lambda w: code("train", *trained_methods(w.method)),
    threads: HALF
    resources:
        gpu=GPU,
    script:
        "../scripts/train.py"
