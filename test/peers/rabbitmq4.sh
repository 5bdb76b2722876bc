#!/bin/bash
# RabbitMQ 4.x (AMQP 1.0 in its core) from Debian trixie, in a folder of its own,
# for a Debian bookworm machine: erlang 27 there needs libc6 >= 2.38, which bookworm
# lacks, so a minimal trixie is laid into a folder (debootstrap) and the server runs in
# it by chroot. Nothing of the bookworm system changes, no service is started at install,
# and every socket listens on 127.0.0.1 only.
#
#   rabbitmq4.sh install | start | stop | run | status | ctl ARGS... | eval ERLANG | uninstall
#
#   run   starts the server, prints its "started" line, stops it when standard input ends and
#         leaves nothing behind: a test host that dies takes its server with it
#
# Environment (all optional):
#   RABBITMQ4_ROOT      folder of the trixie system      /opt/rabbitmq4-root
#   RABBITMQ4_PORT      AMQP port                        5674
#   RABBITMQ4_TLS_PORT  AMQPS port, 0 for none           RABBITMQ4_PORT + 100  (5774)
#   RABBITMQ4_EPMD_PORT Erlang port mapper               RABBITMQ4_PORT + 10000
#   RABBITMQ4_DIST_PORT Erlang distribution              RABBITMQ4_PORT + 20000
#   RABBITMQ4_RUN       folder for certificates, logs    /tmp/rabbitmq4-PORT
#   RABBITMQ4_KEEP      1: keep queues between starts    0
#   RABBITMQ4_WAIT      seconds to wait for the start    120
#   DEBIAN_MIRROR       where packages come from        the mirror that apt uses here
#
# Several instances may run side by side: give each its own RABBITMQ4_PORT.
set -eu

ROOT=${RABBITMQ4_ROOT:-/opt/rabbitmq4-root}
PORT=${RABBITMQ4_PORT:-5674}
TLS_PORT=${RABBITMQ4_TLS_PORT:-$((PORT + 100))}
EPMD_PORT=${RABBITMQ4_EPMD_PORT:-$((PORT + 10000))}
DIST_PORT=${RABBITMQ4_DIST_PORT:-$((PORT + 20000))}
RUN=${RABBITMQ4_RUN:-/tmp/rabbitmq4-$PORT}
WAIT=${RABBITMQ4_WAIT:-120}
KEEP=${RABBITMQ4_KEEP:-0}
MIRROR=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep '/debian$' | head -n 1)}
NODE=rabbit-$PORT@localhost
# the same folders as the server sees them, from inside its root
IN=/srv/rabbit-$PORT
STATE=$ROOT$IN
PIDFILE=$STATE/server.pid
EPMD_PIDFILE=$STATE/epmd.pid

