# The regression check: a finished run against results/baselines/<profile>.json, and against what the zoo promises.


# No output: a check is made every time it is called for.
rule check:
    input:
        unpack(plan.inputs("check")),
    log:
        LOGS / "check.log",
    conda:
        "../../environment.yml"
    params:
        of=plan.params("check"),
    message:
        "Compare with the baseline"
    script:
        "../scripts/check.py"


# Makes this run the baseline that later runs are checked against.
rule baseline:
    input:
        unpack(plan.inputs("baseline")),
    log:
        LOGS / "baseline.log",
    conda:
        "../../environment.yml"
    params:
        of=plan.params("baseline"),
    message:
        "Write the baseline"
    script:
        "../scripts/baseline.py"
