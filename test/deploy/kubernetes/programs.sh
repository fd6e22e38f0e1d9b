#!/usr/bin/env bash
# Makes a Kubernetes from its Go modules, once, and prints the directory of its programs. It takes an hour on
# two busy cores, and 5 GB of Go's cache.
set -euo pipefail
readonly VERSION=1.37.2 ETCD=v3.7.0 OPERATOR=v0.85.0
programs=$CHECK_CACHE/kubernetes-$VERSION
if [ -e "$programs/complete" ]; then
  echo "$programs" && exit
fi
command -v go >/dev/null || { echo 'Kubernetes is made with Go, which is not here' >&2; exit 77; }

# Programs of Kubernetes are its modules, called by a line of code.
command_of() { # NAME PACKAGE-OF-THE-COMMAND CALL [IMPORT]
  mkdir -p "cmd/$1"
  cat >"cmd/$1/main.go" <<GO
package main

import (
	${4:-}
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"$2"
)

func main() { os.Exit(cli.Run($3)) }
GO
}

make_programs() {
  go mod init signpost.local/kubernetes
  go mod edit -require="k8s.io/kubernetes@v$VERSION" -require="go.etcd.io/etcd/server/v3@$ETCD"
  # Kubernetes replaces its own libraries by folders that other modules do not see; each is published, too.
  local module library version='k8s.io/component-base/version'
  module=$(go mod download -json "k8s.io/kubernetes@v$VERSION" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
  sed -n 's#^\t\(k8s.io/[^ ]*\) => ./staging.*#\1#p' "$module" | grep -v /sample- | while read -r library; do
    go mod edit -replace="$library=$library@v0.${VERSION#1.}"
  done
  mkdir -p cmd/etcd cmd/pause
  printf 'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n' >cmd/etcd/main.go
  # What keeps the network of a pod.
  printf 'package main\n\nimport (\n\t"os"\n\t"os/signal"\n\t"syscall"\n)\n\nfunc main() {\n\tc := make(chan os.Signal, 1)\n\tsignal.Notify(c, syscall.SIGINT, syscall.SIGTERM)\n\t<-c\n}\n' >cmd/pause/main.go
  local app=k8s.io/kubernetes/cmd
  command_of kube-apiserver "$app/kube-apiserver/app" 'app.NewAPIServerCommand()'
  command_of kube-controller-manager "$app/kube-controller-manager/app" 'app.NewControllerManagerCommand()'
  command_of kube-scheduler "$app/kube-scheduler/app" 'app.NewSchedulerCommand()'
  command_of kube-proxy "$app/kube-proxy/app" 'app.NewProxyCommand()'
  command_of kubelet "$app/kubelet/app" 'app.NewKubeletCommand(context.Background())' '"context"'
  go mod tidy
  CGO_ENABLED=0 nice -n 10 go build -trimpath -buildvcs=false -o "$programs.new/" -ldflags "-s -w
    -X $version.gitVersion=v$VERSION -X $version.gitMajor=1 -X $version.gitMinor=${VERSION:2:2}" ./cmd/...
  # What the monitoring component is made of.
  module=$(go mod download -json "github.com/prometheus-operator/prometheus-operator@$OPERATOR" |
    sed -n 's/.*"Dir": "\(.*\)",/\1/p')
  cp "$module"/example/prometheus-operator-crd/*_{podmonitors,prometheusrules}.yaml "$programs.new/"
}

directory=$(mktemp -d -p "$CHECK_DIRECTORY")
rm -rf "$programs.new" "$programs"
mkdir -p "$programs.new"
(cd "$directory" && make_programs) >&2
chmod -R u+w "$programs.new"
touch "$programs.new/complete"
mv "$programs.new" "$programs"
echo "$programs"
