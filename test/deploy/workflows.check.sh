#!/usr/bin/env bash
# Checks .github: the linters, and the shell of every step, which is a script ci:STEP of package.json. What
# .ci/run has run under its own name is not run again. Programs that talk to a registry or a cluster are
# stand-ins here, which write down how they are called.
# shellcheck disable=SC2317,SC2329 # functions that check calls
set -euo pipefail
cd "$(dirname "$0")/../.."

directory=$(mktemp -d)
service=
clean_up() {
  if [ -n "$service" ]; then kill "$service" && wait "$service"; fi
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
failures=0

passed() { echo "passed: workflows: $1"; }
skipped() { echo "skipped: workflows: $1"; }
failed() {
  failures=$((failures + 1))
  printf 'failed: workflows: %s\n    %s\n' "$1" "${2//$'\n'/$'\n'    }"
}
check() { # NAME COMMAND…
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then passed "$name"; else failed "$name" "$output"; fi
}
step() { npm run --silent "$@"; }

# -------- that they are the scripts of package.json --------

steps_are_scripts() {
  node --input-type=module -e '
    import { readFileSync, readdirSync } from "node:fs";
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    const folder = ".github/workflows/";
    const text = readdirSync(folder).map((name) => readFileSync(folder + name, "utf8")).join("\n");
    const shells = [...text.matchAll(/^ *(?:- )?run: (.*)$/gm)].map(([, shell]) => shell);
    const wrong = shells.filter((shell) => shell !== "npm ci" && !/^(sudo .* )?npm run ci:[a-z0-9-]+$/.test(shell));
    const used = new Set(shells.flatMap((shell) => shell.match(/ci:[a-z0-9-]+/) ?? []));
    const known = Object.keys(scripts).filter((name) => name.startsWith("ci:"));
    const problems = [
      ...wrong.map((shell) => "is no script: " + shell),
      ...[...used].filter((name) => !known.includes(name)).map((name) => "does not exist: " + name),
      ...known.filter((name) => !used.has(name)).map((name) => "is not used: " + name),
    ];
    console.log(problems.join("\n"));
    process.exitCode = problems.length > 0 || used.size < 10 ? 1 : 0;'
}
# .ci/run runs "npm test" (unit, integration, e2e, fault), "npm run gates" and "npm run check:api".
is_run_by_ci_run() { # STEP SCRIPT WHAT-CI-RUN-SAYS
  node -p 'require("./package.json").scripts[process.argv[1]]' "$1" | grep -qF "npm run --silent $2" && grep -qF "$3" .ci/run
}

# -------- what runs here --------

breaks_nobody() { step ci:openapi-changes -- "$directory/same.json"; }
takes_an_operation_away() {
  node -e '
    const { readFileSync, writeFileSync } = require("node:fs");
    const document = JSON.parse(readFileSync(process.argv[1], "utf8"));
    document.paths["/api/v1/gone"] = { get: { operationId: "gone", responses: { 200: { description: "it was there" } } } };
    writeFileSync(process.argv[2], JSON.stringify(document));' "$directory/same.json" "$directory/more.json"
  ! step ci:openapi-changes -- "$directory/more.json"
}
tells_what_is_inside() {
  step ci:sbom && node -e '
    const { bomFormat, components } = JSON.parse(require("node:fs").readFileSync("sbom.json", "utf8"));
    const names = new Set(components.map(({ group, name }) => (group ? group + "/" : "") + name));
    process.exitCode = bomFormat === "CycloneDX" && names.has("fastify") && !names.has("jest") ? 0 : 1;'
}
finds_a_secret() { # made here, so that it is none of this file
  printf 'aws_secret_access_key = "%s"\ngithub = "ghp_%s"\n' "$(openssl rand -base64 30)" \
    "$(openssl rand -hex 18)" >"$directory/leak.txt"
  ! step ci:secrets -- "$directory/leak.txt"
}

start_service() {
  local port
  port=$(node -e 'const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
    console.log(server.address().port);
    server.close();
  })')
  NODE_ENV=test PORT=$port DATA_DIR=$directory/data JWT_SECRET=$(openssl rand -base64 48) \
    node dist/src/main.js >"$directory/service.log" 2>&1 &
  service=$!
  export PUBLIC_URL=http://127.0.0.1:$port
}

