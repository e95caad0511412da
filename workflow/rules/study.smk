# The human fool rate: a page for raters, and the scores of what they answered. Made on request alone: `snakemake study` and,
# when answers have come, `snakemake study_results`. The second has no input of the first: new samples must not replace
# the key of a study that people have answered. Keys therefore lie outside of the declared output, one for each page ever written.


localrules:
    study,
    study_results,


rule write_study:
    input:
        unpack(plan.inputs("write_study")),
    output:
        page=REPORTS / "study" / "{dataset}" / "index.html",
    log:
        LOGS / "write_study" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "write_study" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        of=plan.params("write_study"),
    message:
        "Write the study of {wildcards.dataset}"
    script:
        "../scripts/write_study.py"


rule score_study:
    output:
        table=REPORTS / "tables" / "study_{dataset}.md",
        others=multiext(str(REPORTS / "tables" / "study_{dataset}"), ".csv", ".tex"),
        rates=RESULTS / "study" / "{dataset}" / "rates.csv",
        raters=RESULTS / "study" / "{dataset}" / "raters.csv",
    log:
        LOGS / "score_study" / "{dataset}.log",
    benchmark:
        BENCHMARKS / "score_study" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        of=plan.params("score_study"),
    message:
        "Score the study of {wildcards.dataset}"
    script:
        "../scripts/score_study.py"


rule study:
    input:
        plan.of_studies(rules.write_study.output.page),


rule study_results:
    input:
        plan.of_studies(rules.score_study.output.table),
