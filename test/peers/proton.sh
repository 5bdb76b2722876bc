#!/bin/bash
# Qpid Proton from Debian's packages: its Python and C++ libraries, and the C++ examples (broker,
# simple_send, simple_recv, direct_send, direct_recv) built once into a folder.
#
#   proton.sh install | build | status | uninstall
#
#   install   the packages that are missing (needs root only then), then build
#   build     the C++ examples, those that are missing
#
# Environment (optional):
#   PROTON_EXAMPLES   folder of the built programs   ${XDG_CACHE_HOME:-~/.cache}/messaging-peers/proton
set -eu

BIN=${PROTON_EXAMPLES:-${XDG_CACHE_HOME:-$HOME/.cache}/messaging-peers/proton}
SOURCES=/usr/share/proton/examples/cpp
PACKAGES="python3 python3-qpid-proton libqpid-proton-cpp12-dev libqpid-proton11-dev-examples libsasl2-modules g++"
PROGRAMS="broker simple_send simple_recv direct_send direct_recv"

say() { echo "proton: $*"; }
die() { echo "proton: $*" >&2; exit 1; }

build() {
  [ -e "$SOURCES/broker.cpp" ] || die "no sources in $SOURCES: run $0 install"
  mkdir -p "$BIN"
  local p built=""
  for p in $PROGRAMS; do
    [ ! -x "$BIN/$p" ] || continue
    # no pkg-config: its file for Proton C++ in Debian 12 names a .pc that is not packaged;
    # under another name first: a build that was cut off leaves nothing that looks ready
    g++ -O1 "$SOURCES/$p.cpp" -o "$BIN/$p.new" -lqpid-proton-cpp -pthread >"$BIN/$p.log" 2>&1 || { tail -20 "$BIN/$p.log" >&2; die "cannot build $p"; }
    mv "$BIN/$p.new" "$BIN/$p"
    built="$built $p"
  done
  say "built:${built:- nothing, all are there}, in $BIN"
}

install() {
  local need="" p
  for p in $PACKAGES; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok' || need="$need $p"
  done
  if [ -n "$need" ]; then
    [ "$(id -u)" = 0 ] || die "install needs root for the packages:$need"
    apt-get -qq update
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $need >/dev/null
  fi
  /usr/bin/python3 -c 'import proton' || die "/usr/bin/python3 cannot import proton"
  build
}

status() {
  local p
  for p in $PROGRAMS; do [ -x "$BIN/$p" ] || { say "not installed: $p is missing in $BIN"; return 3; }; done
  /usr/bin/python3 -c 'import proton' 2>/dev/null || { say "not installed: the Python module is missing"; return 3; }
  say "installed, C++ programs in $BIN"
}

uninstall() {
  local p; for p in $PROGRAMS; do rm -f "$BIN/$p" "$BIN/$p.new"; done
}

case ${1:-} in
  install|build|status|uninstall) "$1" ;;
  *) sed -n '2,12p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
