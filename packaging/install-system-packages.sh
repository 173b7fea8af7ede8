#!/usr/bin/env bash
# Install the system packages that Cognate (run) or Cognate and its tests (test) need; does nothing when they are there.
set -euo pipefail

qt=(libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1
    libxcb-image0 libxcb-render-util0 libxcb-randr0 libxcb-shape0 libxcb-xkb1)
build=(python3-venv python3-dev g++) # hnswlib and model/builtin/*.cpp come as source
window_tests=(xvfb xauth openbox xdotool wmctrl x11-utils imagemagick dbus at-spi2-core python3-pyatspi gir1.2-atspi-2.0
    fonts-noto-core fonts-noto-cjk)

readers=(tesseract-ocr tesseract-ocr-eng) # text in pictures
shares=(sshfs openssh-sftp-server)

case "${1:-}" in
run) wanted=("${build[@]}" "${qt[@]}") ;;
test) wanted=("${build[@]}" "${qt[@]}" "${window_tests[@]}" "${readers[@]}" "${shares[@]}") ;;
*)
    echo "usage: $0 run|test" >&2
    exit 2
    ;;
esac

case "$(uname -s)" in
Darwin)
    xcode-select -p >/dev/null 2>&1 || echo "If building fails, install a C++ compiler: xcode-select --install" >&2
    exit 0
    ;;
Linux) ;;
*)
    echo "If building fails, install the Microsoft C++ Build Tools." >&2
    exit 0
    ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This system has no apt. Cognate needs what Debian calls: ${wanted[*]}" >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(--non-interactive)
    if ! command -v sudo >/dev/null || ! "${as_root[@]}" true; then
        echo "Missing system packages, and no right to install them. Ask an administrator for:" >&2
        echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 0
    fi
fi

echo "Installing system packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
