#!/bin/bash
# A Kerberos realm on loopback, for tests of SASL GSSAPI: MIT krb5's KDC from Debian's packages,
# unpacked into a folder of its own. Nothing is installed into the system by it, nothing is
# written to /etc, no service is started, root is not needed.
#
#   kdc.sh install | start | stop | run | status | env [USER] | kinit [USER] | uninstall
#
#   start   makes the realm when it is not there yet (a second run keeps it), and runs krb5kdc
#   run     starts the KDC, gets a ticket for each user, prints its "ready" line, stops when standard
#           input ends and leaves nothing behind: a test host that dies takes its KDC with it
#   env     prints the variables to export for server and client (as USER, alice):  eval "$(kdc.sh env)"
#   kinit   gets a ticket for USER (alice) by its keytab, into the cache that env names
#
# Environment (all optional):
#   KDC_ROOT     folder of the unpacked packages   /opt/kdc-root
#   KDC_RUN      the realm: config, keys, keytabs  /tmp/kdc-PORT
#   KDC_PORT     UDP and TCP, on 127.0.0.1         18088
#   KDC_REALM    realm                             TEST.LOCAL
#   KDC_SERVICES service principals                amqp/localhost
#   KDC_USERS    users, password "secret"        alice bob
set -eu

ROOT=${KDC_ROOT:-/opt/kdc-root}
PORT=${KDC_PORT:-18088}
RUN=${KDC_RUN:-/tmp/kdc-$PORT}
REALM=${KDC_REALM:-TEST.LOCAL}
SERVICES=${KDC_SERVICES:-amqp/localhost}
USERS=${KDC_USERS:-alice bob}
PIDFILE=$RUN/kdc.pid
PACKAGES="krb5-kdc krb5-admin-server krb5-user libkdb5-10 libkadm5srv-mit12 libkadm5clnt-mit12 libgssrpc4
  libverto1 libverto-libev1 libev4 libkrb5-3 libkrb5support0 libk5crypto3 libgssapi-krb5-2"

