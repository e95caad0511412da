"""A user's mistake is one sentence and status 1; a defect is a traceback; both are in the rule's log."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from types import SimpleNamespace
from fewstep.base.errors import FewstepError
from fewstep.base.jobs import run_job

def work(job):
    print("started")
    {body}

params = SimpleNamespace(of={{"images": {{"start": 5}}}})
run_job(work, SimpleNamespace(log=[sys.argv[1]], params=params, input="i", output="o", wildcards="w", threads=2,
                              config={{"profile": "p"}}))
print("afterwards")
"""


@pytest.fixture
def run(tmp_path):
    """Run a job with the given body in a process of its own: (status, stdout, stderr, log)."""

    def call(body, **environment):
        log, workflow = tmp_path / "log", Path(__file__).parents[2] / "workflow"
        command = [sys.executable, "-c", SCRIPT.format(body=body), str(log)]
        environment |= {"PYTHONPATH": str(workflow)}
        done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)
        return done.returncode, done.stdout, done.stderr, log.read_text(encoding="utf-8")

    return call


def test_output_goes_to_the_terminal_and_to_the_log(run):
    status, out, err, log = run("print('warning', file=sys.stderr)")
    assert (status, out, err) == (0, "started\nafterwards\n", "warning\n")
    assert log == "started\nwarning\n"  # what is printed after the job is not the job's


def test_a_job_has_its_files_and_what_the_plan_says_of_it_by_name(run):
    given = "print(job.params.images, job.input, job.output, job.wildcards, job.threads, job.profile)"
    status, out, _, _ = run(given)
    assert (status, out) == (0, "started\n{'start': 5} i o w 2 {'profile': 'p'}\nafterwards\n")


def test_a_users_mistake_is_one_sentence(run):
    status, out, err, log = run("raise FewstepError('config.yaml: no.')")
    assert (status, out, err) == (1, "started\n", "fewstep: config.yaml: no.\n")
    assert log == "started\nfewstep: config.yaml: no.\n"


def test_a_users_mistake_with_a_cause_is_still_one_sentence(run):
    status, _, err, _ = run("raise FewstepError('disk full.') from OSError(28, 'x')")
    assert status == 1 and err == "fewstep: disk full.\n"


def test_a_defect_is_a_traceback(run):
    status, _, err, log = run("raise KeyError('nfe')")
    assert status == 1 and err.startswith("Traceback") and err.endswith("KeyError: 'nfe'\n")
    assert "KeyError: 'nfe'" in log


def test_a_terminal_that_knows_ascii_alone_stops_no_job(run):
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    status, out, _, log = run("print('\\xfcn\\u2192')", **ascii_alone)
    assert status == 0 and out == "started\n\\xfcn\\u2192\nafterwards\n" and log == "started\nün→\n"
