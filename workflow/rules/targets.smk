# What can be asked for by name: `snakemake --cores all tables`. `check`, `baseline` and `zoo` have rules of their own.


localrules:
    tables,
    figures,
    speed,
    report,
    study,
    study_results,


rule tables:
    input:
        TABLES + EDIT_TABLES,


rule figures:
    input:
        rules.write_page.input.figures,


rule speed:
    input:
        RESULTS / "speed.csv",


rule report:
    input:
        rules.write_page.output.page,


rule study:
    input:
        of_studies(rules.write_study.output.page),


rule study_results:
    input:
        of_studies(rules.score_study.output.table),