# -------- stand-ins --------

stand_in() { # NAME: writes its arguments down; with a file NAME.fails it fails when they contain its text
  cat >"$directory/bin/$1" <<SH
#!/bin/sh
if [ "\$1" = kustomize ]; then exec "$real_kubectl" "\$@"; fi
echo "$1 \$*" >>"$directory/calls"
case "\$*" in "get deployment,statefulset"*) echo deployment.apps/signpost ;; esac
if [ -e "$directory/fails" ]; then case "\$*" in *"\$(cat "$directory/fails")"*) exit 1 ;; esac; fi
SH
  chmod +x "$directory/bin/$1"
}
calls() { # COMMAND…: what it has called, in one line each
  rm -f "$directory/calls"
  PATH=$directory/bin:$PATH "$@" >"$directory/said" 2>&1 || { cat "$directory/said" && return 1; }
  cat "$directory/calls"
}
called() { grep -nF "$1" "$directory/calls" | head -n 1 | cut -d: -f1; }

digest=sha256:$(printf '%064d' 7)
signs_by_digest() {
  IMAGE=ghcr.io/you/signpost DIGEST=$digest calls step ci:sign | grep -qx "cosign sign --yes ghcr.io/you/signpost@$digest"
}
verifies_who_signed() {
  IMAGE=ghcr.io/you/signpost DIGEST=$digest SIGNED_BY=https://github.com/you calls step ci:verify |
    grep -q -- "--certificate-identity https://github.com/you .* ghcr.io/you/signpost@$digest"
}
builds_the_image() {
  IMAGE=signpost:ci calls step ci:image | grep -qx 'docker build -f docker/Dockerfile -t signpost:ci .'
}

# A tree with the script as it is, and an overlay as small as can be.
make_overlay() {
  local overlay=$directory/tree/k8s/overlays/staging
  mkdir -p "$overlay" "$directory/tree/deploy/ci"
  cp deploy/ci/rollout.sh deploy/ci/manifests.sh deploy/ci/tool.sh "$directory/tree/deploy/ci/"
  cat >"$overlay/kustomization.yaml" <<'YAML'
resources: [all.yaml]
YAML
  cat >"$overlay/all.yaml" <<'YAML'
apiVersion: batch/v1
kind: Job
metadata: { name: migrate, labels: { app.kubernetes.io/component: migrate } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: migrate, image: signpost }] } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: signpost, labels: { app.kubernetes.io/component: server } }
spec:
  replicas: 2
  selector: { matchLabels: { app: signpost } }
  template:
    metadata: { labels: { app: signpost } }
    spec: { containers: [{ name: signpost, image: signpost }] }
YAML
}
rollout() {
  ENVIRONMENT=staging IMAGE=ghcr.io/you/signpost DIGEST=${DIGEST-$digest} KUBE_CONFIG=anything \
    calls "$directory/tree/deploy/ci/rollout.sh" "$1"
}
migrates_before_anything_is_replaced() {
  rollout migrate && [ "$(called 'delete job')" -lt "$(called 'component!=server')" ] &&
    [ "$(called 'component!=server')" -lt "$(called 'wait --for=condition=complete')" ] &&
    ! grep -q 'apply.*component=server' "$directory/calls"
}
stops_when_a_migration_fails() {
  echo 'wait --for' >"$directory/fails"
  local has_failed=no
  rollout migrate || has_failed=yes
  rm "$directory/fails"
  [ $has_failed = yes ]
}
rolls_out_and_waits() {
  rollout rollout && [ "$(called 'component=server')" -lt "$(called 'rollout status deployment.apps/signpost')" ]
}
rolls_back() { rollout rollback && [ "$(called 'rollout undo')" -lt "$(called 'rollout status')" ]; }
refuses_a_tag() { ! DIGEST=latest rollout rollout; }
renders_the_digest() {
  local tree=$directory/tree
  sed 's/^trap .*//' "$tree/deploy/ci/rollout.sh" >"$tree/deploy/ci/keeps.sh"
  chmod +x "$tree/deploy/ci/keeps.sh"
  ENVIRONMENT=staging IMAGE=ghcr.io/you/signpost DIGEST=$digest calls "$tree/deploy/ci/keeps.sh" rollout
  [ "$(cat "$tree"/k8s/.rollout-*/rendered.yaml | grep -c "image: ghcr.io/you/signpost@$digest")" = 2 ]
}
finds_a_misspelled_field() {
  local manifests=$directory/tree/deploy/ci/manifests.sh all=$directory/tree/k8s/overlays/staging/all.yaml
  "$manifests" && sed -i 's/replicas:/replicsa:/' "$all" && ! "$manifests"
}
leaves_nothing() { [ -z "$(find "$directory/tree/k8s" -name '.rollout-*')" ]; }

