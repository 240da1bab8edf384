"""A deny-list cannot say "nothing else": the domain of each service names the standard library and little more."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("cases", "fees", "oversight", "notifications")
ALLOWED_OF_SHARED = ("gongzheng.legaltime", "gongzheng.money", "gongzheng.ids")


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from gongzheng import money` names gongzheng.money.
            names |= {
                f"{node.module}.{alias.name}" if node.module == "gongzheng" else node.module for alias in node.names
            }
    return names


def _allowed(name: str, service: str) -> bool:
    top = name.partition(".")[0]
    own = f"{service}.domain"
    return (
        top in sys.stdlib_module_names
        or name == own
        or name.startswith(f"{own}.")
        or any(name == allowed or name.startswith(f"{allowed}.") for allowed in ALLOWED_OF_SHARED)
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_domain_imports_the_standard_library_itself_and_three_modules_of_shared(service: str) -> None:
    """Whatever else it needed would be an edge that crept inwards."""
    domain = ROOT / "services" / service / "src" / service / "domain"
    files = list(domain.rglob("*.py"))
    assert files
    strays = {
        f"{path.relative_to(ROOT)}: {name}" for path in files for name in _imported(path) if not _allowed(name, service)
    }
    assert set() == strays
