"""What a reader process, or a program of others, gives up before it meets a document: so that code
which a document smuggles in finds nothing to take and nowhere to go.

| given up | by | by a reader | by a program (LibreOffice) |
|---|---|---|---|
| new privileges, capabilities | prctl, capset | all | all |
| reading files | Landlock | but interpreter, packages, forms | but programs, fonts, its documents |
| writing files | seccomp, Landlock | all | but its own folder |
| sockets | seccomp, Landlock | all | but Unix sockets that it makes itself |
| starting processes | seccomp | all | none that leaves its group |
| memory and signals of others | seccomp, Landlock | all | all |
| raising limits | seccomp, hard limits | all | all |
| outliving the parent | prctl | all | the group goes with its leader |

`prepare_reader` comes first in a reader process and `confine_reader` once its work is imported; a
document is handed over as a descriptor (`extract.sandbox.handed`), so that no folder of documents
need be open to it. `confine_program` stands before a program is started. `describe_confinement`
says what this kernel offers; what it lacks is left out, and the rest stands. Nothing of this can be
switched off.

The one capability that root keeps is reading what belongs to others (the program may be installed
under another user); Landlock says what.
"""

import ctypes
import mimetypes
import os
import signal
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extract.sandbox import landlock, seccomp
from extract.sandbox.landlock import Access, PathRule

_ROOT: Final = Path(__file__).resolve().parents[2]
# Of the folder data/, where by default the warehouse and the vault lie too.
_DATA: Final = ("forms", "rules", "__pycache__")
_LIBRARIES: Final = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
)
_MACHINE: Final = (
    "/dev/null",
    "/dev/urandom",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
    "/usr/share/zoneinfo",
)
_FONTS: Final = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/etc/fonts",
    "/var/cache/fontconfig",
)
_SOCKETS: Final = "/tmp"  # noqa: S108 - where LibreOffice makes its socket, whatever it is told
_PROGRAMS: Final = ("/bin", "/usr/bin", "/usr/libexec", "/usr/share", "/opt", "/Applications")
_SETTINGS: Final = (
    "/etc/alternatives",
    "/etc/libreoffice",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
)

_SIGNAL_AT_PARENTS_DEATH, _DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38
_CAPABILITIES_VERSION: Final = 0x20080522
_READ_OF_OTHERS: Final = 1 << 2  # CAP_DAC_READ_SEARCH


@dataclass(frozen=True, slots=True)
class Confinement:
    """What this kernel offers: the ABI of Landlock, 0 for none, and whether it takes filters of
    system calls.
    """

    landlock_abi: int
    filters_calls: bool

    @property
    def lacking(self) -> tuple[str, ...]:
        """A sentence for each thing that a reader process could do here; none: all is confined."""
        files = (
            "Landlock is missing (Linux 5.13 or newer, switched on): code in a document could read "
            "the files of this user"
        )
        signals = (
            "Landlock is older than version 6 (Linux 6.12): LibreOffice could send signals to "
            "processes of this user"
        )
        calls = (
            "filters of system calls (seccomp) are missing for this system: code in a document "
            "could open sockets and start processes"
        )
        return tuple(
            said
            for said, is_lacking in (
                (files, not self.landlock_abi),
                (signals, 0 < self.landlock_abi < 6),
                (calls, not self.filters_calls),
            )
            if is_lacking
        )


def describe_confinement() -> Confinement:
    """What the kernel offers, asked by the system calls themselves."""
    return Confinement(landlock.abi(), seccomp.is_offered())


def end_with_parent(parent: int, how: signal.Signals = signal.SIGKILL) -> bool:
    """From now on this process gets the signal when the thread that started it ends; at once where
    that has happened. False where the system has no such thing.
    """
    if sys.platform != "linux":
        return False
    _prctl(_SIGNAL_AT_PARENTS_DEATH, how)
    if os.getppid() != parent:
        os.kill(os.getpid(), how)
    return True


def confine_reader() -> None:
    """Give up all that a reader can do without. Its work is imported, and no other thread runs.

    Raises OSError where the kernel offers something and refuses it.
    """
    if sys.platform != "linux":
        return
    _refuse_threads()
    _prctl(_DUMPABLE, 0)  # nobody of this user looks into it either
    _give_up_privileges()
    landlock.restrict(PathRule(path, landlock.READ) for path in reader_folders())
    seccomp.forbid(seccomp.for_readers(os.getpid()))


def confine_program(home: Path, reads: Iterable[Path]) -> None:
    """Give up all that a program can do without which works in `home` and reads `reads`."""
    if sys.platform != "linux":
        return
    _refuse_threads()
    _give_up_privileges()
    landlock.restrict(_program_rules(home, reads))
    seccomp.forbid(seccomp.for_programs())


def _program_rules(home: Path, reads: Iterable[Path]) -> Iterator[PathRule]:
    for folder in (*_LIBRARIES, *_PROGRAMS):
        yield PathRule(Path(folder), landlock.RUN)
    for folder in (*_MACHINE, *_FONTS, *_SETTINGS):
        yield PathRule(Path(folder), landlock.READ)
    for path in reads:
        yield PathRule(path, landlock.RUN)
    yield PathRule(Path("/dev/null"), Access.READ_FILE | Access.WRITE_FILE)
    yield PathRule(Path(_SOCKETS), Access.MAKE_SOCK)
    yield PathRule(home, landlock.WRITE)


def interpreter_folders() -> list[Path]:
    """Where this Python and what is installed for it lie."""
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    lib = [Path(prefix, "lib") for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}]
    return [*lib, *(Path(name) for name in named if name)]


def python_folders() -> list[Path]:
    """What a Python of its own, as a program, reads and runs."""
    return [Path(sys.prefix), Path(sys.executable).resolve().parent, *interpreter_folders()]


def reader_folders() -> list[Path]:
    """All that a reader process may read: interpreter, libraries, fonts, and of the folders in
    which packages are looked for those of packages alone; the project's own, which hold `.env` and
    the warehouse besides, only by the packages that are imported.
    """
    installed = [
        Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")
    ]
    system = [Path(name) for name in (*_LIBRARIES, *_MACHINE, *_FONTS, *mimetypes.knownfiles)]
    return [*system, *interpreter_folders(), *installed, *_imported_packages()]


def _imported_packages() -> Iterator[Path]:
    for name, module in list(sys.modules.items()):
        if "." not in name:
            for folder in map(Path, getattr(module, "__path__", ())):
                yield from _data_files() if folder == _ROOT / "data" else (folder,)


def _data_files() -> Iterator[Path]:
    folder = _ROOT / "data"
    yield from (folder / name for name in _DATA)
    yield from (path for path in folder.iterdir() if path.suffix in (".py", ".yaml"))


def _refuse_threads() -> None:
    """What is given up here is given up by one thread and those that it starts."""
    running = len(os.listdir("/proc/self/task"))
    if running != 1:
        raise OSError(f"{running} threads run before the process is confined; there must be one")


def _give_up_privileges() -> None:
    _prctl(_NO_NEW_PRIVILEGES, 1)
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    # effective, permitted and inheritable, of the lower and the upper 32 capabilities
    held = (ctypes.c_uint32 * 6)()
    _check(libc.capget(header, held), "capget")
    kept = held[1] & _READ_OF_OTHERS
    _check(libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)), "capset")


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = [ctypes.c_ulong(value) for value in (value, 0, 0, 0)]
    _check(libc.prctl(ctypes.c_int(option), *numbers), "prctl")


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
