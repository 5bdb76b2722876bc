#!/bin/bash
# Qpid Proton C 0.37 with Cyrus SASL, from Debian's source package, into /opt/proton-cyrus.
#
# Debian 12 builds its own libqpid-proton without Cyrus: there a Proton client has only
# ANONYMOUS, PLAIN and EXTERNAL, and a Proton server only ANONYMOUS and EXTERNAL.
# The library built here has the same soname and ABI, so
#   LD_LIBRARY_PATH=/opt/proton-cyrus/lib /usr/bin/python3 …
# gives Debian's python3-qpid-proton the mechanisms that Cyrus has: PLAIN, SCRAM-SHA-1/-256/-512,
# DIGEST-MD5, CRAM-MD5, GSSAPI, on both sides.
#
#   proton-cyrus.sh install | status | uninstall
#
# Environment (optional):
#   PROTON_CYRUS_ROOT   folder of the built library         /opt/proton-cyrus
#   DEBIAN_MIRROR       where the source comes from         the mirror that apt uses here
#   JOBS                compilers at once                   2
set -eu
ROOT=${PROTON_CYRUS_ROOT:-/opt/proton-cyrus}
MIRROR=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep '/debian$' | head -n 1)}
say() { echo "proton-cyrus: $*"; }
die() { echo "proton-cyrus: $*" >&2; exit 1; }

# the packages that are missing of these
packages() {
  local need="" p
  for p in "$@"; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok' || need="$need $p"
  done
  [ -n "$need" ] || return 0
  [ "$(id -u)" = 0 ] || die "install needs root for the packages:$need"
  # shellcheck disable=SC2086
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $need >/dev/null
}

install() {
  local t; t=$(date +%s)
  exec 9>"${TMPDIR:-/tmp}/proton-cyrus-install.lock"; flock 9   # two clones may be tested at once
  packages python3-qpid-proton libsasl2-modules libsasl2-modules-gssapi-mit sasl2-bin
  if [ -e "$ROOT/.ready" ]; then say "already installed in $ROOT"; return 0; fi
  packages cmake gcc g++ make pkg-config libsasl2-dev libssl-dev
  local w; w=$(mktemp -d)
  mkdir -p "$w/lists/partial"
  # a list of sources of its own: the machine's own lists stay as they are
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR bookworm main" >"$w/src.list"
  local o="-o Dir::Etc::sourcelist=$w/src.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=$w/lists
    -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=root"
  # the upstream part (.orig.tar) is all that is built; Debian's patches are not needed
  # shellcheck disable=SC2086
  (cd "$w" && apt-get $o -qq update && apt-get $o -qq source --download-only --tar-only qpid-proton) >"$w/log" 2>&1 \
    || { cat "$w/log" >&2; die "no source"; }
  mkdir "$w/src" && tar xf "$w"/qpid-proton_*.orig.tar.* -C "$w/src" --strip-components=1
  mkdir "$w/src/bld" && (cd "$w/src/bld" \
    && cmake .. -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$ROOT" -DBUILD_BINDINGS= -DBUILD_TESTING=OFF \
      -DBUILD_EXAMPLES=OFF -DSASL_IMPL=cyrus -DSSL_IMPL=openssl -DENABLE_WARNING_ERROR=OFF \
      -DENABLE_FUZZ_TESTING=OFF -DENABLE_LINKTIME_OPTIMIZATION=OFF \
    && make -j"${JOBS:-2}" && make install) >>"$w/log" 2>&1 || { tail -20 "$w/log" >&2; die "build failed: $w/log"; }
  rm -rf "$w" "$ROOT/share"
  ldd "$ROOT"/lib*/libqpid-proton-core.so.10 | grep -q libsasl2 || die "built without Cyrus"
  : >"$ROOT/.ready"
  say "installed in $(($(date +%s) - t)) s, $(du -sxm "$ROOT" | cut -f1) MB in $ROOT"
}
case ${1:-} in
  install) install ;;
  status) [ -e "$ROOT/.ready" ] && say "installed in $ROOT" || { say "not installed"; exit 3; } ;;
  uninstall) case $ROOT in /|/usr|/opt|/etc|/var|/home|/root|/tmp|"") die "refusing to remove $ROOT";; esac; rm -rf "$ROOT" ;;
  *) sed -n '2,16p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
