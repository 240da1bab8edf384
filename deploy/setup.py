"""Make this machine able to run or to test the suite: `python3 deploy/setup.py run|test|bench|up`.

Standard library only, because nothing else is there yet. Does nothing the second time: what was done is
remembered by a stamp in `.venv`, computed from the lock and the packages' project files.
"""

from __future__ import annotations  # an older Python must get as far as the sentence that asks for a newer one

import argparse
import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# What the benchmarks are held against; apart, so that neither the tests nor the services ever meet it.
PEERS_VENV = ROOT / ".venv-bench"
PEERS_LOCK = "requirements/bench.lock"
PYTHON_MIN = (3, 11)
WORKSPACE = (
    "shared",
    "services/cases",
    "services/fees",
    "services/oversight",
    "services/notifications",
    "deploy/embedded",
)
# "up" only makes keys on this machine; what it runs is inside the containers.
LOCKS = {"run": "requirements/run.lock", "up": "requirements/run.lock", "test": "requirements/dev.lock"}
NODE = ROOT / "tests" / "asyncapi"  # the one program of the tests that is written for Node.js
POLICY = Path("/usr/sbin/policy-rc.d")
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
)
FONT_NAMES = ("NotoSansCJK*", "NotoSerifCJK*", "NotoSansSC*", "NotoSerifSC*", "SourceHanS*")


class SetupError(Exception):
    """What is missing and how to get it, in one sentence."""


def main(argv: list[str] | None = None) -> int:
    """Prepare the environment for `argv[0]`; returns the exit status (0 ready, 1 told what is missing)."""
    parser = argparse.ArgumentParser(description="Prepare .venv and the system packages it needs.")
    parser.add_argument("target", choices=[*sorted(LOCKS), "bench"])
    asked = parser.parse_args(argv).target
    target = "test" if asked == "bench" else asked  # the benchmarks start the same servers as the tests
    try:
        check_python()
        install_system_packages(missing_packages(target))
        make_environment(target)
        if asked == "test":
            install_browser()
            install_node_packages()
        if asked == "bench":
            make_peers_environment()
    except SetupError as missing:
        print(f"gongzheng: {missing}", file=sys.stderr)
        return 1
    return 0


def check_python() -> None:
    """The interpreter that runs this file becomes the environment's interpreter."""
    if sys.version_info[:2] < PYTHON_MIN:
        raise SetupError(
            f"Python 3.11 or newer is needed and this one is {sys.version_info[0]}.{sys.version_info[1]}: "
            "install a newer one and name it, as in `make run PYTHON=python3.12`."
        )


# --- system packages ---------------------------------------------------------------------------


def missing_packages(target: str) -> list[str]:
    """Debian package names that the target needs and this machine does not have."""
    needs: list[tuple[str, Callable[[], object]]] = []
    if target != "up":
        needs.append(("fonts-noto-cjk", has_chinese_font))
    if not (VENV / "bin" / "pip").exists():
        needs.append(("python3-venv", has_venv))
    if target == "test":
        needs += [
            ("postgresql", has_postgresql),
            ("rabbitmq-server", has_rabbitmq),
            ("poppler-utils", lambda: shutil.which("pdftotext")),
            ("nodejs", lambda: shutil.which("node")),
            ("npm", lambda: shutil.which("npm")),
        ]
        if not is_ubuntu():
            needs.append(("chromium", find_browser))
    return [package for package, present in needs if not present()]


def has_chinese_font() -> bool:
    """Documents are set in Chinese; with no Chinese font the typesetter would print empty boxes."""
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return any(any(folder.rglob(name)) for folder in folders if folder.is_dir() for name in FONT_NAMES)


def has_venv() -> bool:
    """Debian's python3 comes without ensurepip, so that `python3 -m venv` fails half-way."""
    return None not in (importlib.util.find_spec("ensurepip"), importlib.util.find_spec("venv"))


