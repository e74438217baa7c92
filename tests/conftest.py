"""Fixtures that several folders share."""

import gc
import itertools
import os
import re
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import filelock
import pytest
from cheap_faces import each_moment_once, each_person_once
from detector import build_detector

os.environ.setdefault("OMP_NUM_THREADS", "1")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: what tests start would ignore it too
    signal.signal(signal.SIGINT, signal.default_int_handler)


gc.disable()  # while tests are collected nearly all that is made is kept


def pytest_collection_finish() -> None:
    """Let the collector of cycles look less often: going through all that was imported took a tenth of the time."""
    gc.set_threshold(10_000, 20, 50)
    gc.enable()


NUMBERS = itertools.count(1)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own, as pytest's: which reads the names of all others first, of thousands in the end."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / f"{name}-{next(NUMBERS)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No root or workspace of the developer's own reaches a test, and nothing is written outside its folder."""
    for name in list(os.environ):
        if name.startswith("FACEMOTION_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def usual_collector() -> Iterator[None]:
    """The collector of cycles as it is usually: for tests of how much memory something takes."""
    here = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*here)


CkTree = Callable[..., Path]


@pytest.fixture
def ck_tree(tmp_path: Path) -> CkTree:
    """Return a function that writes a tree with CK+'s names; its pictures are empty files.

    ``sequences`` maps ``S005_001`` to (code or None, number of frames).
    """

    def build(
        sequences: dict[str, tuple[float | None, int]],
        *,
        root: str = "ck",
        images: str = "cohn-kanade-images/{subject}/{session}",
        labels: str = "Emotion/{subject}/{session}",
        label_text: str = "   {code:.7e}\n",
    ) -> Path:
        top = tmp_path / root
        for name, (code, frames) in sequences.items():
            subject, session = name.split("_")
            places = {"subject": subject, "session": session}
            folder = top / images.format(**places)
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(1, frames + 1):
                (folder / f"{name}_{number:08d}.png").touch()
            folder = top / labels.format(**places)
            folder.mkdir(parents=True, exist_ok=True)
            if code is not None:
                (folder / f"{name}_{frames:08d}_emotion.txt").write_text(label_text.format(code=code))
        return top

    return build


def shared(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a path that all of pytest's workers share."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"


def shared_tree(factory: pytest.TempPathFactory, name: str, render: Callable[[Path], None]) -> Path:
    """Return a rendered tree that all of pytest's workers share; the first to come makes it."""
    root = shared(factory, name)
    with filelock.FileLock(f"{root}.lock"):
        if not root.exists():
            with each_person_once(shared(factory, "people")):
                render(root)  # appears under its name when it is complete
    return root


@pytest.fixture
def cheaply(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Render at less cost in this process, see `cheap_faces`: for tests of what comes after."""
    with each_person_once(shared(tmp_path_factory, "people")), each_moment_once():
        yield


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return a function that makes a folder once for all of pytest's workers; see `shared_tree`."""
    return partial(shared_tree, tmp_path_factory)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered CK+ tree of four subjects, small and clean; do not write into it."""
    from facemotion.config import DemoSettings
    from facemotion.demo import render_ckplus

    settings = DemoSettings(subjects=4, frames=4, size=(112, 144), seed=3)
    return shared_tree(tmp_path_factory, "ckplus", lambda root: render_ckplus(root, settings, workers=1, clean=True))


@pytest.fixture(scope="session")
def ckplus_quirks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered CK+ tree with every quirk; do not write into it."""
    from facemotion.config import DemoSettings
    from facemotion.demo import render_ckplus

    settings = DemoSettings(subjects=4, frames=5, size=(112, 144), seed=3)
    return shared_tree(tmp_path_factory, "ckplus-quirks", lambda root: render_ckplus(root, settings, workers=1))


@pytest.fixture(scope="session")
def mmi_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered MMI tree with every quirk: lying, upright and both dual views; do not write into it."""
    from facemotion.config import DemoSettings
    from facemotion.demo import render_mmi

    settings = DemoSettings(subjects=4, frames=4, size=(112, 144), seed=3)
    return shared_tree(tmp_path_factory, "mmi", lambda root: render_mmi(root, settings, workers=1))


@pytest.fixture(scope="session")
def oulu_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered Oulu-CASIA tree with every quirk; do not write into it."""
    from facemotion.config import DemoSettings
    from facemotion.demo import render_oulu_casia

    settings = DemoSettings(subjects=2, frames=4, size=(112, 144), seed=3)
    return shared_tree(tmp_path_factory, "oulu", lambda root: render_oulu_casia(root, settings, workers=1))


def two_people(factory: pytest.TempPathFactory, layout: str) -> Path:
    """Return a shared folder with two trees of a layout, ``quirks`` and ``clean``: two people in small pictures."""
    from facemotion import datasets
    from facemotion.config import DemoSettings

    settings, render = DemoSettings(subjects=2, frames=4, size=(96, 96)), datasets.layouts()[layout]

    def both(folder: Path) -> None:
        part = folder.with_suffix(".part")
        with each_moment_once():
            for name in ("quirks", "clean"):
                render(part / name, settings, workers=1, clean=name == "clean")
        part.rename(folder)

    return shared_tree(factory, f"two-{layout}", both)


@pytest.fixture(scope="session")
def quirks(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function of a layout's name: two small people as it, with every quirk; do not write into the tree."""
    return lambda layout: two_people(tmp_path_factory, layout) / "quirks"


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function of a layout's name: two small people as it, without quirks; do not write into the tree."""
    return lambda layout: two_people(tmp_path_factory, layout) / "clean"


@pytest.fixture(scope="session", name="build_detector")
def detector_builder() -> Callable[..., Path]:
    """Return `detector.build_detector`; skip where insightface is not installed."""
    pytest.importorskip("insightface", reason='insightface is not installed: pip install "facemotion[insightface]"')
    return build_detector


@pytest.fixture
def run() -> Callable[..., object]:
    """Return a function that runs the command line in this process and gives click's result."""
    from click.testing import CliRunner

    from facemotion_cli.root import main

    def call(*arguments: object, fails: bool = False) -> object:
        # wide, so that no line breaks within a long path
        result = CliRunner(env={"COLUMNS": "400"}).invoke(main, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert (result.exit_code != 0) == fails, result.output
        return result

    return call
