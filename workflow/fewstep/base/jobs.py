"""What every script of the workflow does around its work: a log file, and one sentence for a user's mistake."""

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from fewstep.base.errors import FewstepError


@dataclass(frozen=True)
class Job:
    """What a script is given.

    Attributes:
        input, output: files by the rule's names for them.
        params: what the plan says of the job (fewstep.plan.rules), by attribute.
        wildcards: by name.
        threads: of the CPU.
        profile: as it was written.
    """

    input: Any
    output: Any
    params: SimpleNamespace
    wildcards: Any
    threads: int
    profile: Mapping[str, Any]


def run_job(work: Callable[[Job], None], snakemake: Any) -> None:
    """Run `work(job)`, its output also in the rule's log; a FewstepError becomes one sentence and status 1."""
    params = SimpleNamespace(**snakemake.params.of)
    job = Job(snakemake.input, snakemake.output, params, snakemake.wildcards, snakemake.threads, snakemake.config)
    with open(snakemake.log[0], "w", buffering=1, encoding="utf-8") as log:
        sys.stdout, sys.stderr = _Tee(sys.__stdout__, log), _Tee(sys.__stderr__, log)
        try:
            work(job)
        except FewstepError as error:
            print(f"fewstep: {error}", file=sys.stderr)
            raise SystemExit(1) from None
        except Exception:
            traceback.print_exc()
            raise SystemExit(1) from None
        finally:
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


class _Tee:
    """Writes to the terminal and to the log; what the terminal's encoding lacks is written as its code (\\xe9)."""

    def __init__(self, *streams: Any):
        self.streams = streams

    def write(self, text: str) -> int:
        for stream in self.streams:
            encoding = stream.encoding or "utf-8"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()

    def isatty(self) -> bool:
        return self.streams[0].isatty()
