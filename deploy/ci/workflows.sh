#!/usr/bin/env bash
# npm run ci:workflows: the linters of what GitHub runs, and of the scripts that it calls.
set -euo pipefail
cd "$(dirname "$0")/../.."

shellcheck=$(deploy/ci/tool.sh shellcheck)
jsonschema=$(deploy/ci/tool.sh check-jsonschema)
"$(deploy/ci/tool.sh actionlint)" -shellcheck "$shellcheck" -pyflakes ''
"$(deploy/ci/tool.sh zizmor)" --offline --no-progress --quiet .github
"$jsonschema" --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
"$jsonschema" --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
"$shellcheck" -x deploy/ci/*.sh
