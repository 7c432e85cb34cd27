"""On a Dask cluster: the bytes of a local run, whatever becomes of a worker, and a clear word when it cannot be."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.batch import run as batch
from analysis.foundations.files import write_whole
from analysis.foundations.observation import Reads
from analysis.reports import edition as editions
from analysis.reports.kept.freshness import Watch
from tests.reports.conftest import RICH, SMALL, code, markdown, notebook, parameters
from tests.reports.test_incremental import BASE, FIGURES, keep
from tests.reports.test_run import pacte, started, written
from tests.waiting import eventually

dask = pytest.importorskip("dask", reason="the extra `distributed` is not installed")
distributed = pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
psutil = pytest.importorskip("psutil")

from analysis.batch import arrivals, cluster  # noqa: E402 - it needs them
from analysis.reports.beside import downloads  # noqa: E402 - it needs them

pytestmark = pytest.mark.slow

QUIET = {
    "distributed.worker.daemon": False,
    "distributed.nanny.environ": {"DASK_LOGGING__DISTRIBUTED": "critical"},
}

KILLS = """\
import os, signal
from pathlib import Path
mark = Path(os.environ['PACTE_HOME']) / 'killed'
server = Path(f'/proc/{os.getppid()}/stat').read_text().split()
worker = Path(f'/proc/{server[3]}')
if territory == '974' and not mark.exists() and b'spawn_main' in (worker / 'cmdline').read_bytes():
    mark.touch()
    os.kill(int(worker.name), signal.SIGKILL)
    signal.pause()
"""
"""The Dask worker is killed while it makes this report, the first time; no other process is."""

BREAKS = "import os\nif territory == '2A':\n    os._exit(7)\nif territory == '67':\n    raise ValueError(os.getcwd())"

SHARES = code(
    "from analysis.reports.kept import shared\nshared.common('essai', lambda panel, catalogue: len(panel.indicators), panel)"
)

WAITS = """\
import os, time
from pathlib import Path
mark = Path(os.environ['PACTE_HOME']) / 'joined'
(mark.parent / f'process-{territory}').write_text(str(os.getpid()))
while territory == '67' or territory == '974' and not mark.exists():
    time.sleep(0.05)
"""
"""One report ends at once, one when a worker has joined, one never."""


@pytest.fixture(scope="module")
def dask_cluster():
    """Two workers of one thread, in processes of their own that may start others."""
    with (
        dask.config.set(QUIET),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
        ) as running,
    ):
        yield running


@pytest.fixture
def address(dask_cluster):
    dask_cluster.wait_for_workers(2)
    return dask_cluster.scheduler_address


def report(out, *more, ok=0):
    return pacte("report", "--all", "--edition", "essai", "--out", out, *more, ok=ok)


def made(out, root, address=None, *, listener=lambda result, seconds: None, tasks=None, **options):
    """Make the edition `essai` by the library, for what the command has no option for."""
    chosen = editions.load("essai", root)
    every, books = editions.plan(chosen, (), (), (), root)
    if tasks:
        every = [next(t for t in every if str(t) == f"{name} fr") for name in tasks]
    options = batch.Options(**{"scheduler": address, "workers": None if address else 2, **options})
    return batch.run(chosen, every, books, root, out, options=options, listener=listener)


@contextmanager
def joining(address):
    """A worker that may not start processes."""
    command = [
        sys.executable,
        "-m",
        "dask",
        "worker",
        address,
        "--nworkers",
        "1",
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "True"}
    worker = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


def nothing_left(dask_cluster):
    """Whether workers are without processes below them, without plugins and files of ours."""
    workers = [psutil.Process(nanny.process.pid) for nanny in dask_cluster.workers.values()]
    below = [child for worker in workers for child in worker.children(recursive=True)]
    left = [words for words in map(_words, below) if "resource_tracker" not in words]
    left += [name for name in dask_cluster.scheduler.worker_plugins if name.startswith("pacte-")]
    left += [p for nanny in dask_cluster.workers.values() for p in Path(nanny.worker_dir).rglob("pacte-*")]
    return not left


def _words(process):
    """The command of a process; that of one which may stay, when it ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return "resource_tracker"


