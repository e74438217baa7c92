import subprocess
import sys

import pytest

HEAVY = ("torch", "cv2", "matplotlib", "onnxruntime", "av", "skimage")


@pytest.mark.parametrize(
    "module",
    [
        "facemotion.priors.motion",
        "facemotion.priors.transfer",
        "facemotion.priors.merging",
        "facemotion.priors.compare",
        "facemotion.evaluation.metrics",
    ],
)
def test_what_a_bare_machine_lacks_is_not_loaded(module):
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
