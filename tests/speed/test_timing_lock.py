"""The lock keeps a second process out, says so once, and dies with its holder."""

import os
import subprocess
import sys
from pathlib import Path

import fewstep
from fewstep.speed.lock import exclusive

HOLD = """
import sys
from fewstep.speed.lock import exclusive
with exclusive(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def process_that_holds(path, stdin):
    """A process that takes the lock, says so, and lets go of it at the end of its input."""
    environment = {**os.environ, "PYTHONPATH": str(Path(fewstep.__file__).parents[1])}
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLD, str(path)]
    return subprocess.Popen(command, stdin=stdin, stdout=pipe, stderr=pipe, encoding="utf-8", env=environment)


def test_a_second_process_waits_and_says_so_in_one_line(tmp_path):
    path = tmp_path / "speed" / ".lock"
    with exclusive(path):
        second = process_that_holds(path, subprocess.DEVNULL)
        waiting = second.stderr.readline()
        assert second.poll() is None
    assert waiting == f"Waiting for another timing job, which holds {path}.\n"
    rest, errors = second.communicate(timeout=60)
    assert rest == "held\n" and errors == "" and second.returncode == 0


def test_a_killed_holder_leaves_no_lock(tmp_path, capfd):
    holder = process_that_holds(tmp_path / "lock", subprocess.PIPE)
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate(timeout=60)
    with exclusive(tmp_path / "lock"):
        pass
    assert capfd.readouterr().err == ""
