"""Processes: nothing passes from one job to the next, and a job that dies fails alone."""

import ctypes
import mmap
import os
import pickle  # noqa: F401 - jobs use it
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from analysis.batch import child, deaths, forks, pool, processes, surroundings
from analysis.batch.pool import Pool
from analysis.reports.edition import imports
from tests.waiting import eventually


def act(job):
    """Run one line of code in a child and say what it leaves."""
    return eval(
        job,
        {
            "os": os,
            "sys": sys,
            "time": time,
            "signal": signal,
            "threading": threading,
            "leave": leave,
            "pool": pool,
            "mmap": mmap,
            "np": np,
            "helpers": sys.modules[__name__],
        },
    )


def leave():
    """Change all that a report could change, after having looked at it."""
    import random
    import warnings

    import matplotlib as mpl
    import matplotlib.pyplot as plt
    import numpy as np
    import pandas as pd

    found = (
        mpl.rcParams["font.size"],
        len(warnings.filters),
        random.random(),
        float(np.random.rand()),
        pd.get_option("display.max_rows"),
        str(Path.cwd()),
        os.environ.get("LEFT"),
        "left" in sys.modules,
        getattr(np, "left", None),
        np.geterr()["divide"],
        plt.get_fignums(),
        signal.getsignal(signal.SIGUSR1),
    )
    mpl.rcParams["font.size"] = 99
    warnings.simplefilter("ignore")
    pd.set_option("display.max_rows", 3)
    os.chdir("/")
    os.environ["LEFT"] = "1"
    sys.modules["left"] = sys
    np.left = 1
    np.seterr(divide="ignore")
    plt.figure()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    return found


def run(jobs, **options):
    return {end.job: end for end in Pool(act, **options).run(jobs)}


def test_a_job_may_give_its_result_from_anywhere_and_nothing_of_it_runs_after():
    assert [end.result for end in Pool(act).run(["[pool.hand_over(7), 1 / 0]"])] == [7]
    with pytest.raises(RuntimeError, match="no job runs here"):
        pool.hand_over(7)


class Growing:
    """Jobs of which the last is known when the one before has ended."""

    def __init__(self, *jobs):
        self.ready = list(jobs)

    def __iter__(self):
        return self

    def __next__(self):
        if not self.ready:
            raise StopIteration
        return self.ready.pop(0)


def test_jobs_that_come_when_none_was_left_are_done():
    jobs = Growing("1", "2")
    found = []
    for end in Pool(act, workers=3).run(jobs):
        found.append(end.result)
        if end.job == "2":
            jobs.ready += ["3", "4"]
    assert sorted(found) == [1, 2, 3, 4]


def test_nothing_passes_from_one_job_to_the_next():
    ends = [end.result for end in Pool(act).run(["leave()", "leave( )", "leave(  )"])]
    assert ends[0] is not None and ends.count(ends[0]) == 3


@pytest.mark.parametrize(
    ("job", "problem"),
    [
        ("os._exit(3)", "its process ended by itself with code 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "its process was killed (SIGKILL)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "its process was killed (SIGSEGV)"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("sys.exit(4)", "SystemExit: 4"),
        ("lambda: 0", "Error"),  # a result that cannot be handed over
        ("time.sleep(60)", "stopped after 5 s"),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN) and 0 or time.sleep(60)", "stopped after 5 s"),
    ],
)
def test_a_job_that_dies_fails_alone(job, problem, monkeypatch):
    monkeypatch.setattr(pool, "GRACE", 0.3)
    ends = run(["1 + 1", job, "2 + 2"], workers=2, timeout=5 if "sleep" in job else 60)
    assert problem in ends[job].problem and ends[job].result is None
    assert ends["1 + 1"].result == 2 and ends["2 + 2"].result == 4


def ended(number):
    """Whether a process is gone, or only waits to be reaped by whoever adopted it."""
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_job_that_leaves_threads_and_processes_ends_with_them():
    thread = "threading.Thread(target=time.sleep, args=(600,)).start()"
    child = "__import__('subprocess').Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid"
    ends = run([thread, child], timeout=60)
    assert ends[thread].problem is None and ends[child].problem is None
    eventually(lambda: ended(ends[child].result))


LINUX = pytest.mark.skipif(pool.method() != "forkserver", reason="watched on Linux only")


def reserve(*, writable):
    """Take 16 GiB of address space as a compiled library does where the cache is large, and touch none of it."""
    private, anonymous, no_reserve = 0x02, 0x20, 0x4000
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype, libc.mmap.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 4,
    )
    place = libc.mmap(None, 16 << 30, 3 if writable else 0, private | anonymous | no_reserve, -1, 0)
    return place not in (None, ctypes.c_void_p(-1).value)


