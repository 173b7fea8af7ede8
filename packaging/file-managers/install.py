#!/usr/bin/env python3
"""Put 'Find similar files' into the file managers of this user, or take it out again with --remove."""

import argparse
import os
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).parent
EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<actions></actions>\n'


def destinations(data: Path) -> dict[str, Path]:
    """Where each file goes below XDG_DATA_HOME; Thunar keeps all actions in one file of its own."""
    return {
        "nautilus.py": data / "nautilus-python/extensions/cognate.py",
        "caja.py": data / "caja-python/extensions/cognate.py",
        "cognate.nemo_action": data / "nemo/actions/cognate.nemo_action",
        "pcmanfm-qt.desktop": data / "file-manager/actions/cognate.desktop",
        "dolphin.desktop": data / "kio/servicemenus/cognate.desktop",
    }


def install(data: Path, config: Path) -> None:
    """Write all entries."""
    for name, target in destinations(data).items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / name, target)
        target.chmod(0o755)  # Dolphin shows only what may be executed
    set_thunar_action(config / "Thunar/uca.xml", ElementTree.parse(HERE / "thunar.xml").getroot())


def remove(data: Path, config: Path) -> None:
    """Take all entries away."""
    for target in destinations(data).values():
        target.unlink(missing_ok=True)
    if (config / "Thunar/uca.xml").exists():
        set_thunar_action(config / "Thunar/uca.xml", None)


def set_thunar_action(path: Path, action: ElementTree.Element | None) -> None:
    """Replace our action among the user's own, or drop it."""
    name = ElementTree.parse(HERE / "thunar.xml").getroot().findtext("unique-id")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        system = Path("/etc/xdg/Thunar/uca.xml")  # a file of the user's own hides it
        path.write_text(system.read_text(encoding="utf-8") if system.exists() else EMPTY, encoding="utf-8")
    tree = ElementTree.parse(path)
    actions = tree.getroot()
    for old in [each for each in actions if each.findtext("unique-id") == name]:
        actions.remove(old)
    if action is not None:
        actions.append(action)
    beside = path.with_suffix(".new")
    tree.write(beside, encoding="utf-8", xml_declaration=True)
    os.replace(beside, path)


def main() -> None:
    """Read the command line and obey."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remove", action="store_true", help="take the entries out again")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    (remove if parser.parse_args().remove else install)(data, config)


if __name__ == "__main__":
    main()
