"""Where things are: all that is made on this machine is in `.local/` and `.aws-sam/`, both ignored by git."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
EMULATOR_PYTHON = LOCAL / "venv" / "emulator" / "bin" / "python"
RUNTIME_PYTHON = LOCAL / "venv" / "runtime" / "bin" / "python"
