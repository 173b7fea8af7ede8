#!/usr/bin/env bash
# Start Cognate; without a display, show in the terminal what it does, on the sample documents and a profile of its own.
set -euo pipefail

cognate="$1/cognate"
case "$(uname -s)" in
Linux) [[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]] && exec "$cognate" ;;
*) exec "$cognate" ;;
esac

export LC_ALL=C.UTF-8 # a bare system has no locale, and the queries are in many scripts
profile=.cache/demo
rm -rf "$profile"
mkdir -p "$profile"

run() {
    printf '\n$ cognate --profile %s' "$profile"
    for argument in "$@"; do
        [[ "$argument" == *" "* ]] && printf ' "%s"' "$argument" || printf ' %s' "$argument"
    done
    printf '\n'
    "$cognate" --profile "$profile" "$@"
}

echo "There is no display, so no window can open. Here is the main job in the terminal, on the sample documents:"
run folder add resources/samples
run index --wait
for query in "letter asking for money back because of a delayed train" \
    "清除太阳能板上的积雪" \
    "태양광 패널이 우박에 깨졌는지 어떻게 확인하나요"; do
    run search "$query" --limit 2 || (($? == 1)) # nothing found is no failure
done
printf '\nIndex a folder of your own:  %s folder add DIR && %s index --wait\n' "$cognate" "$cognate"
