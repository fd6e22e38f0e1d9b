#!/usr/bin/env bash
# A Kubernetes of our own on this machine: a real control plane and one real node, whose containers, network
# and files are below CHECK_DIRECTORY. It lacks what is no part of Kubernetes: names in the cluster, an Ingress
# controller, metrics for the autoscaler, and a network that keeps to NetworkPolicies.

RUN=$CHECK_DIRECTORY/cluster
NODE=localhost
POD_NETWORK=10.214.0.0/24
SERVICE_NETWORK=10.215.0.0/16
VOLUMES=8

start_cluster() {
  local ports
  if iptables --list KUBE-FIREWALL >/dev/null 2>&1; then
    echo 'there is a Kubernetes on this machine already; name it in KUBECONFIG'
    exit 77
  fi
  PROGRAMS=$(test/deploy/kubernetes/programs.sh) || return
  unpack_network_plugins
  mkdir -p "$RUN"/{cni,volumes}
  openssl genrsa -out "$RUN/accounts.key" 2048 2>/dev/null
  local token
  token=$(openssl rand -hex 16)
  echo "$token,administrator,administrator,system:masters" >"$RUN/tokens.csv"
  ports=$(free_ports 6) && read -r ETCD_PORT PEER_PORT API_PORT KUBELET_PORT PROXY_PORT PROXY_METRICS_PORT <<<"$ports"
  export KUBECONFIG=$RUN/kubeconfig
  cat >"$KUBECONFIG" <<YAML
apiVersion: v1
kind: Config
clusters: [{ name: check, cluster: { server: "https://127.0.0.1:$API_PORT", insecure-skip-tls-verify: true } }]
users: [{ name: administrator, user: { token: $token } }]
contexts: [{ name: check, context: { cluster: check, user: administrator } }]
current-context: check
YAML
  start_control_plane
  start_node
  kubectl apply -f "$PROGRAMS/monitoring.coreos.com_podmonitors.yaml" -f "$PROGRAMS/monitoring.coreos.com_prometheusrules.yaml" >/dev/null
  make_volumes
}

start_control_plane() {
  launch etcd --data-dir "$RUN/etcd" --log-level error \
    --listen-client-urls "http://127.0.0.1:$ETCD_PORT" --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
    --listen-peer-urls "http://127.0.0.1:$PEER_PORT" --initial-advertise-peer-urls "http://127.0.0.1:$PEER_PORT" \
    --initial-cluster "default=http://127.0.0.1:$PEER_PORT"
  launch kube-apiserver --etcd-servers="http://127.0.0.1:$ETCD_PORT" --bind-address=127.0.0.1 \
    --secure-port="$API_PORT" --cert-dir="$RUN/certificates" --token-auth-file="$RUN/tokens.csv" \
    --service-account-key-file="$RUN/accounts.key" --service-account-signing-key-file="$RUN/accounts.key" \
    --service-account-issuer=https://kubernetes.default.svc --authorization-mode=Node,RBAC \
    --service-cluster-ip-range="$SERVICE_NETWORK" --enable-admission-plugins=NodeRestriction
  wait_until 60 'the API server answers' kubectl get --raw /readyz
  launch kube-controller-manager --kubeconfig="$KUBECONFIG" --leader-elect=false --secure-port=0 \
    --service-account-private-key-file="$RUN/accounts.key" --use-service-account-credentials=false \
    --controllers='*,-nodeipam'
  launch kube-scheduler --kubeconfig="$KUBECONFIG" --leader-elect=false --secure-port=0
}

start_node() {
  cat >"$RUN/cni/10-bridge.conflist" <<JSON
{ "cniVersion": "1.0.0", "name": "signpost-check", "plugins": [
  { "type": "bridge", "bridge": "signpost-check", "isGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$POD_NETWORK" }]],
      "routes": [{ "dst": "0.0.0.0/0" }], "dataDir": "$RUN/addresses" } } ] }
JSON
  cat >"$RUN/containerd.toml" <<TOML
version = 2
root = "$RUN/containerd/root"
state = "$RUN/containerd/state"
oom_score = 0
[grpc]
  address = "$RUN/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  # A container may not have a right that this machine does not have itself.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$CHECK_CACHE/cni/usr/lib/cni"
    conf_dir = "$RUN/cni"
TOML
  cat >"$RUN/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://$RUN/containerd.sock
