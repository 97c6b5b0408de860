"""Sound from Debian's archive: a package downloaded and unpacked without root."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import patterngen.home
from trainer.errors import TrainerError

_SECONDS = 900  # patience with a slow mirror


def cache_folder() -> Path:
    """Return the folder that fetched sound is kept in: ``$XDG_CACHE_HOME/patterngen``.

    Raises:
        TrainerError: the variable names none, and the user has no home folder.
    """
    folder = patterngen.home.cache_folder()
    if folder is None:
        raise TrainerError("there is no home folder to keep sound in: set XDG_CACHE_HOME to a folder")
    return folder


def fetch(package: str, cache: Path) -> Path:
    """Download and unpack a Debian package once; apt checks the archive's signatures.

    Args:
        package: e.g. ``"hydrogen-drumkits"``.
        cache: the folder to unpack into; made if absent.

    Returns:
        ``cache/package``, the package's tree: ``usr/share/…``.

    Raises:
        TrainerError: not a Debian system, no package lists, no network, or no room.
    """
    tree = cache / package
    if tree.is_dir():
        return tree
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            raise TrainerError(f"{package}: needs Debian's {tool}, which is not on this machine")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=f".{package}-") as folder:
            work = Path(folder)
            _call(package, ["apt-get", "download", "--quiet", package], work)
            # Where apt left nothing, dpkg says so.
            archive = next(work.glob("*.deb"), work / f"{package}.deb")
            _call(package, ["dpkg", "--extract", str(archive), "tree"], work)
            # Renamed when complete: an interrupted run leaves nothing that looks like a package.
            if not tree.is_dir():  # unless another run was faster
                (work / "tree").rename(tree)
    except OSError as error:
        raise TrainerError(f"{package}: cannot be unpacked into {cache} ({error})") from None
    return tree


def _call(package: str, command: list[str], folder: Path) -> None:
    what = " ".join(command[:2])
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise TrainerError(f"{package}: `{what}` took more than {_SECONDS} s; is the network up?") from None
    if done.returncode:
        complaint = [line for line in done.stderr.splitlines() if line.startswith("E:")] or [
            done.stderr.strip()
        ]
        raise TrainerError(
            f"{package}: `{what}` failed ({complaint[-1]}); "
            "check the network, or have root run `apt-get update`"
        )
