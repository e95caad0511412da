# Speed: one job for each method, never two at once (the resource `timer` under the default profile, all cores, and a lock file
# that also keeps out other runs). Timings are kept cell by cell: adding an NFE times that NFE.


rule time_sampler:
    input:
        weights=lambda w: weights_of(w.dataset, w.method),
        card=RESULTS / "data" / "{dataset}" / "card.json",
        searches=searches_of,
        held_out=images_to_enlarge,
        # What is timed is known to work. Other methods' samples are no reason to time this one again; that nothing runs
        # beside it is seen to by its threads.
        samples=RESULTS / "samples" / "{dataset}" / "{method}.json",
    output:
        speed=RESULTS / "speed" / "{dataset}" / "{method}.csv",
    log:
        RESULTS / "logs" / "time_sampler" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "time_sampler" / "{dataset}.{method}.tsv"
    priority: -1
    conda:
        "../../environment.yml"
    threads: workflow.cores or 1
    resources:
        gpu=GPU,
        timer=1,
    params:
        cells=lambda w: cells_of(w.dataset, w.method),
        variants=lambda w: variants_of(w.dataset, w.method),
        recipes=lambda w: {r: cards.recipe(CARDS[w.method], w.dataset, r) for r in recipes_of(w.dataset, w.method)},
        labels=drawn_by,
        speed=lambda w: DATASETS[w.dataset]["speed"],
        device=PROFILE["device"],
        results=lambda w: str(RESULTS),
        lock=str(Path("results") / ".timing.lock"),
        # Timings of machines that are told apart in another way are made again.
        code=lambda w: code("time_sampler", sampling_functions(w.method), ["fewstep/provenance.py"]),
    message:
        "Time {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/time_sampler.py"


rule time_edits:
    input:
        weights=edit_weights,
        card=RESULTS / "data" / "{dataset}" / "card.json",
        held_out=RESULTS / "data" / "{dataset}" / "test.npz",
        edits=RESULTS / "edits" / "{dataset}" / "{method}.json",
    output:
        speed=RESULTS / "edits" / "{dataset}" / "{method}.speed.csv",
    log:
        RESULTS / "logs" / "time_edits" / "{dataset}.{method}.log",
    benchmark:
        RESULTS / "benchmarks" / "time_edits" / "{dataset}.{method}.tsv"
    priority: -1
    conda:
        "../../environment.yml"
    threads: workflow.cores or 1
    resources:
        gpu=GPU,
        timer=1,
    params:
        cells=lambda w: edits_of(w.dataset, w.method),
        recipes=lambda w: edit_recipes(w.dataset, w.method),
        seed=lambda w: DATASETS[w.dataset]["edits"]["seeds"][0],
        speed=lambda w: DATASETS[w.dataset]["speed"],
        device=PROFILE["device"],
        results=lambda w: str(RESULTS),
        lock=str(Path("results") / ".timing.lock"),
        code=lambda w: code("time_edits", {w.method: ["build", "edit"]}, ["fewstep/provenance.py"]),
    message:
        "Time the edits of {wildcards.method} on {wildcards.dataset}"
    script:
        "../scripts/time_edits.py"


rule collect_speed:
    input:
        speed=per_method("speed/{dataset}/{method}.csv"),
    output:
        speed=RESULTS / "speed.csv",
    log:
        RESULTS / "logs" / "collect_speed.log",
    benchmark:
        RESULTS / "benchmarks" / "collect_speed.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code("collect_speed"),
    message:
        "Collect the timings"
    script:
        "../scripts/collect_speed.py"
