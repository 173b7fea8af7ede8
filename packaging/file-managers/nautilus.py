"""'Find Similar Files' for Nautilus; goes to nautilus-python/extensions and needs python3-nautilus."""

from __future__ import annotations

import subprocess

from gi.repository import GLib, GObject, Nautilus

LABEL = "查找相似文件" if "zh_CN" in GLib.get_language_names() else "Find Similar Files"


class FindSimilar(GObject.GObject, Nautilus.MenuProvider):
    """One entry for one local file."""

    def get_file_items(self, *args: object) -> list:
        """The menu's entries; older versions hand the window over before the files."""
        files = list(args[-1])
        if len(files) != 1 or files[0].is_directory() or not (path := files[0].get_location().get_path()):
            return []
        item = Nautilus.MenuItem(name="Cognate::FindSimilar", label=LABEL, icon="cognate")
        item.connect("activate", lambda _: subprocess.Popen(["cognate", "similar", "--window", path]))
        return [item]
