# What can be asked for by name: `snakemake --cores all tables`. `check`, `baseline` and `zoo` have rules of their own.


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
