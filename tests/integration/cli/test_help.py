import subprocess
import sys

import pytest

from facemotion_cli.root import COMMANDS


def test_help_lists_every_command_and_imports_no_heavy_library():
    code = (
        "import sys; from facemotion_cli.root import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'cv2', 'numpy', 'pandas', 'pyarrow', 'pydantic', 'onnxruntime'} & set(sys.modules)\n"
        "sys.exit(f'imported {sorted(heavy)}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for name in COMMANDS:
        assert name in result.stdout


def test_importing_facemotion_loads_neither_torch_nor_opencv():
    code = "import sys, facemotion; sys.exit(bool({'torch', 'cv2', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_its_own_help(run, name):
    output = run(name, "--help").output
    assert "Usage" in output


def test_an_unknown_command_is_refused(run):
    assert "No such command" in run("fly", fails=True).output


def test_help_and_the_list_of_datasets_import_no_heavy_library():
    code = (
        "import sys; from facemotion_cli.root import COMMANDS, main\n"
        "for words in [*([name, '--help'] for name in COMMANDS), ['datasets', 'set', '--help'], ['datasets']]:\n"
        "    main(words, standalone_mode=False)\n"
        "heavy = {'torch', 'cv2', 'pandas', 'pyarrow', 'onnxruntime', 'matplotlib', 'av'} & set(sys.modules)\n"
        "sys.exit(f'imported {sorted(heavy)}' if heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_settings_are_printed_without_torch():
    code = (
        "import sys; from facemotion_cli.root import main\n"
        "main(['train', '--print-config', '--preset', 'compact'], standalone_mode=False)\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
