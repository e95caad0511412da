# Speed: one job for each data set, never two at once (the resource `timer` under the default profile, all cores, and a lock file
# that also keeps out other runs). Timings are kept cell by cell: adding an NFE times that NFE.


rule time_samplers:
    input:
        unpack(plan.inputs("time_samplers")),
    output:
        speed=RESULTS / "speed" / "{dataset}.csv",
    log:
        LOGS / "time_samplers" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "time_samplers" / "{dataset}.tsv"
    priority: -1
    conda:
        "../../environment.yml"
    threads: workflow.cores or 1
    resources:
        gpu=GPU,
        timer=1,
    params:
        of=plan.params("time_samplers"),
    message:
        "Time the samplers of {wildcards.dataset}"
    script:
        "../scripts/time_samplers.py"


rule collect_speed:
    input:
        unpack(plan.inputs("collect_speed")),
    output:
        table=RESULTS / "speed.csv",
    log:
        LOGS / "collect_speed.log",
    benchmark:
        BENCHMARKS / "collect_speed.tsv"
    conda:
        "../../environment.yml"
    params:
        of=plan.params("collect_speed"),
    message:
        "Collect the timings"
    script:
        "../scripts/collect.py"
