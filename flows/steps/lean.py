"""Start fast: keep pandas out of a process that has no use for it.

pyarrow looks for pandas as soon as it makes its first array, only to ask whether it was given a
Series: 0.4 s of processor time. It looks once. If it finds none at that moment it goes without, and
whoever imports pandas afterwards still gets it; only the bridge between the two (`to_pandas`,
`from_pandas`) is gone. Only `load.frames` crosses it, for `nianbao export`, which does not call
this.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas:
    """Stands at the head of the import system for a moment and says that there is no pandas."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not wanted here", name=name)
        return None


def import_pyarrow_alone() -> None:
    """Import pyarrow and let it look for pandas in vain.

    Nothing happens where pandas is imported already.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        import pyarrow as pa

        pa.array([])
    finally:
        sys.meta_path.remove(_NoPandas)
