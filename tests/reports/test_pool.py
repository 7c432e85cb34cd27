"""Processes: nothing passes from one job to the next, and a job that dies fails alone."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from analysis.reports import pool
from analysis.reports.pool import Pool
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


HEAVY = ("diff_diff", "distributed", "pandera", "scipy.optimize", "scipy.stats", "statsmodels")


@pytest.mark.skipif(pool.method() != "forkserver", reason="this system does not fork safely")
def test_a_report_finds_what_it_needs_and_nothing_that_only_shared_results_need():
    loaded, cold = "sorted(sys.modules)", "sys.modules['analysis.reports.warm'].COLD"
    pool.cool()
    try:
        ends = run(
            [loaded, cold], warm={"modules": ["analysis.reports.sections"], "root": "", "notebooks": []}
        )
    finally:
        pool.cool()
    names, unwanted = ends[loaded].result, tuple(f"{name}." for name in {*HEAVY, *ends[cold].result})
    assert {"matplotlib.pyplot", "scipy.special", "analysis.indicators.take_up"} <= set(names)
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
    ends = Pool(act, workers=2, timeout=600).run(["1", "time.sleep(600)", "2"])
    assert next(ends).result == 1
    ends.close()
    assert not multiprocessing.active_children()


def test_ctrl_c_while_a_process_starts_leaves_none_behind(monkeypatch):
    workshop = Pool(act, timeout=600)
    launch = workshop._launch

    def interrupted(job):
        signal.raise_signal(signal.SIGINT)
        return launch(job)

    monkeypatch.setattr(workshop, "_launch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(workshop.run(["time.sleep(600)"]))
    assert not multiprocessing.active_children()


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
from analysis.reports.pool import Pool
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
