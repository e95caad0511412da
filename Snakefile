# Fewstep: train, sample, score, time and compare few-step image generators.
#
#   snakemake --cores all                                  the default profile (config/mnist.yaml)
#   snakemake --cores all --configfile config/ci.yaml      another profile
#   snakemake --cores all check                            one target: tables, figures, speed, report, check, baseline, zoo
#                                                          and, with people, study and study_results
#                                                          (targets stand before --configfile, which takes all that follows)
from snakemake.utils import min_version

min_version("9.25")

if not workflow.config_settings.configfiles:

    configfile: "config/mnist.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/networks.smk"
include: "workflow/rules/samples.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/judges.smk"
include: "workflow/rules/speed.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/study.smk"
include: "workflow/rules/check.smk"


localrules:
    all,
    use_zoo,


rule all:
    default_target: True
    input:
        rules.report.input,
        RESULTS / "scores.csv",
        RESULTS / "speed.csv",
        RESULTS / "manifest.json",
