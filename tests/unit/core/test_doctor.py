import importlib
import sys
from importlib import metadata
from pathlib import Path

import pytest

from facemotion import doctor
from facemotion.doctor import devices, distributions, places
from facemotion.doctor.finding import Finding
from facemotion.workspace import Workspace, digest_bytes


@pytest.fixture
def installed(tmp_path: Path):
    """Return a function that writes the metadata of installed distributions and reads it as Python does."""

    def write(*names: str, requires: tuple[str, ...] = ()) -> list[metadata.Distribution]:
        site = tmp_path / "site-packages"
        for text in names:
            name, version = text.split("==")
            folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
            folder.mkdir(parents=True)
            lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
            lines += [f"Requires-Dist: {each}" for each in requires if name == "facemotion"]
            (folder / "METADATA").write_text("\n".join(lines) + "\n")
        return list(metadata.distributions(path=[str(site)]))

    return write


def test_one_runtime_is_right(installed) -> None:
    (finding,) = distributions.runtimes(installed("onnxruntime-gpu==1.31.1", "numpy==2.4.6"))
    assert finding == Finding("onnxruntime installed as", "onnxruntime-gpu 1.31.1")


def test_two_runtimes_are_told_with_the_repair(installed) -> None:
    found = installed("onnxruntime==1.32.0", "onnxruntime-gpu==1.31.1")
    (finding,) = distributions.runtimes(found)
    assert finding.value == "onnxruntime-gpu 1.31.1, onnxruntime 1.32.0"
    repair = "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu==1.31.1"
    assert finding.problem.endswith(f"overwrite each other's files, so that CUDA may be silently gone: {repair}")
    assert distributions.repair(iter(found)) == repair


def test_names_are_compared_as_pip_does(installed) -> None:
    (finding,) = distributions.runtimes(installed("ONNXRuntime==1.32.0", "onnxruntime_gpu==1.31.1"))
    assert "pip install onnxruntime-gpu==1.31.1" in finding.problem


def test_no_runtime_is_told(installed) -> None:
    (finding,) = distributions.runtimes(installed("numpy==2.4.6"))
    assert finding.value == "none"
    assert "is not installed: pip install onnxruntime" in finding.problem


def test_a_runtime_for_the_cpu_alone_is_no_problem(installed) -> None:
    (finding,) = distributions.runtimes(installed("onnxruntime==1.32.0"))
    assert not finding.problem


def test_several_opencvs_are_told_with_the_repair(installed) -> None:
    found = installed("opencv-python==5.0.0.93", "opencv-python-headless==4.12.0.88")
    (finding,) = distributions.opencv(found)
    assert finding.subject == "OpenCV installed as"
    assert finding.value == "opencv-python 5.0.0.93, opencv-python-headless 4.12.0.88"
    assert "overwrite each other's files" in finding.problem
    assert finding.problem.endswith(
        "pip uninstall -y opencv-python opencv-python-headless && pip install opencv-python==5.0.0.93"
    )


@pytest.mark.parametrize("name", ["opencv-python", "opencv-python-headless", "opencv-contrib-python"])
def test_one_opencv_of_any_kind_is_right_if_it_is_new_enough(installed, name) -> None:
    found = installed("facemotion==0.1.0", f"{name}==4.12.0.88", requires=("opencv-python>=4.10",))
    assert distributions.opencv(found) == [Finding("OpenCV installed as", f"{name} 4.12.0.88")]
    assert [each.subject for each in distributions.packages(found)] == ["facemotion"]


def test_an_opencv_that_is_too_old_or_missing_is_told(installed) -> None:
    found = installed("facemotion==0.1.0", "opencv-python-headless==4.1.0", requires=("opencv-python>=4.10",))
    assert [each.problem for each in distributions.packages(found) if each.problem] == [
        'opencv-python-headless 4.1.0 is not what facemotion needs: pip install "opencv-python-headless>=4.10"'
    ]
    (none,) = distributions.opencv([])
    assert none.problem == "OpenCV, which reads and warps pictures, is not installed: pip install opencv-python"