def fill_shared():
    with mmap.mmap(-1, 2 << 30) as area:
        for start in range(0, 2 << 30, 1 << 24):
            area[start : start + (1 << 24)] = b"x" * (1 << 24)
        time.sleep(600)


def by_a_child(detached):
    code = "x = bytearray(2 << 30); import time; time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", code], start_new_session=detached)
    time.sleep(600)


@LINUX
@pytest.mark.parametrize(
    "job",
    ["helpers.reserve(writable=False)", "helpers.reserve(writable=True)", "bool(mmap.mmap(-1, 16 << 30))"],
)
def test_address_space_that_is_reserved_is_not_memory(job):
    assert run([job], memory=700)[job] == pool.Ended(job, True, None, pytest.approx(0, abs=600))


@LINUX
@pytest.mark.parametrize(
    "job",
    [
        "[bytearray(1 << 26) for _ in range(100)] and time.sleep(600)",
        "np.ones(1 << 30).sum() and time.sleep(600)",
        "helpers.fill_shared()",
        "helpers.by_a_child(detached=False)",
        "helpers.by_a_child(detached=True)",
    ],
)
def test_a_job_that_holds_too_much_fails_alone_and_says_what_it_held(job):
    ends = run(["1 + 1", job, "2 + 2"], memory=700, timeout=300)
    found = re.match(r"its process held (\d+) MiB of the 700 allowed \(--memory\)", ends[job].problem)
    assert found and int(found[1]) > 700
    assert ends["1 + 1"].result == 2 and ends["2 + 2"].result == 4


@LINUX
def test_memory_that_processes_share_is_counted_once():
    """Twenty forks of a process of 100 MiB hold no 2 GiB."""
    job = "[np.ones(100 << 17), [os.fork() or time.sleep(2) for _ in range(4)], time.sleep(1)] and 0"
    assert run([job], memory=700)[job].problem is None


@LINUX
def test_when_the_machine_has_no_memory_left_the_largest_job_ends(monkeypatch):
    monkeypatch.setattr(processes, "available", lambda: 10.0)
    job = "np.ones(100 << 20).sum() and time.sleep(600)"
    ends = run(["time.sleep(1)", job], memory=9000, workers=2)
    assert "when this machine had 10 MiB left" in ends[job].problem and ends["time.sleep(1)"].problem is None


def test_the_memory_left_is_that_of_the_smallest_group_around(tmp_path, monkeypatch):
    for folder, limit, taken in (
        ("", "max", "9000"),
        ("a", str(900 << 20), str(500 << 20)),
        ("a/b", "max", "0"),
    ):
        place = tmp_path / "cgroup" / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, text in (
            ("max", limit),
            ("current", taken),
            ("stat", f"anon 5\ninactive_file {100 << 20}\n"),
        ):
            (place / f"memory.{name}").write_text(text)
    (tmp_path / "self").mkdir()
    (tmp_path / "self/cgroup").write_text("0::/a/b\n")
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 2097152 kB\n")
    monkeypatch.setattr(processes, "PROC", tmp_path)
    monkeypatch.setattr(processes, "_CGROUPS", tmp_path / "cgroup")
    assert processes.available() == 500
    (tmp_path / "cgroup/a/memory.max").write_text("max")
    assert processes.available() == 2048


def test_where_the_system_tells_less_what_is_resident_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PROC", tmp_path)
    for number, status, rollup in (
        (1, "Name:\tx\nVmRSS:\t 2048 kB\n", "Pss: 9 kB\nSwapPss: 0 kB\n"),
        (
            2,
            "VmRSS: 9000 kB\nRssAnon: 1024 kB\nRssFile: 9 kB\nRssShmem: 1024 kB\nVmSwap: 1024 kB\n",
            "Pss: 5 kB\n",
        ),
        (
            3,
            "VmRSS: 9000 kB\nRssAnon: 4096 kB\n",
            "00-ff ---p 00:00 0 [rollup]\nPss_Anon: 1024 kB\nSwapPss: 1024 kB\n",
        ),
    ):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "status").write_text(status)
        (tmp_path / str(number) / "smaps_rollup").write_text(rollup)
    assert [processes.held(number) for number in (1, 2, 3, 4)] == [2, 3, 4, 0]
    assert [processes.share(number) for number in (1, 2, 3, 4)] == [2, 3, 2, 0]


TRACE = """\
Fatal Python error: Aborted

Current thread 0x00007f (most recent call first):
  File "/nowhere/.venv/lib/python3.11/site-packages/diff_diff/linalg.py", line 12 in solve_ols
  File "/nowhere/src/analysis/estimation/effects.py", line 3 in twfe
"""


