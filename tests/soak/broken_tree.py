"""A copy of the tree in which code may be broken, built as for development, and tested."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.soak.breaks import Change
from tests.surroundings import ROOT, captures

COPIED = ("src", "tests", "schema", "scripts", "pyproject.toml")
RUST = ("core", "net", "python", "Cargo.toml", "Cargo.lock")
TEST_SECONDS, BUILD_SECONDS = 60, 1800
NOTICED, MISSED, UNBUILT, UNTESTED = "noticed", "missed", "does not build", "not tested"


class BrokenTree:
    """The copy. It shares the target folder of the tree, and with it what is built of others' crates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        unwanted = shutil.ignore_patterns("__pycache__", "node_modules", "target", "corpus")
        for name in (*COPIED, *(f"rust/{name}" for name in RUST)):
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
            else:
                shutil.copy2(ROOT / name, folder / name)
        self._target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "rust/target"))
        self._surroundings = os.environ | {
            "CARGO_TARGET_DIR": str(self._target),
            "PYO3_BUILD_EXTENSION_MODULE": "1",
            "PYO3_PYTHON": sys.executable,
            "PYTHONPATH": str(folder / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TIDEGAUGE_CAPTURES": str(captures()),
        }

    @contextmanager
    def broken(self, change: Change) -> Iterator[None]:
        """Whether the tree is left whole, whatever comes of it."""
        path = self._folder / change.file
        whole = path.read_text()
        path.write_text(whole.replace(change.find, change.put, 1))
        try:
            yield
        finally:
            path.write_text(whole)

    def build(self, *, for_rust: bool) -> bool:
        """Build what the tests run: those of the core, or the extension."""
        if for_rust:
            return self._cargo("test", "--package", "tidegauge-core", "--lib", "--no-run").returncode == 0
        done = self._cargo("build", "--package", "tidegauge-python")
        if done.returncode == 0:
            library = self._target / "debug/libtidegauge_native.so"
            # Anew, not over: what a process has mapped must not change under it.
            extension = self._folder / "src/tidegauge/_core/_native.abi3.so"
            extension.unlink(missing_ok=True)
            shutil.copyfile(library, extension)
        return done.returncode == 0

    def test(self, *names: str) -> tuple[str, str]:
        """Run tests, all of Rust or none: whether any failed, and in words how."""
        return self._test_rust(names) if ".rs::" in names[0] else self._test_python(names)

    def _test_rust(self, names: tuple[str, ...]) -> tuple[str, str]:
        wanted = [name.partition("::")[2] for name in names]
        done = self._cargo("test", "--package", "tidegauge-core", "--lib", "--", *wanted)
        counts = re.search(r"(\d+) passed; (\d+) failed", done.stdout)
        if counts is None or int(counts[1]) + int(counts[2]) != len(names):
            return UNTESTED, (done.stdout + done.stderr)[-500:]
        failures = re.findall(r"panicked at [^\n]*\n([^\n]*)", done.stdout)
        return (NOTICED, failures[0].strip()[:80]) if counts[2] != "0" else (MISSED, "")

    def _test_python(self, names: tuple[str, ...]) -> tuple[str, str]:
        report = self._folder / "report.xml"
        report.unlink(missing_ok=True)
        options = ("-q", "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS}", f"--junit-xml={report}")
        done = self._run([sys.executable, "-m", "pytest", *options, *names], seconds=10 * TEST_SECONDS)
        if not report.exists():
            return UNTESTED, done.stdout[-500:]
        cases = list(ET.parse(report).iter("testcase"))
        failures = [failure.get("message", "") for case in cases for failure in case.iter("failure")]
        if not cases or any(case.find(what) is not None for case in cases for what in ("error", "skipped")):
            return UNTESTED, done.stdout[-500:]
        return (NOTICED, failures[0].partition("\n")[0][:80]) if failures else (MISSED, "")

    def _cargo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        manifest = self._folder / "rust/Cargo.toml"
        command, *rest = arguments
        return self._run(
            ["cargo", command, "--manifest-path", str(manifest), "--locked", "--quiet", *rest],
            seconds=BUILD_SECONDS,
        )

    def _run(self, command: list[str], *, seconds: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self._folder, env=self._surroundings, check=False, capture_output=True, text=True,
            timeout=seconds,
        )  # fmt: skip