def test_what_facemotion_asks_for_is_compared_with_what_is_there(installed) -> None:
    requires = (
        *(
            "numpy>=2.1",
            "timm>=1.0.20",
            "defusedxml>=0.7",
            "jinja2>=3",
            "onnxruntime-gpu>=1.22",
            "old>=9; python_version<'3'",
        ),
        'insightface>=2.1; extra == "insightface"',
    )
    found = installed("facemotion==0.1.0", "numpy==2.4.6", "timm==0.9", "Jinja2==3.1.6", requires=requires)
    findings = {finding.subject: finding for finding in distributions.packages(found)}
    assert findings["numpy"] == Finding("numpy", "2.4.6")
    assert findings["timm"].problem == 'timm 0.9 is not what facemotion needs: pip install "timm>=1.0.20"'
    assert findings["defusedxml"].problem == 'defusedxml is not installed: pip install "defusedxml>=0.7"'
    assert set(findings) == {"facemotion", "numpy", "timm", "defusedxml"}


def test_a_folder_without_metadata_is_passed_over(installed, tmp_path: Path) -> None:
    (tmp_path / "site-packages" / "left_over-1.0.dist-info").mkdir(parents=True)
    (finding,) = distributions.runtimes(installed("onnxruntime-gpu==1.31.1"))
    assert not finding.problem


def test_the_cpu_provider_really_runs() -> None:
    findings = {finding.subject.strip(): finding for finding in devices.execution_providers(repair="pip install x")}
    assert findings["CPU"] == Finding("  CPU", "works")


def test_a_provider_that_is_only_claimed_does_not_work(capfd: pytest.CaptureFixture[str]) -> None:
    import torch

    findings = {finding.subject.strip(): finding for finding in devices.execution_providers(repair="pip install x")}
    if torch.cuda.is_available() or "CUDA" not in findings:
        pytest.skip("CUDA works here, or this onnxruntime does not claim it")
    assert findings["CUDA"] == Finding("  CUDA", "does not work here")
    assert capfd.readouterr() == ("", "")  # the table tells it, not onnxruntime


def test_an_emptied_onnxruntime_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What `pip uninstall onnxruntime` leaves of onnxruntime-gpu: a module that imports and holds nothing.
    importlib.import_module("onnxruntime")  # so that the real one comes back after the test
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "onnxruntime")
    (finding,) = devices.execution_providers(repair="pip install onnxruntime-gpu==1")
    assert finding.value == "broken"
    assert "has no attribute 'get_available_providers'" in finding.problem
    assert finding.problem.endswith("pip install onnxruntime-gpu==1")


def test_weights_are_compared_with_their_digests(tmp_path: Path) -> None:
    assert places.landmark_weights()[0] == Finding("landmark weights", "4 files, digests right")
    digests = {"net": digest_bytes(b"weights")}
    assert "net.onnx is missing" in places.landmark_weights(tmp_path, digests)[0].problem
    (tmp_path / "net.onnx").write_bytes(b"weights")
    assert not places.landmark_weights(tmp_path, digests)[0].problem
    (tmp_path / "net.onnx").write_bytes(b"weight")
    assert "net.onnx is damaged, its SHA-256 is wrong" in places.landmark_weights(tmp_path, digests)[0].problem


def test_the_workspace_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    new = tmp_path / "a" / "work"
    assert places.writable(Workspace(new)) == [Finding("workspace", f"{new} can be made")]
    assert list(tmp_path.iterdir()) == []
    assert places.writable(Workspace(tmp_path)) == [Finding("workspace", f"{tmp_path} is writable")]
    (tmp_path / "file").touch()
    (finding,) = places.writable(Workspace(tmp_path / "file" / "work"))
    assert "choose another place with --work" in finding.problem


def test_roots_are_found_or_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", str(tmp_path))
    Path("facemotion.toml").write_text('[roots]\nmmi = "gone"\n')
    found, gone, none = places.roots(["demo", "ckplus", "mmi", "affectnet"])
    assert found == Finding("dataset ckplus", f"{tmp_path} ($FACEMOTION_CKPLUS_ROOT)")
    assert gone.problem == "the root of mmi, gone, is not a folder: correct [roots] in facemotion.toml, or unset it"
    assert none == Finding("dataset affectnet", "not configured")
    Path("facemotion.toml").write_text("[roots\n")
    assert "facemotion.toml cannot be read" in places.roots(["mmi"])[0].problem


def test_the_table_marks_and_numbers_problems() -> None:
    text = doctor.as_text([Finding("a", "1"), Finding("l", "2", "repair it"), Finding("c", "3", "and this")])
    assert text.splitlines() == [f"{mark} {name:<20}  {value}" for mark, name, value in (" a1", "!l2", "!c3")] + [
        "",
        "1. repair it",
        "2. and this",
    ]
    assert doctor.as_text([Finding("a", "1")]).endswith("Nothing is wrong.")
