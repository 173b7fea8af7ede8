#!/usr/bin/env bash
# Takes the pictures of docs/screenshots in a window of its own under Xvfb: packaging/screenshots.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(realpath -s "${1:-.venv/bin/python}")
root=$PWD
out=$PWD/docs/screenshots
home=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$home"' EXIT
export HOME=$home XDG_RUNTIME_DIR=$home/run DISPLAY=:93 QT_QPA_PLATFORM=xcb LANG=C.UTF-8
unset WAYLAND_DISPLAY XDG_CURRENT_DESKTOP
mkdir -p "$out" "$home/Documents" && mkdir -m 700 "$XDG_RUNTIME_DIR"
cp -r resources/samples/. "$home/Documents"
Xvfb "$DISPLAY" -screen 0 1200x760x24 >/dev/null 2>&1 &
sleep 1
openbox >/dev/null 2>&1 &

cognate() { (cd "$home" && PYTHONPATH=$root "$python" -m app.main --profile "$home/profile-$theme" "$@"); }

start() { # theme, language of the interface
    theme=$1
    cognate folder add "$home/Documents" >/dev/null
    cognate index --wait >/dev/null
    printf '[app]\ntheme = "%s"\nlanguage = "%s"\n' "$theme" "$2" >"$home/profile-$theme/settings.toml"
    cognate &
    window=$(timeout 60 xdotool search --sync --onlyvisible --name Cognate | head -n 1)
    xdotool windowsize --sync "$window" 1180 700 windowmove "$window" 8 24 windowfocus --sync "$window"
    sleep 3
}

ask() { # query, name of the picture
    xdotool key --clearmodifiers ctrl+l key ctrl+a
    xdotool type --delay 150 -- "$1"
    sleep 4
    import -window "$window" "$out/$2.png"
}

start light en
ask "inverter fault code" window-light
ask "逆变器故障代码" chinese-query
xdotool key ctrl+l key ctrl+a
xdotool type --delay 150 -- "repair a puncture on a bicycle"
sleep 3
xdotool key Down
sleep 1
xdotool key Menu
sleep 1
import -window root "$out/context-menu.png"
xdotool key Escape
cognate similar --window "$home/Documents/Ремонт велосипеда.txt" >/dev/null
sleep 4
import -window "$window" "$out/similar.png"
cognate quit >/dev/null
wait %3 2>/dev/null || true
start dark zh
ask "Miete Kündigungsfrist" window-dark
cognate quit >/dev/null
