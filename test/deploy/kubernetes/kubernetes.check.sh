#!/usr/bin/env bash
# npm run check:k8s: every overlay is accepted by a real API server, and that of staging runs.
#   KUBECONFIG   of the cluster; without it one is made on this machine (root on Debian, Go, kubectl)
#   IMAGE        the image in a registry that the cluster reaches, by digest; built here without KUBECONFIG
#   POSTGRES     an image of PostgreSQL that it reaches; a stand-in without KUBECONFIG
# It has to run where the addresses of Services are reached, so on a node, and it makes the namespaces of the
# overlays and removes them at the end: use a cluster that has none of them.
set -uo pipefail
command -v kubectl >/dev/null || { echo 'it needs kubectl'; exit 77; }

if [ -z "${KUBECONFIG:-}" ]; then
  [ -n "$DOCKER" ] || { echo "a cluster of our own needs an engine: $NO_DOCKER"; exit 77; }
  rules=$(iptables-save | grep '^-A')
  # shellcheck source=test/deploy/kubernetes/cluster.sh
  . test/deploy/kubernetes/cluster.sh
  trap stop_cluster EXIT
  trap 'exit 143' INT TERM
  start_cluster || exit
  echo "  a cluster of our own: $(kubectl version 2>/dev/null | tail -n 1)"
  node test/deploy/kubernetes/images.js || exit 1
  postgres=$(sed -n 's/.*image: \(docker.io\/library\/postgres:.*\)/\1/p' docker/compose.yaml)
  image=docker.io/library/signpost
  import_image "$postgres" >/dev/null
  digest=$(import_image "$image:check")
  container images tag "$image:check" "$image@$digest" >/dev/null
  export IMAGE=$image@$digest POSTGRES=$postgres CONTAINERD=$RUN/containerd.sock
fi
: "${IMAGE:?}" "${POSTGRES:?}"
node test/deploy/kubernetes/overlays.js && node test/deploy/kubernetes/others.js && node test/deploy/kubernetes/staging.js
code=$?
if [ -n "${RUN:-}" ]; then
  trap - EXIT
  [ $code -eq 0 ] || tail -n 20 "$RUN"/{kubelet,kube-controller-manager}.log
  stop_cluster
  if [ "$(iptables-save | grep '^-A')" != "$rules" ]; then
    echo 'not so: the rules of the firewall are those of before'
    exit 1
  fi
fi
exit $code
