"""When a machine is called noisy, and when half precision is refused."""

import pytest

from fewstep.base.errors import FewstepError
from fewstep.speed.environment import cpu_flags, machine_load, quality, require_dtype


@pytest.mark.parametrize(
    "others, drift, expected",
    [(0.9, 0.05, "ok"), (1.1, 0.0, "noisy"), (0.0, 0.11, "noisy"), (0.0, 0.0, "ok")],
)
def test_quality_on_two_cores(others, drift, expected):
    assert quality(others, drift, cores=2) == expected


def test_bfloat16_is_refused_without_its_instructions():
    with pytest.raises(FewstepError, match="bfloat16: this CPU has none of amx_bf16, avx512_bf16, bf16"):
        require_dtype("cpu", "bfloat16", frozenset({"avx2", "avx512f"}))


def test_bfloat16_is_allowed_with_them_and_on_cuda():
    require_dtype("cpu", "bfloat16", frozenset({"avx512_bf16"}))
    require_dtype("cuda", "bfloat16", frozenset())
    require_dtype("cpu", "float32", frozenset())


def test_flags_of_x86_and_arm_and_of_a_system_without_the_list(tmp_path):
    x86 = tmp_path / "x86"
    x86.write_text("processor\t: 0\nflags\t\t: fpu avx2 avx512_bf16\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    arm = tmp_path / "arm"
    arm.write_text("processor\t: 0\nFeatures\t: fp asimd bf16\n")
    assert cpu_flags(x86) == {"fpu", "avx2", "avx512_bf16"}
    assert cpu_flags(arm) == {"fp", "asimd", "bf16"}
    assert cpu_flags(tmp_path / "absent") == frozenset()


def test_load_counts_the_threads_of_others(tmp_path):
    stat = tmp_path / "stat"
    stat.write_text("cpu  1 2 3\nprocs_running 6\nprocs_blocked 0\n")
    load = machine_load(stat, samples=2)
    assert load.others == 5.0 and load.load1 >= 0.0


def test_without_proc_the_load_average_stands_in(tmp_path):
    load = machine_load(tmp_path / "absent")
    assert load.others == load.load1
