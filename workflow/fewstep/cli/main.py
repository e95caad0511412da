"""The command line: `fewstep score` scores samples that you already have, without a profile of your own."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.cli import score_profile

_SCORE = """\
Score sets of samples against real images: a folder of images, a .zip file of images, or an .npz file each.

  fewstep score mine theirs.npz --reference real --nfe mine=1
  fewstep score ours=a/seed0 ours=a/seed1 theirs=b --reference real --extractor rotnet
"""


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        raise FewstepError(f"{message}; {self.prog} --help shows how it is called.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, 1 after one sentence on standard error, or that of the run."""
    try:
        arguments = parser().parse_args(argv)
        return arguments.run(arguments)
    except FewstepError as error:
        print(f"fewstep: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """The parser of the command's arguments."""
    made = _Parser(prog="fewstep", description=__doc__)
    commands = made.add_subparsers(title="commands", required=True, metavar="COMMAND")
    score = commands.add_parser(
        "score",
        help="score samples against real images",
        description=_SCORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    score.set_defaults(run=_score)
    add = score.add_argument
    add("samples", nargs="+", metavar="[LABEL=]PATH", help="a label given twice has several seeds")
    add("--reference", required=True, metavar="PATH", help="the real images")
    add("--extractor", choices=score_profile.EXTRACTORS, default="inception", help="what is compared: %(default)s")
    add("--nfe", action="append", default=[], metavar="LABEL=NFE", help="network evaluations per image, as declared")
    add("--name", help="results/NAME and reports/NAME; by default the name of the reference")
    add("--cores", default="all", help="CPU cores to use; %(default)s")
    return made


def _score(arguments: argparse.Namespace) -> int:
    """Write the profile, run the workflow, print the table and name the report."""
    if arguments.cores != "all" and not (arguments.cores.isdecimal() and int(arguments.cores)):
        raise FewstepError(f"--cores: {arguments.cores} is neither a number of cores nor all.")
    profile = score_profile.build(
        arguments.samples, arguments.reference, arguments.extractor, arguments.nfe, arguments.name
    )
    path = score_profile.write(profile)
    relative = path.relative_to(ROOT)
    print(f"The profile: {relative}", flush=True)
    command = [sys.executable, "-m", "snakemake", "--cores", arguments.cores, "--configfile", str(relative)]
    if status := subprocess.run(command, cwd=ROOT, check=False).returncode:
        print(f"fewstep: the run failed; its logs are in {relative.parent / 'logs'}.", file=sys.stderr)
        return status
    reports = ROOT / "reports" / profile["profile"]
    for dataset in profile["datasets"]:
        print((reports / "tables" / f"quality_{dataset}.md").read_text(encoding="utf-8"))
    print(f"The report: {reports / 'index.html'}")
    return 0
