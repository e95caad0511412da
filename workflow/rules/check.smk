# The regression check: a finished run against results/baselines/<profile>.json, and against what the zoo promises.
BASELINE = Path("results") / "baselines" / f"{PROFILE['profile']}.json"


rule check:
    input:
        results=RESULTS / "results.csv",
        speed=RESULTS / "speed.csv",
        zoo=[path_of(network, "manifest") for network in networks() if network in SHIPPED],
    log:
        RESULTS / "logs" / "check.log",
    conda:
        "../../environment.yml"
    params:
        baseline=str(BASELINE),
    # No output: a check is made every time it is asked for.
    message:
        "Compare with {params.baseline}"
    script:
        "../scripts/check.py"


rule baseline:
    input:
        results=RESULTS / "results.csv",
        speed=RESULTS / "speed.csv",
    log:
        RESULTS / "logs" / "baseline.log",
    conda:
        "../../environment.yml"
    params:
        baseline=str(BASELINE),
    # Makes this run the baseline that later runs are checked against.
    message:
        "Write {params.baseline}"
    script:
        "../scripts/baseline.py"
