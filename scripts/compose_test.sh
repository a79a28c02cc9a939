#!/usr/bin/env bash
# Builds the containers and proves that they work: start order, one cited answer, restart, a killed worker, replicas, clean removal.
# It is a project of its own (codemuse-test) beside whatever else runs, and leaves only the images behind.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v docker >/dev/null && docker compose version >/dev/null || { echo "This needs a container engine with Compose v2."; exit 2; }
export COMPOSE_PARALLEL_LIMIT=${COMPOSE_PARALLEL_LIMIT:-1} COMPOSE_PROFILES="" QDRANT_URL="" BIND=127.0.0.1 PORT=${COMPOSE_TEST_PORT:-18080}
export CODEMUSE_VERSION=test OPENAI_API_KEY="" ANTHROPIC_API_KEY="" LLM_BASE_URL="" LLM_MODEL="" ADMIN_EMAIL=admin@codemuse.local
unset SERVICE_TOKEN JWT_SECRET POSTGRES_PASSWORD REDIS_PASSWORD ADMIN_PASSWORD
project=codemuse-test
url=http://127.0.0.1:$PORT
python=$PWD/.venv/bin/python
work=$(mktemp -d)
export XDG_CONFIG_HOME=$work CODEMUSE_URL=$url
unset CODEMUSE_API_KEY
failed=0

compose() { docker compose --project-name $project --env-file "$work/env" "$@"; }
cleanup() {
  status=$?
  [ $status = 0 ] || { compose ps --all; compose logs --no-color --tail 15; } 2>/dev/null
  compose down --volumes --remove-orphans --timeout 10 >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

step() { printf '\n== %s (after %s s)\n' "$1" $SECONDS; }
check() { # what it means, then the command
  local what=$1 seen
  shift
  if seen=$("$@" 2>&1); then echo "ok    $what${seen:+: $(tail -n 1 <<<"$seen" | cut -c 1-160)}"; else echo "FAIL  $what"; tail -n 20 <<<"$seen"; failed=1; fi
}
codemuse() { .venv/bin/codemuse "$@"; }
containers() { docker ps --filter label=com.docker.compose.project=$project --filter "label=com.docker.compose.service=$1" --quiet; }
value() { "$python" -c "import sys, orjson; it = orjson.loads(sys.stdin.buffer.read()); print($1)"; } # of the JSON on standard input

only_web_on_loopback() {
  local published
  published=$(docker ps --filter label=com.docker.compose.project=$project --format '{{.Label "com.docker.compose.service"}} {{.Ports}}' | grep -- '->' || true)
  echo "$published"
  [ "$published" = "web 127.0.0.1:$PORT->8080/tcp" ] || [ "$published" = "web 80/tcp, 127.0.0.1:$PORT->8080/tcp" ]
}
nobody_is_root() {
  local service
  for service in embedding-server llm-server docgen-server rag-server gateway worker web; do
    printf '%s %s, ' $service "$(compose exec --no-TTY $service id -u)"
    [ "$(compose exec --no-TTY $service id -u)" != 0 ] || return 1
    [ "$(docker inspect --format '{{.HostConfig.ReadonlyRootfs}}' "$(containers $service | head -n 1)")" = true ] || return 1
  done
}
same_headers() {
  local page api
  page=$(curl -fsSI "$url/" | tr -d '\r' | grep -iE '^(content-security-policy|x-content-type-options|referrer-policy|cross-origin-opener-policy|permissions-policy):' | sort -f)
  api=$(curl -fsS -D - -o /dev/null "$url/api/v1/health" | tr -d '\r' | grep -iE '^(content-security-policy|x-content-type-options|referrer-policy|cross-origin-opener-policy|permissions-policy):' | sort -f)
  [ -n "$page" ] && [ "${page,,}" = "${api,,}" ]
}
cited_answer() {
  codemuse ask "Where is the circuit breaker implemented?" --repository house --json >"$work/answer.json"
  value "f'{len(it[\"citations\"])} citations, checked {it[\"verification\"][\"citations_checked\"]}, right {it[\"verification\"][\"citations_ok\"]}; {it[\"model\"]}'" <"$work/answer.json"
  [ "$(value 'bool(it["citations"]) and it["verification"]["citations_ok"] == it["verification"]["citations_checked"]' <"$work/answer.json")" = True ]
}
found() {
  codemuse search "circuit breaker" --repository "$1" --json >"$work/search.json"
  value "f'{len(it[\"results\"])} results, first {it[\"results\"][0][\"path\"]}, {it[\"took_ms\"]:.0f} ms'" <"$work/search.json"
}
index() { # folder, name
  codemuse index "$1" --name "$2" --wait --until-refined --json >"$work/run.json"
  value "f'{it[\"status\"]}, {it[\"progress\"][\"done\"]} of {it[\"progress\"][\"total\"]} files, {it[\"progress\"][\"failed\"]} failed'" <"$work/run.json"
  [[ $(value 'it["status"]' <"$work/run.json") == succeeded* ]]
}
step_of() { codemuse status "$1" --json | value "next(step[\"status\"] for step in it[\"steps\"] if step[\"name\"] == \"$2\")"; }
wait_for_step() { # run, step, status, seconds
  local until=$((SECONDS + $4))
  while [ "$(step_of "$1" "$2")" != "$3" ]; do
    [ $SECONDS -lt $until ] || { codemuse status "$1"; return 1; }
    sleep 0.2
  done
  codemuse status "$1" --json | value "it[\"status\"] + ': ' + ', '.join(f'{step[\"name\"]} {step[\"status\"]} (attempt {step[\"attempt\"]})' for step in it[\"steps\"])"
}
kill_worker() { # as the kernel would; an engine's own kill would count as our wish and not be followed by a restart
  local container
  container=$(containers worker | head -n 1)
  kill -9 "$(docker inspect --format '{{.State.Pid}}' "$container")" 2>/dev/null || { docker kill "$container" >/dev/null && docker start "$container" >/dev/null; }
  echo "worker $container killed"
}
tokens_per_replica() { # how much each embedding-server has embedded; all of them must have done something
  local container count idle=0
  for container in $(containers embedding-server); do
    count=$(docker exec --interactive "$container" python - <<'PYTHON'
import os, urllib.request
request = urllib.request.Request("http://127.0.0.1:8001/metrics", headers={"Authorization": "Bearer " + os.environ["SERVICE_TOKEN"]})
lines = urllib.request.urlopen(request, timeout=5).read().decode().splitlines()
print(sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if line.startswith("codemuse_embedding_tokens_total")))
PYTHON
    )
    printf '%s embedded %s tokens; ' "${container:0:6}" "$count"
    [ "$count" -gt 0 ] || idle=1
  done
  return $idle
}
make_repository() { # folder, then what goes in
  local folder=$1
  shift
  mkdir -p "$folder" && cp -r "$@" "$folder" && git -C "$folder" init -q && git -C "$folder" add -A
  git -C "$folder" -c user.name=test -c user.email=test@codemuse.local commit -qm "Import"
}

