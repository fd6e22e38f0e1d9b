#!/usr/bin/env bash
# npm run ci:manifests: every overlay of k8s/ can be rendered, and has only fields that Kubernetes knows.
set -euo pipefail
cd "$(dirname "$0")/../.."

validate=$(deploy/ci/tool.sh kubernetes-validate)
rendered=$(mktemp --suffix .yaml)
trap 'rm -f "$rendered"' EXIT
for overlay in k8s/overlays/*/; do
  [ -d "$overlay" ] || { echo 'skipped: there is no k8s/overlays' && exit; }
  kubectl kustomize "$overlay" >"$rendered"
  "$validate" -k 1.37 --strict --quiet "$rendered"
  echo "valid: $overlay"
done
