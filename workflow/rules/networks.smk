# Networks: each is either a copy of what ships with its method (the zoo) or the outcome of a training job. Samplers that share
# weights share a recipe.


rule use_zoo:
    input:
        unpack(plan.inputs("use_zoo")),
    output:
        **plan.network_files("{dataset}", "{method}", "{recipe}", "{training_seed}"),
    log:
        LOGS / "use_zoo" / "{dataset}.{method}.{recipe}.{training_seed}.log",
    benchmark:
        BENCHMARKS / "use_zoo" / "{dataset}.{method}.{recipe}.{training_seed}.tsv"
    wildcard_constraints:
        dataset=plan.shipped_pattern(True),
    conda:
        "../../environment.yml"
    params:
        of=plan.params("use_zoo"),
    message:
        "Take {wildcards.method} ({wildcards.recipe}) on {wildcards.dataset} from the zoo"
    script:
        "../scripts/use_zoo.py"


rule train:
    input:
        unpack(plan.inputs("train")),
    output:
        **plan.network_files("{dataset}", "{method}", "{recipe}", "{training_seed}"),
    log:
        LOGS / "train" / "{dataset}.{method}.{recipe}.{training_seed}.log",
    benchmark:
        BENCHMARKS / "train" / "{dataset}.{method}.{recipe}.{training_seed}.tsv"
    wildcard_constraints:
        dataset=plan.shipped_pattern(False),
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        of=plan.params("train"),
    message:
        "Train {wildcards.method} ({wildcards.recipe}, seed {wildcards.training_seed}) on {wildcards.dataset}"
    script:
        "../scripts/train.py"


# No output: what this run trained becomes part of the project, in methods/*/weights/. What others are only trained from does not
# ship.
rule zoo:
    input:
        unpack(plan.inputs("ship")),
    log:
        LOGS / "zoo.log",
    conda:
        "../../environment.yml"
    params:
        of=plan.params("ship"),
    message:
        "Ship the weights that this run trained"
    script:
        "../scripts/ship.py"
