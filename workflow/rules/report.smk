# Tables, figures, the page, and the regression check: from the two tables of the run. None of these jobs imports torch, and each
# depends on its own code alone.


localrules:
    tables,
    figures,
    speed,
    report,


rule write_manifest:
    input:
        unpack(plan.inputs("write_manifest")),
    output:
        manifest=RESULTS / "manifest.json",
    log:
        LOGS / "write_manifest.log",
    conda:
        "../../environment.yml"
    params:
        of=plan.params("write_manifest"),
    message:
        "Write what the run was made from"
    script:
        "../scripts/write_manifest.py"


rule write_tables:
    input:
        unpack(plan.inputs("write_tables")),
    output:
        plan.tables(),
    log:
        LOGS / "write_tables.log",
    benchmark:
        BENCHMARKS / "write_tables.tsv"
    conda:
        "../../environment.yml"
    params:
        of=plan.params("write_tables"),
    message:
        "Write the tables"
    script:
        "../scripts/write_tables.py"


rule draw_figure:
    input:
        unpack(plan.inputs("draw_figure")),
    output:
        multiext(str(REPORTS / "figures" / "{figure}_{dataset}"), ".pdf", ".svg", ".png"),
    log:
        LOGS / "draw_figure" / "{figure}_{dataset}.log",
    benchmark:
        BENCHMARKS / "draw_figure" / "{figure}_{dataset}.tsv"
    wildcard_constraints:
        figure=plan.figure_pattern(),
    conda:
        "../../environment.yml"
    params:
        of=plan.params("draw_figure"),
    message:
        "Draw {wildcards.figure} of {wildcards.dataset}"
    script:
        "../scripts/draw_figure.py"


rule write_page:
    input:
        unpack(plan.inputs("write_page")),
    output:
        page=REPORTS / "index.html",
    log:
        LOGS / "write_page.log",
    conda:
        "../../environment.yml"
    params:
        of=plan.params("write_page"),
    message:
        "Write the page"
    script:
        "../scripts/write_page.py"


rule tables:
    input:
        plan.tables(),


rule figures:
    input:
        plan.figures(),


rule speed:
    input:
        RESULTS / "speed.csv",


rule report:
    input:
        REPORTS / "index.html",
