"""Alignment with the networks on CUDA. Skipped where onnxruntime has none; `tests/unit/alignment/test_together.py` has
the logic of several pictures at once."""

from pathlib import Path

import numpy as np
import pytest

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import facemotion as fm  # noqa: E402
from facemotion.landmarks import _runtime  # noqa: E402

pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("default", "error:::facemotion")]


@pytest.fixture(autouse=True)
def cuda() -> None:
    weights = Path(_runtime.__file__).with_name("weights") / "pnet.onnx"
    session = onnxruntime.InferenceSession(weights, _runtime.options(), providers=_runtime.providers("cuda"))
    if "CUDAExecutionProvider" not in session.get_providers():
        pytest.skip('onnxruntime has no CUDA here: pip install "onnxruntime-gpu[cuda,cudnn]"')


@pytest.mark.parametrize("name", ["mtcnn", "retinaface"])
def test_faces_are_those_of_the_cpu(rendered: Path, tmp_path: Path, name: str) -> None:
    data = [
        fm.open("ckplus", work=tmp_path / device, root=rendered, say=lambda _: None).run(
            "align", workers=1, device=device, landmarks={"source": name}
        )
        for device in ("cpu", "cuda")
    ]
    one, other = (each.faces for each in data)
    assert other["status"].tolist() == one["status"].tolist()
    good = one["status"] == "ok"
    assert good.any()
    points = [np.stack(each["landmarks"][good].to_list()) for each in (one, other)]
    np.testing.assert_allclose(points[1], points[0], atol=0.05)  # pixels
    assert np.abs(data[1].crops[:].astype(int) - data[0].crops[:]).mean() < 0.5  # levels of 255
    assert data[1].alignment.header["devices"] == ["cuda"]
    assert "devices" not in data[0].alignment.header
    assert data[1].alignment.header["alignment"] == data[0].alignment.header["alignment"]