failCgroupV1: false
cgroupDriver: cgroupfs
enforceNodeAllocatable: []
failSwapOn: false
oomScoreAdj: 0
address: 127.0.0.1
port: $KUBELET_PORT
readOnlyPort: 0
healthzPort: 0
podLogsDir: $RUN/logs
authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
makeIPTablesUtilChains: false
imageMinimumGCAge: 1000h
evictionHard: { memory.available: 100Mi }
YAML
  launch /usr/bin/containerd --config "$RUN/containerd.toml"
  wait_until 30 'containerd answers' container version
  make_pause_image
  launch kubelet --config="$RUN/kubelet.yaml" --kubeconfig="$KUBECONFIG" --root-dir="$RUN/kubelet" \
    --cert-dir="$RUN/kubelet-certificates" --hostname-override=$NODE
  # Its rules bring Service addresses to pods.
  launch kube-proxy --kubeconfig="$KUBECONFIG" --proxy-mode=iptables --cluster-cidr="$POD_NETWORK" \
    --hostname-override=$NODE --healthz-bind-address="127.0.0.1:$PROXY_PORT" \
    --metrics-bind-address="127.0.0.1:$PROXY_METRICS_PORT" --conntrack-max-per-core=0 --conntrack-min=0 \
    --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
  wait_until 90 'the node is ready' node_is_ready
}

node_is_ready() { kubectl get node $NODE | grep -qw Ready; }

# Volumes of this machine, for claims that name no class.
make_volumes() {
  local number
  for number in $(seq $VOLUMES); do
    mkdir -p "$RUN/volumes/$number"
    kubectl apply -f - >/dev/null <<YAML
apiVersion: v1
kind: PersistentVolume
metadata: { name: check-$number }
spec:
  capacity: { storage: 10Gi }
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  local: { path: $RUN/volumes/$number }
  nodeAffinity:
    required:
      nodeSelectorTerms: [{ matchExpressions: [{ key: kubernetes.io/hostname, operator: In, values: [$NODE] }] }]
YAML
  done
}

# import_image NAME: from the engine to the node; prints its digest
import_image() {
  "$DOCKER" save "$1" | container images import - >/dev/null
  container images list "name==$1" | awk 'NR == 2 { print $3 }'
}

make_pause_image() {
  local context=$RUN/pause
  mkdir "$context"
  cp "$PROGRAMS/pause" "$context"
  printf 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n' >"$context/Dockerfile"
  "$DOCKER" build --quiet --tag localhost/pause:1 "$context" >/dev/null
  import_image localhost/pause:1 >/dev/null
}

container() { ctr --address "$RUN/containerd.sock" --namespace k8s.io "$@"; }

# The plugins of the distribution, unpacked beside it.
unpack_network_plugins() {
  [ -x "$CHECK_CACHE/cni/usr/lib/cni/bridge" ] && return
  (cd "$CHECK_DIRECTORY" && apt-get download -qq containernetworking-plugins 2>/dev/null &&
    dpkg -x containernetworking-plugins_*.deb "$CHECK_CACHE/cni") >/dev/null
}

launch() { # PROGRAM ARGUMENT…
  local name
  name=$(basename "$1")
  PATH=$PROGRAMS:$PATH "$@" >"$RUN/$name.log" 2>&1 &
  echo $! >"$RUN/$name.pid"
}

end() { # NAME [SIGNAL]
  local pid
  pid=$(cat "$RUN/$1.pid" 2>/dev/null) || return 0
  kill "-${2:-TERM}" "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
}

wait_until() { # SECONDS WHAT COMMAND…
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { echo "not in time: $what" && tail -n 3 "$RUN"/*.log && return 1; }
    sleep 0.5
  done
}

free_ports() {
  node -e '
    const { createServer } = require("node:net");
    const servers = Array.from({ length: Number(process.argv[1]) }, () => createServer().listen(0, "127.0.0.1"));
    setTimeout(() => {
      console.log(servers.map((server) => server.address().port).join(" "));
      servers.forEach((server) => server.close());
    }, 50);' "$1"
}

stop_cluster() {
  [ -d "$RUN" ] || return 0
  end kube-controller-manager
  end kube-scheduler
  end kubelet
  # Removes the pods one by one, with their networks.
  container tasks list --quiet | xargs -r -n 1 ctr --address "$RUN/containerd.sock" --namespace k8s.io tasks kill --signal KILL
  sleep 2
  end kube-proxy
  "$PROGRAMS/kube-proxy" --cleanup
  end containerd
  end kube-apiserver
  end etcd
  awk -v d="$RUN" 'index($2, d) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  ip link delete signpost-check
  remove_network_rules
  find /var/log/containers -lname "$RUN/*" -delete
  find /sys/fs/cgroup -depth -type d -path '*/kubepods*' -exec rmdir {} +
} >/dev/null 2>&1

# What the node and the network plugin have left: the rules of our network, and their chains.
remove_network_rules() {
  local rule chain
  iptables -D INPUT -j KUBE-FIREWALL
  iptables -D OUTPUT -j KUBE-FIREWALL
  iptables -F KUBE-FIREWALL
  iptables -X KUBE-FIREWALL
  iptables-save -t nat | grep -F 'name: \"signpost-check\"' | grep ^-A | sed 's/^-A/-D/' | while read -r rule; do
    eval "iptables -t nat $rule"
    chain=${rule##* }
    case $chain in
      CNI-*)
        iptables -t nat -F "$chain"
        iptables -t nat -X "$chain"
        ;;
    esac
  done
}
