"""What a run consists of: cells, networks, and for each rule what it reads and what its result depends on.

`cells` names one thing that is measured, `plan` lists all of them and knows every path, `inputs` and `params` say what
each rule of the workflow takes. No torch is imported: the Snakefile, the scripts, the report and the tests ask here.
"""
