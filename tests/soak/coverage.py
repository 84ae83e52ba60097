"""Which lines of the core a test program of it runs: built with rustc's own counters, read by LLVM's tools.

The tools come with the toolchain, of the same version: ``rustup component add llvm-tools``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.surroundings import ROOT

CORE = ROOT / "rust/core/src"
WRAPPER = Path(__file__).parent / "instrumented-rustc"
BUILD_SECONDS, RUN_SECONDS = 1800, 1800


class Lines(NamedTuple):
    """How many lines of a file are code, and which of them never ran."""

    lines: int
    missed: tuple[int, ...]

    @property
    def covered(self) -> int:
        """How many ran."""
        return self.lines - len(self.missed)


def lines_run_by(test: str, folder: Path) -> dict[str, Lines]:
    """Run an integration test of the core: lines by source file, as it is named in the core's src."""
    program = instrumented(test)
    run([str(program)], {"LLVM_PROFILE_FILE": str(folder / "%p-%m.profraw")}, RUN_SECONDS)
    profile = folder / "profile"
    raw = [str(path) for path in folder.glob("*.profraw")]
    run([llvm("llvm-profdata"), "merge", "-o", str(profile), *raw], {}, RUN_SECONDS)
    command = [llvm("llvm-cov"), "export", "--format=lcov", f"--instr-profile={profile}", str(program)]
    return lines_of(run(command, {}, RUN_SECONDS))


def instrumented(test: str) -> Path:
    """Build the test with counters; the program."""
    command = ["cargo", "test", "--manifest-path", str(ROOT / "rust/Cargo.toml"), "--locked", "--no-run"]
    command += ["--package", "tidegauge-core", "--test", test, "--message-format=json"]
    surroundings = {"RUSTC_WORKSPACE_WRAPPER": str(WRAPPER), "CARGO_INCREMENTAL": "0"}
    messages = [json.loads(line) for line in run(command, surroundings, BUILD_SECONDS).splitlines()]
    programs = [message["executable"] for message in messages if message.get("executable")]
    return Path(programs[0])


def lines_of(lcov: str) -> dict[str, Lines]:
    """The lines of each source file of the core: SF names a file, DA a line and how often it ran."""
    found: dict[str, Lines] = {}
    counts: dict[int, int] = {}
    name = ""
    for record in lcov.splitlines():
        kind, _, value = record.partition(":")
        if kind == "SF":
            name, counts = value, {}
        elif kind == "DA":
            line, _, times = value.partition(",")
            counts[int(line)] = int(times)
        elif kind == "end_of_record" and Path(name).is_relative_to(CORE):
            missed = tuple(line for line, times in sorted(counts.items()) if times == 0)
            found[Path(name).relative_to(CORE).as_posix()] = Lines(len(counts), missed)
    return found


def llvm(tool: str) -> str:
    """A tool of the toolchain's own LLVM: another version reads other profiles."""
    library = run(["rustc", "--print", "target-libdir"], {}, RUN_SECONDS).strip()
    path = Path(library).parent / "bin" / tool
    assert path.exists(), f"{tool} is not installed: run `rustup component add llvm-tools`"
    return str(path)


def run(command: list[str], surroundings: dict[str, str], seconds: int) -> str:
    """What a command wrote; it has to succeed."""
    done = subprocess.run(
        command, env=os.environ | surroundings, check=False, capture_output=True, text=True, timeout=seconds
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout
