"""Pack files into a wheel (PEP 427) with nothing but the standard library."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

# Zip cannot say "no date"; a fixed one makes equal inputs give equal wheels.
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class WheelName:
    name: str
    version: str
    tag: str  # e.g. cp311-cp311-linux_x86_64

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.version}-{self.tag}.whl"

    @property
    def info_dir(self) -> str:
        return f"{self.name}-{self.version}.dist-info"


def _metadata(wheel: WheelName, summary: str, python: str) -> str:
    return (
        f"Metadata-Version: 2.1\nName: {wheel.name}\nVersion: {wheel.version}\n"
        f"Summary: {summary}\nLicense: GPL-2.0-or-later\n"
        f"Home-page: https://www.pjsip.org\nRequires-Python: {python}\n"
    )


def _wheel(wheel: WheelName) -> str:
    return f"Wheel-Version: 1.0\nGenerator: callfloor\nRoot-Is-Purelib: false\nTag: {wheel.tag}\n"


def _record_line(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"{name},sha256={digest.rstrip(b'=').decode()},{len(content)}\n"


def pack(
    wheel: WheelName,
    files: dict[str, Path],
    folder: Path,
    *,
    summary: str,
    python: str,
) -> Path:
    """Write ``files`` (name in the wheel -> path) as a wheel into ``folder``."""
    content = {name: path.read_bytes() for name, path in files.items()}
    info = wheel.info_dir
    content[f"{info}/METADATA"] = _metadata(wheel, summary, python).encode()
    content[f"{info}/WHEEL"] = _wheel(wheel).encode()
    record = "".join(_record_line(n, c) for n, c in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()

    folder.mkdir(parents=True, exist_ok=True)
    target = folder / wheel.filename
    partial = target.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            archive.writestr(entry, data)
    partial.rename(target)  # whoever looks sees the whole wheel or none
    return target
