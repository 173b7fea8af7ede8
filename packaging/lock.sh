#!/usr/bin/env bash
# Write every version that is installed in the virtual environment to constraints.txt.
set -euo pipefail

{
    echo "# Every version that Cognate is built and tested with, on Linux; written by \`make lock\`."
    echo "# A package that only another platform needs is not held here."
    "$1/python" -m pip freeze --all --exclude-editable | sed -E 's/\+[a-z0-9.]+$//' # torch==2.13.0+cpu is 2.13.0
} >constraints.new
mv constraints.new constraints.txt