check 'every step is a script of package.json, and every such script a step' steps_are_scripts
check 'ci:workflows: actionlint, zizmor, shellcheck and the schemas find nothing' step ci:workflows
for alias in ci:gates=gates='npm run gates' ci:unit=test:unit='npm test' ci:integration=test:integration='npm test' \
  ci:e2e=test:e2e='npm test' ci:fault=test:fault='npm test' ci:api=check:api='npm run check:api' \
  ci:openapi=lint:openapi='npm run lint:openapi'; do
  IFS='=' read -r name script said <<<"$alias"
  check "$name is $script, which .ci/run runs" is_run_by_ci_run "$name" "$script" "$said"
done
check 'ci:migrations: up, down, and no drift' step ci:migrations
check 'ci:openapi: the document is written and passes' step ci:openapi
cp openapi.json "$directory/same.json"
check 'ci:openapi-changes: the same document breaks nobody' breaks_nobody
check 'ci:openapi-changes: an operation that is gone does' takes_an_operation_away
check 'ci:openapi-changes: compares with the last release, if there is one' step ci:openapi-changes
check 'ci:secrets: finds none in what is committed' step ci:secrets
check 'ci:secrets: finds one' finds_a_secret
check 'ci:sbom: lists what is shipped, and only that' tells_what_is_inside
# Not silent, whatever this check was started with: an answer is told from a refusal by its words.
if said=$(npm run --loglevel=warn ci:vulnerabilities 2>&1); then passed 'ci:vulnerabilities: none is known';
elif grep -q 'audit endpoint returned an error' <<<"$said"; then skipped 'ci:vulnerabilities: the registry refuses to tell';
else failed 'ci:vulnerabilities' "$said"; fi
start_service
check 'ci:smoke: a running service passes' step ci:smoke
check 'ci:smoke: a link that is missing does not' env SMOKE_CODE=missing WITHIN_SECONDS=1 bash -c '! npm run --silent ci:smoke'

mkdir "$directory/bin"
real_kubectl=$(command -v kubectl || true)
for program in cosign docker kubectl; do stand_in "$program"; done
check 'ci:image: builds docker/Dockerfile (a stand-in for docker)' builds_the_image
check 'ci:sign: signs by digest (a stand-in for cosign)' signs_by_digest
check 'ci:verify: asks for who has signed (a stand-in for cosign)' verifies_who_signed
if [ -z "$real_kubectl" ]; then
  skipped 'ci:migrate, ci:rollout, ci:rollback, ci:manifests: kubectl is not there'
else
  make_overlay
  check 'ci:migrate: runs the job before it replaces anything (a stand-in for the cluster)' migrates_before_anything_is_replaced
  check 'ci:migrate: fails if the job does' stops_when_a_migration_fails
  check 'ci:rollout: applies, and waits until it is through' rolls_out_and_waits
  check 'ci:rollout: refuses what is no digest' refuses_a_tag
  check 'ci:rollback: brings the previous version back' rolls_back
  check 'rollout.sh leaves nothing behind' leaves_nothing
  check 'ci:rollout: runs the image of the digest' renders_the_digest
  check 'ci:manifests: finds a misspelled field' finds_a_misspelled_field
  if [ -d k8s/overlays ]; then check 'ci:manifests: every overlay is valid' step ci:manifests;
  else skipped 'ci:manifests: there is no k8s/overlays'; fi
fi

[ "$failures" = 0 ]
