"""Draw which packages of both programs use which, from their imports, into CONTRIBUTING.md.

``make structure`` runs it; a test says when the picture there is an old one.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "CONTRIBUTING.md"
PROGRAMS = ("patterngen", "trainer")
BASE = "base"
"""Stands for the modules outside any package, and for `kernels`, which they use and which uses them."""
ENTRY_POINTS = ("__init__.py", "cli.py")
"""What lies outside any package and uses all of them: public names, and the command line."""
PICTURE = re.compile(r"(?<=<!-- structure -->\n).*?(?=<!-- end of structure -->)", re.DOTALL)


def packages(program: str) -> dict[str, set[str]]:
    """Return which packages of its own program each package uses, for type checkers included."""
    folder, found = ROOT / program, {}
    for path in sorted(folder.rglob("*.py")):
        if path.parent != folder or path.name not in ENTRY_POINTS:
            own = _package(program, path.relative_to(ROOT).with_suffix("").parts)
            found.setdefault(own, set()).update(_used(path, program) - {own})
    return found


def reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out the arrows that others imply: to what is used by something that is used."""

    def below(node: str) -> set[str]:
        return graph[node].union(*map(below, graph[node]))

    return {
        node: {target for target in targets if not any(target in below(other) for other in targets)}
        for node, targets in graph.items()
    }


def picture() -> str:
    """Return the structure as a Mermaid flowchart, which GitHub and most editors show."""
    lines = ["```mermaid", "flowchart BT"]
    for program in PROGRAMS:
        graph = reduced(packages(program))
        nodes = [f"    {program}.{node}[{node}]" for node in graph]
        lines += [f"  subgraph {program}", "    direction BT", *nodes, "  end"]
        arrows = [(node, target) for node, targets in graph.items() for target in sorted(targets)]
        lines += [f"  {program}.{node} --> {program}.{target}" for node, target in arrows]
    lines.append("  trainer.base --> patterngen")
    return "\n".join([*lines, "```", ""])


def _used(path: Path, program: str) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            # What is imported from a program's own name may be a package of it.
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    parts = [tuple(module.split(".")) for module in modules]
    return {_package(program, names) for names in parts if names[0] == program and len(names) > 2}


def _package(program: str, names: tuple[str, ...]) -> str:
    is_package = (ROOT / program / names[1]).is_dir() and names[1] != "kernels"
    return names[1] if is_package else BASE


if __name__ == "__main__":
    GUIDE.write_text(PICTURE.sub(lambda _: picture(), GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