def has_postgresql() -> bool:
    """The tests start a private server; Debian keeps its programs outside PATH."""
    return shutil.which("initdb") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_rabbitmq() -> bool:
    """The tests start a private broker from Debian's package or an unpacked distribution."""
    return shutil.which("rabbitmq-server", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None


def find_browser() -> str | None:
    """A Chromium of the system, or one that an environment variable names."""
    named = os.environ.get("GONGZHENG_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("google-chrome-stable")


def is_ubuntu() -> bool:
    """Ubuntu's chromium package is a snap that cannot be installed everywhere; playwright brings its own there."""
    with contextlib.suppress(OSError):
        return "ID=ubuntu" in Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    return False


def install_system_packages(packages: list[str]) -> None:
    """Install the missing ones with apt-get when that is allowed here; starts no service."""
    if not packages:
        return
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise SetupError(f"missing here: {names} (Debian's names); install them with your system's package manager.")
    by_hand = f"`sudo apt-get install --no-install-recommends {names}`"
    prefix = root_prefix()
    if prefix is None:
        raise SetupError(f"missing here, and installing needs root: {names}; run {by_hand} and then this again.")
    step(f"installing {names}")
    with no_services(prefix):
        apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        # A failing update is not fatal: the lists that are there may be enough.
        subprocess.run([*apt, "update"], check=False, stdout=subprocess.DEVNULL)
        done = subprocess.run(
            [*apt, "install", "-y", "--no-install-recommends", *packages], check=False, stdout=subprocess.DEVNULL
        )
    if done.returncode:
        raise SetupError(f"apt-get could not install {names}; run {by_hand} to see why, then this again.")
    importlib.invalidate_caches()


def root_prefix() -> list[str] | None:
    """[] for root, sudo's words where sudo asks no password, None where neither helps."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(
            ["sudo", "-n", "true"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if asked.returncode == 0:
            return ["sudo", "-n"]
    return None


@contextlib.contextmanager
def no_services(prefix: list[str]) -> Iterator[None]:
    """Debian starts what it installs unless policy-rc.d says 101; the tests want private servers, not these."""
    if POLICY.exists():
        yield
        return
    script = f"printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}"
    subprocess.run([*prefix, "sh", "-c", script], check=True)
    try:
        yield
    finally:
        subprocess.run([*prefix, "rm", "-f", str(POLICY)], check=True)


# --- the Python environment --------------------------------------------------------------------


def make_environment(target: str) -> None:
    """Bring `.venv` to the target's lock; a test environment serves every target."""
    same_lock = [kind for kind in LOCKS if kind == "test" or LOCKS[kind] == LOCKS[target]]
    if any(stamp(kind).exists() and stamp(kind).read_text() == digest(kind) for kind in same_lock):
        return
    if VENV.exists() and not same_python():
        shutil.rmtree(VENV)
    if not (VENV / "bin" / "pip").exists():
        step(f"making .venv with Python {sys.version.split()[0]}")
        call([sys.executable, "-m", "venv", str(VENV)], "the virtual environment could not be made")
    step(f"installing the libraries of {LOCKS[target]}")
    # Hashes: what is installed is byte for byte what was locked, wherever it came from.
    lock = str(ROOT / LOCKS[target])
    pip("install", "--require-hashes", "--no-deps", "--requirement", lock, why="the libraries could not be installed")
    step("installing the six packages of the workspace")
    packages = [word for name in WORKSPACE for word in ("--editable", str(ROOT / name))]
    # No isolation: building happens with the locked hatchling and fetches nothing.
    pip("install", "--no-deps", "--no-build-isolation", *packages, why="the workspace could not be installed")
    stamp(target).write_text(digest(target))


def make_peers_environment() -> None:
    """Bring `.venv-bench` to the lock of the peers."""
    mark = PEERS_VENV / ".gongzheng-bench"
    wanted = hashlib.sha256((ROOT / PEERS_LOCK).read_bytes() + sys.version.encode()).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return
    python = PEERS_VENV / "bin" / "python"
    if PEERS_VENV.exists() and not same_python(python):
        shutil.rmtree(PEERS_VENV)
    if not python.exists():
        call([sys.executable, "-m", "venv", str(PEERS_VENV)], "the environment of the peers could not be made")
    step(f"installing the libraries of {PEERS_LOCK}")
    words = ["install", "--require-hashes", "--no-deps", "--requirement", str(ROOT / PEERS_LOCK)]
    pip(*words, why="the peers could not be installed", python=python)
    mark.write_text(wanted)


def same_python(python: Path = PYTHON) -> bool:
    """An environment of another Python (after a system upgrade) is made anew."""
    if not python.exists():
        return False
    asked = subprocess.run(
        [str(python), "-c", "import sys; print(*sys.version_info[:2])"], check=False, capture_output=True, text=True
    )
    return asked.stdout.split() == [str(part) for part in sys.version_info[:2]]


def stamp(kind: str) -> Path:
    """The file that remembers for which lock the environment was made."""
    return VENV / f".gongzheng-{kind}"


def digest(kind: str) -> str:
    """Changes when the lock, a package's project file, the interpreter or the checkout's place changes."""
    parts = [(ROOT / name).read_bytes() for name in (LOCKS[kind], *(f"{place}/pyproject.toml" for place in WORKSPACE))]
    parts += [str(ROOT).encode(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def pip(*words: str, why: str, python: Path = PYTHON) -> None:
    """One pip of an environment, quiet unless something is wrong."""
    call([str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *words], why)


def call(words: list[str], why: str, folder: Path = ROOT) -> None:
    """Run a program; its own words stay on the screen, ours close with one sentence."""
    if subprocess.run(words, check=False, cwd=folder).returncode:
        raise SetupError(f"{why}: see the lines above; is the network (or your package mirror) reachable?")


def install_browser() -> None:
    """Where the system brings no Chromium (Ubuntu), playwright's own is fetched once."""
    if find_browser() or stamp("browser").exists():
        return
    step("installing playwright's Chromium")
    words = [*(root_prefix() or []), str(PYTHON), "-m", "playwright", "install"]
    if root_prefix() is not None:
        words.append("--with-deps")
    call([*words, "chromium"], "Chromium could not be installed")
    stamp("browser").write_text("playwright")


def install_node_packages() -> None:
    """The public AsyncAPI parser: byte for byte what tests/asyncapi/package-lock.json says, and none of its scripts."""
    lock = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()
    done = NODE / "node_modules" / ".gongzheng"
    if done.exists() and done.read_text() == lock:
        return
    step("installing the AsyncAPI parser")
    call(["npm", "ci", "--silent"], "the AsyncAPI parser could not be installed", folder=NODE)
    done.write_text(lock)


def step(words: str) -> None:
    """Tell what takes long."""
    print(f"gongzheng: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