@pytest.mark.parametrize(
    ("status", "said", "words"),
    [
        (
            -6,
            f"memory allocation of 17179869184 bytes failed\n{TRACE}",
            ["(SIGABRT) in diff_diff", "17179869184", "ulimit -v"],
        ),
        (-11, TRACE, ["(SIGSEGV) in diff_diff", "pacte doctor"]),
        (-11, TRACE.replace("site-packages", "src"), ["(SIGSEGV) when"]),
        (-9, "", ["(SIGKILL) when it held 812 MiB", "-j 1"]),
        (-4, "", ["SIGILL", "OPENBLAS_CORETYPE"]),
        (child.UNTOLD, "", ["could not write its answer", "TMPDIR"]),
        (None, "", ["nobody knows how"]),
    ],
)
def test_a_death_is_told_with_its_library_and_the_remedy(tmp_path, status, said, words):
    (tmp_path / child.ERRORS).write_text(said)
    line = deaths.reason(status, tmp_path, 812)
    assert all(word in line for word in words) and "\n" not in line


def test_the_last_words_of_a_process_are_kept_and_cut():
    job = "[os.write(2, b'x' * 99 + b'\\n') for _ in range(9999)] and os.write(2, b'OpenBLAS: no\\n') and os.abort()"
    problem = run([job])[job].problem
    assert "(SIGABRT)" in problem and "OpenBLAS: no" in problem and "Fatal Python error: Aborted" in problem
    assert len(problem) < 2 * deaths.LENGTH + 1000


# --------------------------------------------------------------------------------- what a job leaves is believed in nothing


def everywhere(content):
    """Write to all that the process has open, then close it."""
    for name in range(256):
        for act in (lambda n: os.write(n, content), lambda n: os.dup2(n, n + 200), os.close):
            try:
                act(name)
            except OSError:
                continue


def instead(kind, content=b"{}"):
    """Put something in the place of the answer of this process, and end it."""
    path = child._doing.place / child.ANSWER
    path.unlink()
    if kind == "file":
        path.write_bytes(content)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.with_name("other").write_bytes(content)
        path.symlink_to("other")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "long":
        with path.open("wb") as file:
            file.truncate(pool.LONGEST + 1)
    os._exit(0)


FORGED = b'{"result": 1}'
HARMED = Path(tempfile.gettempdir()) / "pacte-harmed"


class Harm:
    """What a reader of pickles would run."""

    def __reduce__(self):
        return os.mkdir, (str(HARMED),)


@pytest.mark.parametrize(
    "job",
    [
        "helpers.instead('file', b'\\x80\\x04garbage')",
        "helpers.instead('file', helpers.pickle.dumps(helpers.Harm()))",
        "helpers.instead('file', b'[' * 100000)",
        "helpers.instead('file', b'{\"result\": 1' )",
        "helpers.instead('file', b'[1]')",
        "helpers.instead('file', b'{\"problem\": 1}')",
        "helpers.instead('pipe')",
        "helpers.instead('folder')",
        "helpers.instead('link', helpers.FORGED)",
        "helpers.instead('device')",
        "helpers.instead('long')",
        "helpers.instead('nothing')",
    ],
)
def test_what_stands_in_place_of_an_answer_fails_its_job_only(job):
    ends = run(["1 + 1", job, "2 + 2"])
    assert "no answer that can be read" in ends[job].problem and ends[job].result is None
    assert ends["1 + 1"].result == 2 and ends["2 + 2"].result == 4
    assert not HARMED.exists()


def test_garbage_on_every_descriptor_disturbs_nobody():
    job = "helpers.everywhere(b'garbage') or 5"
    ends = run(["1 + 1", job, "2 + 2"], workers=2)
    assert [ends[one].result for one in ("1 + 1", job, "2 + 2")] == [2, 5, 4]


# -------------------------------------------------------------------------------------------------- processes that stay

AWAY = """\
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
"""


@LINUX
@pytest.mark.parametrize(
    "end", ["0", "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(600)"]
)
def test_what_left_the_session_of_a_job_ends_with_it(tmp_path, end):
    mark = tmp_path / "mark"
    write = f"open({str(mark)!r}, 'w').write(str(os.getpid()))"
    code = AWAY.replace("time.sleep(600)", f"{write}; time.sleep(600)")
    job = f"[exec({code!r}), [time.sleep(0.02) for _ in range(3000) if not os.path.exists({str(mark)!r})], {end}]"
    run([job], timeout=8 if "sleep(600)" in end else 60)
    number = int(eventually(lambda: mark.is_file() and mark.read_text()))
    eventually(lambda: ended(number))