say() { echo "rabbitmq4: $*"; }
die() { echo "rabbitmq4: $*" >&2; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

# Runs a command in the trixie root, with a /proc of its own that is gone when the command
# ends: in a private mount name space, so that the machine's own mounts stay as they are.
# $1 is user:group. It never returns (exec, so that a signal to $! reaches the command):
# call it in a subshell, or with & after it.
inside() {
  local who=$1; shift
  exec unshare --mount --propagation private -- sh -c '
    root=$1 who=$2; shift 2
    mount -t proc proc "$root/proc"
    exec chroot --userspec="$who" "$root" "$@"' inside "$ROOT" "$who" "$@"
}

# The Erlang and RabbitMQ settings of this instance, for the server and for rabbitmqctl.
settings() {
  echo HOME="$IN" LANG=C.UTF-8 LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$EPMD_PORT" \
    RABBITMQ_NODENAME="$NODE" RABBITMQ_DIST_PORT="$DIST_PORT" RABBITMQ_HOME=/usr/lib/rabbitmq \
    RABBITMQ_CONF_ENV_FILE="$IN/env.conf" RABBITMQ_CONFIG_FILE="$IN/rabbitmq.conf" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$IN/enabled_plugins" \
    RABBITMQ_BASE="$IN" RABBITMQ_MNESIA_BASE="$IN/data" RABBITMQ_LOG_BASE="$IN/log" \
    RABBITMQ_PID_FILE="$IN/rabbit.pid"
}

alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

install() {
  local t; t=$(now)
  exec 9>"${TMPDIR:-/tmp}/rabbitmq4-install.lock"; flock 9   # two clones may be tested at once
  if [ -e "$ROOT/.rabbitmq4-ready" ]; then
    say "already installed in $ROOT: $(cat "$ROOT/.rabbitmq4-ready")"; return 0
  fi
  [ "$(id -u)" = 0 ] || die "install needs root"
  local need=""
  command -v debootstrap >/dev/null || need="$need debootstrap"
  command -v openssl >/dev/null || need="$need openssl"
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || need="$need debian-archive-keyring"
  if [ -n "$need" ]; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $need >/dev/null
  fi
  # whatever an install that was cut off has left would confuse debootstrap
  if [ -e "$ROOT" ]; then
    case $ROOT in /|/usr|/opt|/etc|/var|/home|/root|/tmp|"") die "refusing to remove $ROOT";; esac
    if grep -q " $ROOT/" /proc/mounts; then die "something is mounted under $ROOT"; fi
    rm -rf --one-file-system "$ROOT"
  fi
  mkdir -p "$ROOT"
  debootstrap --variant=minbase --include=ca-certificates trixie "$ROOT" "$MIRROR" \
    >"$ROOT.debootstrap.log" 2>&1 || { tail -20 "$ROOT.debootstrap.log" >&2; die "debootstrap failed"; }
  say "debootstrap: $(since "$t") s"
  printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
  chmod 755 "$ROOT/usr/sbin/policy-rc.d"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$ROOT/etc/hosts"
  printf 'force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n' \
    >"$ROOT/etc/dpkg/dpkg.cfg.d/small"
  local p; for p in http_proxy https_proxy; do
    [ -z "${!p:-}" ] || echo "Acquire::${p%_proxy}::Proxy \"${!p}\";" >>"$ROOT/etc/apt/apt.conf.d/proxy"
  done
  cp /etc/resolv.conf "$ROOT/etc/resolv.conf" 2>/dev/null || true
  (inside root:root env DEBIAN_FRONTEND=noninteractive HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c 'apt-get -qq update && apt-get -qq -y install --no-install-recommends rabbitmq-server' \
    >"$ROOT.apt.log" 2>&1) || { tail -20 "$ROOT.apt.log" >&2; die "apt-get in $ROOT failed"; }
  rm -rf "$ROOT"/var/cache/apt/*.bin "$ROOT"/var/cache/apt/archives/*.deb "$ROOT"/var/lib/apt/lists/* \
    "$ROOT"/usr/share/doc/* "$ROOT"/usr/share/locale/* "$ROOT"/usr/share/man/*
  local v; v=$(chroot "$ROOT" dpkg-query -W -f '${Package} ${Version}  ' rabbitmq-server erlang-base)
  echo "$v" >"$ROOT/.rabbitmq4-ready"
  rm -f "$ROOT.debootstrap.log" "$ROOT.apt.log"
  say "installed $v in $(since "$t") s, $(du -sxm "$ROOT" | cut -f1) MB in $ROOT"
}

# A certificate authority, a server certificate for localhost and a client certificate
# whose common name is the user it logs in as (SASL EXTERNAL).
certificates() {
  local d=$RUN/tls
  [ -s "$d/client.pem" ] && return 0
  mkdir -p "$d"
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=rabbitmq4 test CA" \
    -keyout "$d/ca.key" -out "$d/ca.pem" 2>/dev/null
  local n; for n in server:localhost:serverAuth client:guest:clientAuth; do
    local name=${n%%:*} rest=${n#*:}; local cn=${rest%%:*} use=${rest#*:}
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$cn" -keyout "$d/$name.key" -out "$d/$name.csr" 2>/dev/null
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=%s\n' "$use" >"$d/$name.ext"
    [ "$name" = client ] || printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >>"$d/$name.ext"
    openssl x509 -req -in "$d/$name.csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial \
      -days 3650 -extfile "$d/$name.ext" -out "$d/$name.pem" 2>/dev/null
    rm -f "$d/$name.csr" "$d/$name.ext"
  done
  openssl pkcs12 -export -in "$d/client.pem" -inkey "$d/client.key" -passout pass: -out "$d/client.p12"
}

configure() {
  [ "$KEEP" = 1 ] || rm -rf "$STATE/data"
  mkdir -p "$STATE/data" "$STATE/log" "$RUN"
  : >"$STATE/env.conf"
  cat >"$STATE/rabbitmq.conf" <<CONF
listeners.tcp.default = 127.0.0.1:$PORT
auth_mechanisms.1 = PLAIN
auth_mechanisms.2 = ANONYMOUS
auth_mechanisms.3 = EXTERNAL
anonymous_login_user = guest
anonymous_login_pass = guest
ssl_cert_login_from = common_name
log.console = false
log.file.level = info
vm_memory_high_watermark.absolute = 1GiB
disk_free_limit.absolute = 50MB
load_definitions = $IN/definitions.json
CONF
  if [ "$TLS_PORT" != 0 ]; then
    certificates
    mkdir -p "$STATE/tls"
    cp "$RUN"/tls/ca.pem "$RUN"/tls/server.pem "$RUN"/tls/server.key "$STATE/tls/"
    cat >>"$STATE/rabbitmq.conf" <<CONF
listeners.ssl.default = 127.0.0.1:$TLS_PORT
ssl_options.cacertfile = $IN/tls/ca.pem
ssl_options.certfile = $IN/tls/server.pem
ssl_options.keyfile = $IN/tls/server.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
CONF
  fi
  echo '[rabbitmq_auth_mechanism_ssl].' >"$STATE/enabled_plugins"
  # users (guest/guest, alice/secret), and queues that are there from the start:
  # AMQP 1.0 attaches to /queues/NAME or /exchanges/NAME/KEY, and neither is made by attaching
  local q="" n
  for n in q1 q2 q3 q4; do
    q="$q{\"name\":\"$n\",\"vhost\":\"/\",\"durable\":true,\"auto_delete\":false,\"arguments\":{\"x-queue-type\":\"classic\"}},"
  done
  cat >"$STATE/definitions.json" <<JSON
{
 "users": [
  {"name":"guest","password":"guest","tags":["administrator"]},
  {"name":"alice","password":"secret","tags":[]}
 ],
 "vhosts": [{"name":"/"}],
 "permissions": [
  {"user":"guest","vhost":"/","configure":".*","write":".*","read":".*"},
  {"user":"alice","vhost":"/","configure":".*","write":".*","read":".*"}
 ],
 "queues": [ $q
  {"name":"quorum1","vhost":"/","durable":true,"auto_delete":false,"arguments":{"x-queue-type":"quorum"}},
  {"name":"stream1","vhost":"/","durable":true,"auto_delete":false,"arguments":{"x-queue-type":"stream"}}
 ],
 "exchanges": [],
 "bindings": []
}
JSON
  chroot "$ROOT" chown -R rabbitmq:rabbitmq "$IN"
}

start() {
  local t; t=$(now)
  [ -e "$ROOT/.rabbitmq4-ready" ] || die "not installed: $0 install"
  if alive "$PIDFILE"; then say "already running, pid $(cat "$PIDFILE"), port $PORT"; return 0; fi
  ! answers "$PORT" || die "port $PORT is taken by something else"
  configure
  if ! alive "$EPMD_PIDFILE"; then
    # shellcheck disable=SC2046
    inside rabbitmq:rabbitmq env -i $(settings) epmd </dev/null >>"$STATE/log/epmd.log" 2>&1 &
    echo $! >"$EPMD_PIDFILE"
    # else the server would start one of its own, as a daemon that no one ends
    local e; for ((e = 0; e < 100; e++)); do if answers "$EPMD_PORT"; then break; fi; sleep 0.1; done
  fi
  # shellcheck disable=SC2046
  inside rabbitmq:rabbitmq env -i $(settings) \
    RUNNING_UNDER_SYSTEMD=1 RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none" \
    /usr/lib/rabbitmq/bin/rabbitmq-server </dev/null >"$STATE/log/console.log" 2>&1 &
  echo $! >"$PIDFILE"
  local i; for ((i = 0; i < WAIT * 5; i++)); do
    if ! alive "$PIDFILE"; then tail -40 "$STATE/log/console.log" >&2; kill_one "$EPMD_PIDFILE"; die "the server ended at its start"; fi
    if grep -qs 'Server startup complete' "$STATE"/log/rabbit-"$PORT"@localhost.log && answers "$PORT"; then
      say "started in $(since "$t") s: pid $(cat "$PIDFILE"), amqp://127.0.0.1:$PORT, tls port $TLS_PORT, user guest/guest or alice/secret"
      [ "$TLS_PORT" = 0 ] || say "certificates in $RUN/tls (ca.pem, client.pem/key/p12 for EXTERNAL as guest)"
      return 0
    fi
    sleep 0.2
  done
  die "no answer on port $PORT after $WAIT s; see $STATE/log"
}

# ends the one process whose id the file holds, at most 20 s, then for good
kill_one() {
  alive "$1" || { rm -f "$1"; return 0; }
  local pid i; pid=$(cat "$1")
  kill -TERM "$pid" 2>/dev/null || true
  for ((i = 0; i < 100; i++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$1"
}

stop() {
  local t; t=$(now)
  kill_one "$PIDFILE"
  kill_one "$EPMD_PIDFILE"
  say "stopped in $(since "$t") s"
}

run() {
  exec 3<&0
  trap 'stop; tidy; exit 143' TERM INT HUP
  start
  cat <&3 >/dev/null &
  wait $!
  stop
  tidy
}

# the folders of this instance; the server has ended
tidy() { rm -rf "$STATE" "$RUN"; }

status() {
  [ -e "$ROOT/.rabbitmq4-ready" ] && say "installed: $(cat "$ROOT/.rabbitmq4-ready"), $ROOT" || { say "not installed"; return 3; }
  if alive "$PIDFILE" && answers "$PORT"; then say "running: pid $(cat "$PIDFILE"), port $PORT"; else say "not running"; return 3; fi
}

ctl() {
  # shellcheck disable=SC2046
  inside rabbitmq:rabbitmq env -i $(settings) /usr/lib/rabbitmq/bin/rabbitmqctl -q "$@"
}

uninstall() {
  stop
  case $ROOT in /|/usr|/opt|/etc|/var|/home|/root|/tmp|"") die "refusing to remove $ROOT";; esac
  rm -rf --one-file-system "$ROOT"
}

case ${1:-} in
  install|start|stop|run|status|uninstall) "$1" ;;
  ctl) shift; ctl "$@" ;;
  eval) shift; ctl eval "$@" ;;
  *) sed -n '2,25p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
