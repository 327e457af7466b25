"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, text

SHOWN = ("pandas", "pyarrow", "psycopg", "sqlalchemy", "great-expectations", "prefect", "dlt")


def describe(connection: Connection) -> list[str]:
    """Describe processor, memory, system and versions, a line each."""
    lines = [
        f"{os.cpu_count()} cores, {_processor()}, {_memory_gib()} GiB, load average {os.getloadavg()[0]:.1f} before",
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        str(connection.execute(text("select split_part(version(), ' on ', 1)")).scalar()),
    ]
    settings = ("fsync", "synchronous_commit", "full_page_writes", "wal_compression", "shared_buffers", "max_wal_size")
    shown = [f"{name}={connection.execute(text(f'show {name}')).scalar()}" for name in settings]
    return [*lines, ", ".join(shown), ", ".join(f"{name} {_version(name)}" for name in SHOWN)]


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return "not installed"


def _processor() -> str:
    names = [line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_gib() -> int:
    kib = [int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return round(kib[0] / 2**20) if kib else 0


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def processor_seconds(pid: int) -> float:
    """Tell how long a process has had a processor, in user and in system mode."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def idle_seconds() -> float:
    """Tell how long the machine's processors together have had nothing to do."""
    told = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(told[4]) + int(told[5])) / os.sysconf("SC_CLK_TCK")