def spied(monkeypatch, owner, name, look):
    """What ``look`` sees after each call of a method, as a list that grows."""
    method, seen = getattr(owner, name), []

    def call(self, *arguments):
        answer = method(self, *arguments)
        seen.append(look(self, *arguments))
        return answer

    monkeypatch.setattr(owner, name, call)
    return seen


@pytest.mark.parametrize("way", ["shared folder", "archive"])
def test_what_is_left_is_what_a_local_run_leaves(
    make_project, tmp_path, address, dask_cluster, monkeypatch, way
):
    """Pages, errors, index, manifest, records: also when a worker is lost, and whatever was there before."""
    shared = way == "shared folder"
    cells = RICH if shared else (parameters(), FIGURES, SHARES, markdown("## A", "fr"))
    broken = (parameters(), code(KILLS if shared else "1"), code(BREAKS))
    root = make_project(essai=notebook(*cells), casse=notebook(*broken))
    keep(root, **BASE)
    for name in ("67/casse.html", "974/casse.error.txt", "974/casse.failed.ipynb"):
        write_whole(tmp_path / "there/essai" / name, b"of an earlier run")
    with distributed.Client(address, set_as_default=False) as killed:
        killed.register_plugin(distributed.WorkerPlugin(), name="pacte-of-a-run-that-was-killed")
    packed = spied(monkeypatch, cluster.Inputs, "packed", lambda inputs: 1)
    pending = spied(monkeypatch, cluster.Cluster, "_await", lambda self, *_: len(self._pending))
    apart = {} if shared else {"workers": 1, "results": tmp_path / "results"}
    there, local = made(tmp_path / "there", root, address, **apart), made(tmp_path / "local", root)
    assert (there.workers, max(pending), len(packed)) == ((2, 6, 0) if shared else (1, 1, 1))
    assert (root / "killed").exists() if shared else (tmp_path / "results/essai.result").is_file()
    assert [(len(run.done), len(run.failed)) for run in (there, local)] == [(4, 2), (4, 2)]
    assert written(tmp_path / "there/essai") == written(tmp_path / "local/essai")
    records = [sorted((tmp_path / name / "essai/.records").glob("*/*.json")) for name in ("there", "local")]
    assert [p.read_bytes() for p in records[0]] == [p.read_bytes() for p in records[1]] and len(
        records[0]
    ) == 4
    assert nothing_left(dask_cluster)


def test_a_report_that_takes_its_workers_down_fails_alone(
    make_project, tmp_path, address, dask_cluster, monkeypatch
):
    monkeypatch.setattr(dask_cluster.scheduler, "allowed_failures", 0)
    root = make_project(essai=notebook(parameters(), code(KILLS)))
    there = made(tmp_path / "there", root, address)
    assert [r.reason for r in there.failed] == ["each of the 1 workers that began it died"]
    assert (tmp_path / "there/essai/974/essai.error.txt").is_file() and len(there.done) == 2


