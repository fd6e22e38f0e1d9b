#!/usr/bin/env bash
# rollout.sh migrate|rollout|rollback: brings one image into one environment of Kubernetes.
#   ENVIRONMENT  the overlay of k8s/overlays
#   IMAGE        the name of the image, without a tag
#   DIGEST       sha256:…, which of them (not for rollback)
#   KUBE_CONFIG  a kubeconfig that names the namespace as well; without it kubectl finds its own
#
# What is in the overlay has labels app.kubernetes.io/component: "migrate" is the job that changes the
# schema, "server" is what answers requests. Migrations are such that the previous version runs on the new
# schema, so they come first, and a rollback leaves them.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly SERVER=app.kubernetes.io/component=server
readonly MIGRATE=app.kubernetes.io/component=migrate
readonly WITHIN=${WITHIN:-10m}

: "${ENVIRONMENT:?}" "${IMAGE:?}"
# Inside of the tree, because kustomize takes only relative paths.
directory=$(mktemp -d k8s/.rollout-XXXXXX)
trap 'rm -rf "$directory"' EXIT
if [ -n "${KUBE_CONFIG:-}" ]; then
  (umask 077 && printf '%s\n' "$KUBE_CONFIG" >"$directory/kubeconfig")
  export KUBECONFIG=$directory/kubeconfig
fi

render() {
  [[ ${DIGEST:-} =~ ^sha256:[0-9a-f]{64}$ ]] || { echo 'DIGEST must be sha256: and 64 digits' >&2 && exit 1; }
  cat >"$directory/kustomization.yaml" <<YAML
resources: [../overlays/$ENVIRONMENT]
images:
  - name: signpost
    newName: $IMAGE
    digest: $DIGEST
YAML
  kubectl kustomize "$directory" >"$directory/rendered.yaml"
}

servers() { kubectl get deployment,statefulset -l "$SERVER" -o name; }

case ${1:-} in
  migrate)
    render
    # A job cannot be changed, so the one of the last rollout goes.
    kubectl delete job -l "$MIGRATE" --ignore-not-found
    kubectl apply -f "$directory/rendered.yaml" -l 'app.kubernetes.io/component!=server'
    if ! kubectl wait --for=condition=complete job -l "$MIGRATE" --timeout "$WITHIN"; then
      kubectl logs -l "$MIGRATE" --tail 50 || true
      exit 1
    fi
    ;;
  rollout)
    render
    kubectl apply -f "$directory/rendered.yaml" -l "$SERVER"
    for server in $(servers); do kubectl rollout status "$server" --timeout "$WITHIN"; done
    ;;
  rollback)
    for server in $(servers); do
      kubectl rollout undo "$server"
      kubectl rollout status "$server" --timeout "$WITHIN"
    done
    ;;
  *)
    sed -n '2,6s/^# //p' "$0" >&2
    exit 2
    ;;
esac