say() { echo "kdc: $*"; }
die() { echo "kdc: $*" >&2; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
LIBS=$(echo "$ROOT"/usr/lib/*-linux-gnu)

# a program of the unpacked packages, with their libraries
krb() {
  local p=$1; shift
  [ -x "$ROOT/usr/sbin/$p" ] && p=$ROOT/usr/sbin/$p || p=$ROOT/usr/bin/$p
  LD_LIBRARY_PATH=$LIBS KRB5_CONFIG=$RUN/krb5.conf KRB5_KDC_PROFILE=$RUN/kdc.conf \
    KRB5CCNAME=${CCACHE:-FILE:$RUN/alice.ccache} KRB5RCACHEDIR=$RUN "$p" "$@"
}

install() {
  local t; t=$(now)
  exec 9>"${TMPDIR:-/tmp}/kdc-install.lock"; flock 9   # two clones may be tested at once
  # what the programs under test need of the system: a GSS-API, and Cyrus SASL's module for it
  local need="" p
  for p in libgssapi-krb5-2 libsasl2-modules-gssapi-mit; do dpkg -s "$p" >/dev/null 2>&1 || need="$need $p"; done
  if [ -n "$need" ]; then
    [ "$(id -u)" = 0 ] || die "install needs root for the packages:$need"
    # shellcheck disable=SC2086
    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $need >/dev/null
  fi
  if [ -e "$ROOT/.kdc-ready" ]; then say "already installed in $ROOT: $(cat "$ROOT/.kdc-ready")"; return 0; fi
  case $ROOT in /|/usr|/opt|/etc|/var|/home|/root|/tmp|"") die "refusing to remove $ROOT";; esac
  rm -rf "$ROOT"; mkdir -p "$ROOT/debs"
  # shellcheck disable=SC2086
  (cd "$ROOT/debs" && { apt-get -qq download $PACKAGES || { apt-get -qq update && apt-get -qq download $PACKAGES; }; }) \
    >"$ROOT/download.log" 2>&1 || { tail -5 "$ROOT/download.log" >&2; die "download failed"; }
  local v; v=$(cd "$ROOT/debs" && echo krb5-kdc_*.deb)
  local d; for d in "$ROOT"/debs/*.deb; do dpkg-deb -x "$d" "$ROOT"; done
  rm -rf "$ROOT/debs" "$ROOT/usr/share" "$ROOT/etc" "$ROOT/lib"
  echo "$v" >"$ROOT/.kdc-ready"
  say "installed $v in $(since "$t") s, $(du -sxm "$ROOT" | cut -f1) MB in $ROOT"
}

realm() {
  [ -e "$RUN/.realm-ready" ] && return 0
  rm -rf "$RUN"; mkdir -p "$RUN"; chmod 755 "$RUN"
  cat >"$RUN/krb5.conf" <<CONF
[libdefaults]
 default_realm = $REALM
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 ignore_acceptor_hostname = true
 udp_preference_limit = 1
 default_ccache_name = FILE:$RUN/alice.ccache
 default_keytab_name = FILE:$RUN/service.keytab
[realms]
 $REALM = {
  kdc = 127.0.0.1:$PORT
 }
[domain_realm]
 localhost = $REALM
CONF
  cat >"$RUN/kdc.conf" <<CONF
[kdcdefaults]
 kdc_listen = 127.0.0.1:$PORT
 kdc_tcp_listen = 127.0.0.1:$PORT
[realms]
 $REALM = {
  database_name = $RUN/principal
  key_stash_file = $RUN/stash
  acl_file = $RUN/kadm5.acl
  max_life = 10h 0m 0s
  max_renewable_life = 7d 0h 0m 0s
  master_key_type = aes256-cts
  supported_enctypes = aes256-cts:normal aes128-cts:normal
 }
[dbmodules]
 db_module_dir = $LIBS/krb5/plugins/kdb
[logging]
 kdc = FILE:$RUN/kdc.log
 default = FILE:$RUN/kdc.log
CONF
  : >"$RUN/kadm5.acl"
  krb kdb5_util -r "$REALM" -P master-password create -s >"$RUN/create.log" 2>&1 || { cat "$RUN/create.log" >&2; die "no database"; }
  local u s
  { for u in $USERS; do
      echo "addprinc -pw secret $u@$REALM"; echo "ktadd -norandkey -k $RUN/$u.keytab $u@$REALM"
    done
    for s in $SERVICES; do
      echo "addprinc -randkey $s@$REALM"; echo "ktadd -k $RUN/service.keytab $s@$REALM"
    done
  } | krb kadmin.local -r "$REALM" >>"$RUN/create.log" 2>&1 || { cat "$RUN/create.log" >&2; die "no principals"; }
  [ -s "$RUN/service.keytab" ] || { cat "$RUN/create.log" >&2; die "no keytab"; }
  chmod 644 "$RUN"/*.keytab
  : >"$RUN/.realm-ready"
}

start() {
  local t; t=$(now)
  [ -e "$ROOT/.kdc-ready" ] || die "not installed: $0 install"
  if alive "$PIDFILE"; then say "already running, pid $(cat "$PIDFILE")"; return 0; fi
  ! answers "$PORT" || die "port $PORT is taken by something else"
  realm
  krb krb5kdc -n -r "$REALM" </dev/null >"$RUN/console.log" 2>&1 &
  # krb runs the program as a child of a subshell; krb5kdc writes its own id
  local sub=$! i
  for ((i = 0; i < 100; i++)); do
    if answers "$PORT"; then
      { pgrep -P "$sub" -x krb5kdc || echo "$sub"; } | head -1 >"$PIDFILE"
      say "started in $(since "$t") s: pid $(cat "$PIDFILE"), realm $REALM, 127.0.0.1:$PORT, files in $RUN"
      return 0
    fi
    kill -0 "$sub" 2>/dev/null || { cat "$RUN/console.log" "$RUN/kdc.log" >&2; die "the KDC ended at its start"; }
    sleep 0.1
  done
  die "no answer on port $PORT"
}

stop() {
  if alive "$PIDFILE"; then
    local pid i; pid=$(cat "$PIDFILE"); kill -TERM "$pid"
    for ((i = 0; i < 50; i++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$PIDFILE"; say stopped
}

status() {
  if [ -e "$ROOT/.kdc-ready" ]; then say "installed: $(cat "$ROOT/.kdc-ready"), $ROOT"; else say "not installed"; return 3; fi
  if alive "$PIDFILE"; then say "running: pid $(cat "$PIDFILE"), port $PORT"; else say "not running"; return 3; fi
}

run() {
  exec 3<&0
  trap 'stop; rm -rf "$RUN"; exit 143' TERM INT HUP
  start
  local u; for u in $USERS; do kinit_ "$u" >/dev/null; done
  say "ready: realm $REALM, 127.0.0.1:$PORT, files in $RUN"
  cat <&3 >/dev/null &
  wait $!
  stop
  rm -rf "$RUN"
}

env_() {
  echo "export KRB5_CONFIG=$RUN/krb5.conf KRB5CCNAME=FILE:$RUN/${1:-alice}.ccache KRB5_KTNAME=FILE:$RUN/service.keytab KRB5RCACHEDIR=$RUN KDC_RUN=$RUN"
}

kinit_() { CCACHE=FILE:$RUN/${1:-alice}.ccache; krb kinit -k -t "$RUN/${1:-alice}.keytab" "${1:-alice}@$REALM" && krb klist; }

uninstall() {
  stop
  case $ROOT in /|/usr|/opt|/etc|/var|/home|/root|/tmp|"") die "refusing to remove $ROOT";; esac
  rm -rf "$ROOT"
}

case ${1:-} in
  install|start|stop|run|status|uninstall) "$1" ;;
  env) shift; env_ "$@" ;;
  kinit) shift; kinit_ "$@" ;;
  *) sed -n '2,21p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