def test_a_worker_that_joins_unfit_is_left_out_and_ctrl_c_stops_the_others(
    make_project, tmp_path, address, dask_cluster, caplog
):
    names = [f"essai{number}" for number in range(3)]
    root = make_project(**dict.fromkeys(names, notebook(parameters(), code(WAITS))))
    ended = []

    def listener(result, seconds):
        ended.append(result)
        if len(ended) == 1:
            stack.enter_context(joining(address))
            dask_cluster.wait_for_workers(3)
            (root / "joined").touch()
        if len(ended) == 5:
            eventually((root / "process-67").exists)
            raise KeyboardInterrupt

    tasks = ["2A essai0", "67 essai0", "974 essai0", "974 essai1", "974 essai2", "2A essai1", "2A essai2"]
    with ExitStack() as stack:
        there = made(tmp_path / "there", root, address, listener=listener, tasks=tasks)
    assert there.interrupted and (len(there.done), len(there.failed), there.left) == (5, 0, 2)
    assert "is left out: it may not start processes" in caplog.text
    manifest = json.loads((tmp_path / "there/essai/manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["reports"]) == 5 and (tmp_path / "there/essai/index.html").is_file()
    assert nothing_left(dask_cluster)
    assert not psutil.pid_exists(int((root / "process-67").read_text()))


def test_what_workers_were_given_is_erased_when_the_command_is_killed(
    make_project, tmp_path, address, dask_cluster
):
    root = make_project(essai=notebook(parameters(), code(WAITS)))
    words = ("report", "67", "--edition", "essai", "--out", tmp_path / "out", "--scheduler", address)
    killed = started(*words, cwd=tmp_path)
    try:
        eventually((root / "process-67").exists)
        assert not nothing_left(dask_cluster)
    finally:
        killed.kill()
        killed.communicate()
    eventually(lambda: nothing_left(dask_cluster))
    eventually(lambda: not psutil.pid_exists(int((root / "process-67").read_text())))
    eventually(lambda: not [name for name in dask_cluster.scheduler.plugins if name.startswith("pacte-")])


# ------------------------------------------------------------------------------------------------------------- refusals


def test_what_is_no_scheduler_is_refused_with_the_remedy(make_project, tmp_path, monkeypatch):
    make_project(essai=notebook(*SMALL))
    monkeypatch.setattr(cluster, "CONNECT", 0.2)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:port", "tls://127.0.0.1:1"):
        output = report(tmp_path / "out", "--scheduler", address, ok=1)
        assert f"no Dask scheduler answers at {address}" in output and "dask scheduler" in output
    assert not list((tmp_path / "out/essai").glob("*.html"))


def test_what_listens_and_says_nothing_is_refused_after_a_wait():
    """A port without a scheduler, and one that says that it is and then nothing more: without a limit, no end."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(
            cluster.ClusterError, match=rf"{address} \(TimeoutError: nothing was said in 0.3 s\)"
        ):
            cluster.connected(address, 0.3)
    for kind, words in (("Scheduler", "TimeoutError"), ("Worker", "is no scheduler")):
        with speaking(kind) as address, pytest.raises(cluster.ClusterError, match=words):
            cluster.connected(address, 2.0)


@contextmanager
def speaking(kind):
    """The address of a server that says what it is, and nothing else."""

    async def forever(**_):
        await asyncio.Event().wait()

    async def serve():
        handlers = {"identity": lambda **_: {"type": kind}, "register-client": forever}
        server = distributed.core.Server(handlers, stream_handlers={})
        await server.listen("tcp://127.0.0.1:0")
        found.put(server.address)
        await asyncio.to_thread(done.wait)
        await server.close()

    found, done = queue.SimpleQueue(), threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield found.get(timeout=60)
    finally:
        done.set()


def test_a_cluster_without_workers_is_refused_after_a_wait(make_project, tmp_path, monkeypatch):
    make_project(essai=notebook(*SMALL))
    monkeypatch.setattr(cluster, "WAIT", 0.2)
    with distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as empty:
        output = report(tmp_path / "out", "--scheduler", empty.scheduler_address, ok=1)
    assert f"has had no worker for 0.2 s: start some with `dask worker {empty.scheduler_address}`" in output


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("libraries", "it has pandas"),
        ("code", "its package `analysis` is not that of this machine"),
        ("hindrance", "it cannot load the package `analysis` as it is here"),
        ("_forgotten", "cannot load the package `analysis`"),
    ],
)
def test_a_worker_that_would_make_other_bytes_is_named_and_refused(
    small, tmp_path, address, monkeypatch, what, words
):
    report(tmp_path / "out")
    before = written(tmp_path / "out/essai")
    if what in ("libraries", "code"):
        value = "0" * 64 if what == "code" else cluster.fingerprint.libraries() | {"pandas": "1.0"}
        monkeypatch.setattr(cluster.fingerprint, what, lambda: value)
    else:
        monkeypatch.setattr(cluster, what, ReadBack())
    output = report(tmp_path / "out", "--force", "--scheduler", address, ok=1)
    who = f"the scheduler at {address}" if what == "_forgotten" else "worker tcp://127.0.0.1:"
    assert who in output and words in output and ("and 1 more worker" in output) == who.startswith("worker")
    assert written(tmp_path / "out/essai") == before


class ReadBack:
    """What a worker cannot read back, as when it has no such module."""

    def __reduce__(self):
        return __import__, ("no_such_module",)

    def __call__(self, *args):
        raise AssertionError


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("multiprocessing", SimpleNamespace(current_process=lambda: SimpleNamespace(daemon=True))),
            "DAEMON=False",
        ),
        (("_LOADED", "0" * 64), "restart it"),
        (("_LOADED", None), None),
    ],
)
def test_what_keeps_a_worker_from_making_reports(monkeypatch, change, words):
    name, value = change
    code = cluster.fingerprint.code()
    monkeypatch.setattr(cluster, name, value or code)
    found = cluster.hindrance(code, cluster.fingerprint.libraries())
    assert found is None if words is None else words in found


def test_without_the_extra_the_remedy_is_said(small, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "analysis.batch.cluster")
    monkeypatch.delattr("analysis.batch.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    output = report(tmp_path / "out", "--scheduler", "tcp://127.0.0.1:8786", ok=1)
    assert "no distributed here" in output and 'pip install "pacte-evaluation[distributed]"' in output


def test_what_was_made_before_a_cluster_is_lost_is_entered(small, tmp_path):
    def lost(result, seconds):
        raise cluster.ClusterError("lost")

    with pytest.raises(cluster.ClusterError):
        made(tmp_path / "out", small, listener=lost)
    manifest = json.loads((tmp_path / "out/essai/manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["reports"]) == 1 and (tmp_path / "out/essai/index.html").is_file()


def test_a_cluster_that_is_lost_is_said(monkeypatch):
    monkeypatch.setattr(cluster, "WAIT", 0.0)
    here = cluster.Cluster.__new__(cluster.Cluster)
    here._address, here._done = "tcp://there:1", cluster.queue.SimpleQueue()
    here._client = SimpleNamespace(status="closed")
    with pytest.raises(cluster.ClusterError, match="has had no worker"):
        here._next()

    def dropped(timeout):
        raise distributed.client.FutureCancelledError("a-key", "scheduler-connection-lost")

    with pytest.raises(cluster.ClusterError, match=r"there:1 was lost.*connection-lost.*only what is left"):
        here._end(SimpleNamespace(result=dropped), None)


def test_folders_of_a_worker_stay_there(small, tmp_path):
    plugin = cluster.RunPlugin("pacte-x", ("", {}), cluster.Inputs.of(small, small), None, {}, {})
    plugin._home, plugin._root = tmp_path, tmp_path / "inputs"
    end = cluster.pool.Ended(None, None, f"SystemExit: 4\nFile {tmp_path}/inputs/notebooks/x.py", 0.1)
    assert str(tmp_path) not in plugin._made(end).end.problem


@pytest.mark.parametrize("harm", ["page", "archive"])
def test_what_was_damaged_on_its_way_is_seen(small, tmp_path, harm):
    """Checksums are verified where things arrive."""
    inputs = cluster.Inputs.of(small, tmp_path / "results")
    assert inputs.packed() == inputs.packed() and not inputs.seen_here()
    within = cluster.Inputs.of(small, small / "results")
    assert within.seen_here()
    (small / "editions/more.yml").write_text("")
    assert not within.seen_here() and within.sha256 != cluster.Inputs.of(small, small / "results").sha256
    if harm == "archive":
        packed = (inputs.packed()[:-1] + b"x", cluster.sha256_of(inputs.packed()))
        plugin = cluster.RunPlugin("pacte-x", ("", {}), inputs, packed, {}, {})
        with pytest.raises(cluster.ClusterError, match="damaged on their way"):
            plugin._unpack(tmp_path)
    else:
        chosen = editions.load("essai", small)
        (task, *_), books = editions.plan(chosen, ["67"], (), (), small)
        job = cluster.Job(task, books["essai"], small, tmp_path, None, "pacte", 60.0, tmp_path, tmp_path)
        result = cluster.Result(task, sha256=cluster.sha256_of(b"whole"))
        assert "damaged on its way" in cluster._adopted(job, result, {"67/essai.html": b"whol"}).reason
        assert cluster._adopted(job, result, {"67/essai.html": b"whole"}).reason is None
        assert [path.name for path in (tmp_path / "67").iterdir()] == ["essai.html"]


def answer(job, **change):
    """What a worker gives back of a report that it made, with something changed."""
    beside = dict.fromkeys(downloads.names(job.task).values(), cluster.sha256_of(b"a"))
    watch = Watch({"analysis.data.panel", "analysis.foundations.values.*"}, beside=beside)
    watch.reads.files.update({"parameters/peers.yml", "drees/x.source.yml", "local/"})
    result = cluster.Result(job.task, cluster.sha256_of(b"page"), 4, beside=beside, watch=watch)
    content = {
        "result": result,
        "problem": None,
        "files": {"67/essai.html": b"page", **dict.fromkeys(beside, b"a")},
        "results": {},
    }
    content |= {"results": {"essai.result": b"x"}} | change
    end = cluster.pool.Ended(None, content["result"], content["problem"], 0.1)
    return cluster.Made(end, content["files"], content["results"])


def forged(**change):
    return lambda job: {"result": replace(answer(job).end.result, **change)}


WATCHED = {"modules": {"analysis/../../x"}}, {"reads": Reads(files={"../../../etc/passwd"})}, {"reads": 1}


@pytest.mark.parametrize(
    "change",
    [
        lambda job: {"files": {"67/essai.html": b"page", "67/essai.csv": b"a", "../x.html": b"x"}},
        lambda job: {"files": {"67/essai.html": b"page", "//x.html": b"x"}},
        lambda job: {"files": {"67/essai.html": b"page", "68/essai.html": b"x"}},
        lambda job: {"files": {"67/essai.html": "page"}},
        lambda job: {"files": [b"x"]},
        lambda job: {"results": {"../x.result": b"x"}},
        lambda job: {"results": {"site.json": b"x"}},
        lambda job: {"results": {".x.result": b"x"}},
        lambda job: {"results": {"x.result": b"xx" * 2**20}},
        lambda job: {"result": None},
        lambda job: {"result": None, "problem": "x"},
        lambda job: {"result": "fine"},
        lambda job: {"result": replace(answer(job).end.result, reason="x"), "files": {"67/essai.html": b"x"}},
        lambda job: {"result": replace(answer(job).end.result, task=replace(job.task, territory="68"))},
        forged(beside={"../x.html": "0" * 64}), forged(sha256=b"x"), forged(reason=1), forged(stages={"a": "b"}),
        forged(bytes="4"), forged(watch="x"), forged(wants="x"), forged(stages=None),
        *(forged(watch=Watch(**change)) for change in WATCHED),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_what_was_asked_writes_nothing(small, tmp_path, monkeypatch, change):
    monkeypatch.setattr(arrivals, "LARGEST", 2**20)
    chosen = editions.load("essai", small)
    (task, *_), books = editions.plan(chosen, ["67"], (), (), small)
    job = cluster.Job(
        task, books["essai"], small, tmp_path / "out", None, "pacte", 60.0, tmp_path, tmp_path / "results"
    )
    end = cluster._received(job, answer(job, **change(job)))
    assert end.result is None and end.problem.startswith("its worker gave back ")
    assert not (tmp_path / "out").exists() and not (tmp_path / "results").exists()
    assert cluster._received(job, 7).problem == "its worker gave back no report"
    assert cluster._received(job, answer(job)).result.reason is None
    left = {path.name for path in tmp_path.rglob("*") if path.is_file() and small not in path.parents}
    assert left == {
        "essai.html",
        "essai.result",
        *(Path(name).name for name in downloads.names(task).values()),
    }


def test_inputs_that_a_worker_cannot_use_are_erased_at_once(small, tmp_path):
    inputs = cluster.Inputs.of(small, tmp_path / "results")
    needs = (cluster.fingerprint.code(), cluster.fingerprint.libraries())
    plugin = cluster.RunPlugin(
        "pacte-x", needs, replace(inputs, sha256="0" * 64), (inputs.packed(), "0" * 64), {}, {}
    )
    worker = SimpleNamespace(local_directory=str(tmp_path / "worker"), address="tcp://there:1")
    (tmp_path / "worker").mkdir()
    with pytest.raises(cluster.Unfit, match="damaged on their way"):
        asyncio.run(plugin.setup(worker))
    assert not list((tmp_path / "worker").iterdir())
