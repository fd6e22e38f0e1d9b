#!/usr/bin/env bash
# npm run ci:secrets -- [file…]: looks for secrets in what is committed, or in these files.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly VERSION=11.3.1
if [ $# -gt 0 ]; then printf '%s\0' "$@"; else git ls-files -z; fi | xargs -0 npx --yes -p "secretlint@$VERSION" \
  -p "@secretlint/secretlint-rule-preset-recommend@$VERSION" secretlint --maskSecrets