@LINUX
@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_warm_process_that_is_stopped_or_killed_is_replaced_and_no_job_is_lost(
    monkeypatch, number, tmp_path
):
    monkeypatch.setattr(forks, "HELD_UP", 0.3)
    mark = tmp_path / "mark"
    waits = f"[time.sleep(0.02) for _ in range(3000) if not os.path.exists({str(mark)!r})] and 7"
    ends = Pool(act, workers=2, timeout=120).run(
        [waits, f"os.kill(os.getppid(), {int(number)})", "1 + 1", "2 + 2"]
    )
    found = {}
    for end in ends:
        found[end.job] = end
        if len(found) == 3:
            mark.touch()
    assert [end.problem for end in found.values()] == [None] * 4
    assert (found[waits].result, found["1 + 1"].result, found["2 + 2"].result) == (7, 2, 4)


@LINUX
def test_a_warm_process_that_never_answers_is_named(monkeypatch):
    monkeypatch.setattr(forks, "ANSWERS", 0.3)
    monkeypatch.setattr(forks, "TIMES", 2)
    monkeypatch.setattr(surroundings, "command", lambda *words, **_: [sys.executable, "-c", "input()"])
    pool.end_warm()
    try:
        with pytest.raises(
            forks.Lost, match=r"process \d+, from which .* forked, does not answer.*2 in a row"
        ):
            run(["1"])
    finally:
        pool.end_warm()


HEAVY = ("diff_diff", "distributed", "pandera", "scipy.optimize", "scipy.stats", "statsmodels")


@pytest.mark.skipif(pool.method() != "forkserver", reason="this system does not fork safely")
def test_a_report_finds_what_it_needs_and_nothing_that_only_shared_results_need():
    loaded, cold = "sorted(sys.modules)", "sys.modules['analysis.batch.warm'].COLD"
    pool.end_warm()
    try:
        given = sorted(imports("from analysis import open_report, sections"))
        ends = run([loaded, cold], warm={"modules": given, "root": "", "notebooks": []})
    finally:
        pool.end_warm()
    names, unwanted = ends[loaded].result, tuple(f"{name}." for name in {*HEAVY, *ends[cold].result})
    assert {"matplotlib.pyplot", "scipy.special", "analysis.reports.sections.take_up"} <= set(names)
    assert not [name for name in names if f"{name}.".startswith(unwanted)]


@pytest.mark.skipif(pool.method() != "forkserver", reason="this system does not fork safely")
def test_the_warm_process_has_one_thread_and_the_environment_that_bytes_depend_on():
    threads, seed, zone = "len(os.listdir(f'/proc/{os.getppid()}/task'))", "hash('x')", "time.tzname[0]"
    first = run([threads, seed, zone, "'papermill' in sys.modules", "threading.active_count()"])
    assert [first[job].result for job in (threads, zone, "'papermill' in sys.modules")] == [1, "UTC", True]
    assert first["threading.active_count()"].result == 1
    fixed = subprocess.run(
        [sys.executable, "-c", "print(hash('x'))"],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
    )
    assert first[seed].result == int(fixed.stdout)


@pytest.mark.slow
def test_where_forking_is_not_safe_each_job_starts_an_interpreter(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert pool.method() == "spawn"
    ends = run(["1 + 1", "os._exit(3)"], start="spawn", workers=2)
    assert ends["1 + 1"].result == 2 and "code 3" in ends["os._exit(3)"].problem


def test_closing_the_iterator_stops_what_runs():
    ends = Pool(act, workers=2, timeout=600).run(["os.getpid()", "time.sleep(600)", "2"])
    server = psutil.Process(next(ends).result and forks._server.number)
    assert eventually(server.children)
    ends.close()
    eventually(lambda: not server.children())


def test_ctrl_c_while_a_process_starts_leaves_none_behind(monkeypatch):
    executor = Pool(act, timeout=600)
    launch = executor._launch

    def interrupted(job):
        signal.raise_signal(signal.SIGINT)
        return launch(job)

    monkeypatch.setattr(executor, "_launch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(executor.run(["time.sleep(600)"]))
    eventually(lambda: not psutil.Process(forks._server.number).children())


def test_the_environment_of_the_caller_is_left_alone(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    before, main = dict(os.environ), sys.modules["__main__"]
    run(["1"])
    assert dict(os.environ) == before and sys.modules["__main__"] is main


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the system is asked to end them on Linux only"
)
@pytest.mark.parametrize("start", ["forkserver", "spawn"])
def test_what_runs_ends_when_the_run_is_killed(tmp_path, start):
    script = """
import sys
from analysis.batch.pool import Pool
from tests.reports.test_pool import act
job = "[open(sys.argv[-1], 'w').write(str(os.getpid())), time.sleep(600)]".replace("sys.argv[-1]", repr(sys.argv[1]))
list(Pool(act, start=sys.argv[2], timeout=600).run([job]))
"""
    path = tmp_path / "process"
    run = subprocess.Popen([sys.executable, "-c", script, path, start], cwd=Path(__file__).parents[2])
    number = int(eventually(lambda: path.is_file() and path.read_text()))
    run.kill()
    run.wait()
    eventually(lambda: ended(number))
