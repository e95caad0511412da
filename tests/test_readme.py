"""The README tells the truth about methods, folders, files and commands."""

import re
import shlex
import subprocess

import pytest
import yaml

from fewstep.base.folders import ROOT
from fewstep.cli.main import parser
from fewstep.cli.readme import README, methods_table, with_table
from fewstep.plan.cards import discover

TEXT = README.read_text(encoding="utf-8")
CARDS = discover()
CONFIG = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8"))
HEADINGS = ["## Paper", "## Faithful here", "## Not faithful here", "## Settings"]


def shown_commands() -> list[str]:
    """The lines of the README's shell blocks, without comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    return [command for line in "".join(blocks).splitlines() if (command := line.split(" #")[0].strip())]


def rules() -> set[str]:
    files = [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return {name for text in texts for name in re.findall(r"^rule (\w+):", text, flags=re.MULTILINE)}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_every_method_is_in_the_table_as_its_card_has_it():
    assert with_table(TEXT, methods_table(CARDS)) == TEXT, "run `make readme`"
    assert all(f"[`{name}`](methods/{name}/README.md)" in TEXT for name in CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_every_method_says_what_is_faithful_and_what_is_not(name):
    text = (ROOT / "methods" / name / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## .*", text, flags=re.MULTILINE) == HEADINGS
    assert CARDS[name]["paper"] in text


def test_the_tree_lists_every_top_level_folder():
    listing = subprocess.run(["git", "ls-files", "--", "."], cwd=ROOT, capture_output=True, encoding="utf-8")
    if listing.returncode:
        pytest.skip("not a git checkout, so nothing tells the project's folders from others")
    folders = {path.split("/")[0] for path in listing.stdout.splitlines() if "/" in path}
    tree = re.search(r"^```\nSnakefile.*?^```", TEXT, flags=re.MULTILINE | re.DOTALL)[0]
    assert folders <= set(re.findall(r"^([\w.]+)/ ", tree, flags=re.MULTILINE))
    assert all((ROOT / name).is_file() for name in re.findall(r"^([\w.]+[a-z]) ", tree, flags=re.MULTILINE))


@pytest.mark.parametrize("command", shown_commands())
def test_every_command_shown_exists(command):
    program, *words = shlex.split(command)
    if program == "make":
        assert set(words) <= make_targets()
    elif program == "snakemake":
        check_snakemake(words)
    elif program == "bin/fewstep":
        assert parser().parse_args(words).reference
    else:
        assert (program, words) == (".", [".venv/bin/activate"])


def check_snakemake(words: list[str]) -> None:
    if "--configfile" in words:
        # The option takes every word after it, so the profile must be the last one.
        (profile,) = words[words.index("--configfile") + 1 :]
        assert (ROOT / profile).is_file()
        words = words[: words.index("--configfile")]
    if words[:2] == ["--cores", "all"]:
        words = words[2:]
    if words[:1] == ["--config"]:
        name, value = words[1].split("=")
        assert value in CONFIG["properties"][name]["enum"]
        words = words[2:]
    assert set(words) <= rules() | {"--dry-run", "--unlock"}


def test_commands_in_the_running_text_exist():
    quoted = re.findall(r"`(make|snakemake)((?: [\w=.-]+)*)`", TEXT)
    assert quoted
    for program, rest in quoted:
        words = [word for word in rest.split() if "=" not in word]
        assert set(words) <= (make_targets() if program == "make" else rules()), rest


def test_links_lead_to_files():
    targets = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert not [target for target in targets if "://" not in target and not (ROOT / target).exists()]
