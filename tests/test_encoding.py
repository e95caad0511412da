"""Text is UTF-8 whatever the locale says: every file of the project names the encoding of the text that it reads."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from fewstep.base.folders import METHODS, ROOT

FOLDERS = (ROOT / "workflow", METHODS, ROOT / "tests")
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def without_encoding(source: str) -> Iterator[int]:
    """Lines of calls that read or write text, or the text of another process, in the locale's encoding."""
    for call in [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        given = [*call.args, *filter(None, [keywords.get("mode")])]
        modes = [arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        binary = any(re.fullmatch(r"[rwxa+]*b[rwxa+]*|[rw]:gz", mode) for mode in modes)
        binary |= len(call.args) > 1 and isinstance(call.args[1], ast.Name)  # files.atomic_write
        of_image = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("Image", "os", "archive")
        opens = name == "open" and not binary and not of_image
        if (
            opens or name == "read_text" or "text" in keywords and name in ("run", "Popen")
        ) and "encoding" not in keywords:
            yield call.lineno


def test_a_call_without_an_encoding_is_found():
    wrong = ["p.read_text()", "open(p)", "open(p, 'w')", "p.open(newline='')", "subprocess.run(c, text=True)"]
    right = ["p.read_text(encoding='utf-8')", "open(p, 'rb')", "open(p, mode='wb')", "Image.open(p)", "run(c)"]
    assert list(without_encoding("\n".join(wrong + right))) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_text_is_read_in_a_named_encoding(folder):
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(folder.rglob("*.py"))
        for line in without_encoding(path.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.workflow
def test_the_workflow_is_read_where_the_locale_knows_ascii_alone():
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "all", "--configfile", "config/ci.yaml"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | ASCII
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("locale", [ASCII, {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}], ids=["ascii", "utf-8"])
def test_code_has_the_same_digest_in_every_locale(locale, tmp_path):
    """Otherwise everything would be made again."""
    file = tmp_path / "job.py"
    file.write_text("TITLE = 'Fréchet'\n", encoding="utf-8")
    code = f"from fewstep.base.codehash import code_hash; print(*code_hash({str(file)!r}))"
    environment = locale | {"PYTHONPATH": str(ROOT / "workflow")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    from fewstep.base.codehash import code_hash

    assert done.stdout.strip() == " ".join(code_hash(file))
