# Scores that methods give themselves, on held-out images: those that define the hook (fewstep.hooks) have a job.


rule evaluate:
    input:
        weights=lambda w: weights_of(w.dataset, w.method),
        card=RESULTS / "data" / "{dataset}" / "card.json",
        searches=lambda w: searches_of(w) if any(r["nfe"] for r in evaluated(w.dataset, w.method)) else [],
        held_out=RESULTS / "data" / "{dataset}" / "test.npz",
        reference=RESULTS / "reference" / "{dataset}.npz",
    output:
        scores=RESULTS / "extras" / "{dataset}" / "{method}.csv",
    log:
        RESULTS / "logs" / "evaluate" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "evaluate" / "{dataset}.{method}.tsv"
    conda:
        "../../environment.yml"
    threads: HALF
    resources:
        gpu=GPU,
    params:
        requests=lambda w: evaluated(w.dataset, w.method),
        held_out_count=lambda w: CARDS[w.method].get(HOOK, {}).get("count"),
        recipes=lambda w: {r: cards.recipe(CARDS[w.method], w.dataset, r) for r in recipes_of(w.dataset, w.method)},
        seed=lambda w: DATASETS[w.dataset]["samples"]["seeds"][0],
        batch=lambda w: DATASETS[w.dataset]["samples"]["batch_size"],
        extractor=lambda w: extractor_of(w.dataset),
        weights=extractor_stamp,
        device=PROFILE["device"],
        results=lambda w: str(RESULTS),
        code=lambda w: code("evaluate", {w.method: ["build", HOOK]}),
    message:
        "Evaluate {wildcards.method} on held-out images of {wildcards.dataset}"
    script:
        "../scripts/evaluate.py"


rule collect_extras:
    input:
        scores=[RESULTS / "extras" / dataset / f"{method}.csv" for dataset, method in hooked()],
    output:
        extras=RESULTS / "extras.csv",
    log:
        RESULTS / "logs" / "collect_extras.log",
    benchmark:
        RESULTS / "benchmarks" / "collect_extras.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code("collect_extras"),
    message:
        "Collect the methods' own scores"
    script:
        "../scripts/collect_extras.py"
