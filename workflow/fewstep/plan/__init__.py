"""What a run consists of: cells, networks, and for each rule what it reads and what its result depends on.

`cells` names one thing that is measured, `plan` lists all of them, `paths` knows every path, and `rules` has what each
rule of the workflow takes. No torch is imported: the Snakefile, the scripts, the report and the tests ask here.
"""
