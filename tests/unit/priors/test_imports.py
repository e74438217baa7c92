import subprocess
import sys

HEAVY = ("torch", "cv2", "matplotlib", "onnxruntime", "av", "skimage")
MODULES = ("priors.motion", "priors.transfer", "priors.merging", "priors.compare", "evaluation.metrics")


def test_what_a_bare_machine_lacks_is_not_loaded():
    code = (
        "import sys, importlib\n"
        f"for name in {MODULES}:\n"
        "    importlib.import_module('facemotion.' + name)\n"
        f"    print(name, *[heavy for heavy in {HEAVY} if heavy in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [*MODULES]
