#!/bin/sh
# Collect the texts of the interface into resources/translations/*.ts and compile them. Usage: packaging/translate.sh [BIN]
set -eu
cd "$(dirname "$0")/.."
bin=${1:-.venv/bin}
ts=resources/translations
sources=$(find app -name '*.py' | sort)
# shellcheck disable=SC2086 # no name of a module has a blank
"$bin/pyside6-lupdate" -silent -no-obsolete -locations none $sources -ts "$ts/cognate_zh_CN.ts"
# shellcheck disable=SC2086
"$bin/pyside6-lupdate" -silent -no-obsolete -locations none -pluralonly $sources -ts "$ts/cognate_en.ts"
for file in "$ts"/*.ts; do
    "$bin/pyside6-lrelease" -silent "$file"
done