step "settings with generated secrets"
scripts/make_env.sh "$work/env" | tail -n 1
ADMIN_PASSWORD=$(sed -n 's/^ADMIN_PASSWORD=//p' "$work/env")
export CODEMUSE_PASSWORD=$ADMIN_PASSWORD
check "without secrets nothing starts" bash -c "! docker compose --project-name $project --env-file .env.example config --quiet"

step "build"
compose build --quiet
docker images --format "{{.Repository}}:{{.Tag}} {{.Size}}" | grep "^codemuse.*:test" | sort

step "start, each when what it needs is healthy"
compose up --detach --wait --wait-timeout 400 2>&1 | tail -n 3
compose ps --format '{{.Service}} {{.Status}}'
check "only web is published, on loopback" only_web_on_loopback
check "nobody is root, file systems are read-only" nobody_is_root
check "page and API carry the same security headers" same_headers
check "the app is served, its own addresses too" bash -c "curl -fsS $url/repositories | grep -q '<div id=\"app\"'"
check "metrics stay inside" bash -c "! curl -fsS $url/metrics | grep -q codemuse_"

step "sign in, index this repository, search, ask"
git archive --format=tar HEAD | (mkdir "$work/house" && tar -x -C "$work/house")
make_repository "$work/house-repository" "$work/house/."
check "signed in" codemuse login --email $ADMIN_EMAIL
check "indexed" index "$work/house-repository" house
check "found" found house
check "answered with citations" cited_answer
check "streamed over the WebSocket" "$python" scripts/compose_socket.py "$url" $ADMIN_EMAIL "$ADMIN_PASSWORD" "How are retries done?"

step "restart everything"
compose restart --timeout 30 >/dev/null 2>&1
compose up --detach --wait --wait-timeout 400 >/dev/null 2>&1
check "found as before" found house
check "answered as before" cited_answer

step "kill -9 the worker while it indexes"
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
make_repository "$work/large" "$packages"/{celery,kombu,sqlalchemy}
run=$(codemuse index "$work/large" --name large --json | value 'it["run"]["id"]')
check "it is at work" wait_for_step "$run" analyse running 60
kill_worker
check "it was not done yet" bash -c "[ '$(step_of "$run" publish)' != succeeded ]"
check "another attempt made it searchable" wait_for_step "$run" publish succeeded 200
check "the worker is back" compose up --detach --wait --wait-timeout 120 worker
check "found" found large

step "three workers, two embedding servers"
compose up --detach --wait --wait-timeout 400 --no-recreate --scale worker=3 --scale embedding-server=2 >/dev/null 2>&1
compose ps --format '{{.Name}} {{.Status}}' worker embedding-server
make_repository "$work/third" "$packages"/{fastapi,starlette,httpx,structlog}
run=$(codemuse index "$work/third" --name third --json | value 'it["run"]["id"]')
check "indexed" wait_for_step "$run" publish succeeded 200
check "found" found third
check "each embedding server does its share" tokens_per_replica
check "answered with citations" cited_answer
check "still only web is published" only_web_on_loopback

step "down"
compose down --volumes --timeout 30 >/dev/null 2>&1
check "nothing is left" bash -c "[ -z \"\$(docker ps -aq --filter label=com.docker.compose.project=$project)\$(docker volume ls -q --filter label=com.docker.compose.project=$project)\" ]"

[ $failed = 0 ] && echo && echo "The containers do what they should (${SECONDS}s)."
exit $failed
