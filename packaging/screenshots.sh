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
    for ((at = 0; at < ${#1}; at++)); do # one by one: xdotool gives each new character a key of its own
        xdotool type -- "${1:at:1}"
        sleep 0.2
    done
    sleep 4
    import -window "$window" "$out/$2.png"
}

start light en
ask "inverter fault code" window-light
ask "清除太阳能板上的积雪" chinese-query
xdotool key ctrl+l key ctrl+a
xdotool type --delay 150 -- "repair a puncture on a bicycle"
sleep 3
xdotool key Down
sleep 1
xdotool key Menu
sleep 1
import -window root "$out/context-menu.png"
xdotool key Escape
cat >"$home/Cycling course.txt" <<'END'
Mending a flat tyre: take the wheel out, pull the inner tube from the tyre and pump it up to find the puncture. Roughen
the rubber around the hole, spread the glue, wait until it is dry and press the patch on. Check the inside of the tyre for
glass before you put the tube back. Clean and oil the chain, adjust the brakes and the gears.
END
cognate similar --window "$home/Cycling course.txt" >/dev/null
sleep 4
import -window "$window" "$out/similar.png"
cognate quit >/dev/null
wait %3 2>/dev/null || true
start dark zh
ask "сколько воды добавлять в тесто на закваске" window-dark
cognate quit >/dev/null
