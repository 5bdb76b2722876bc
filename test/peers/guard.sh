#!/bin/bash
# Runs a server for as long as this script's standard input stays open: when the test host that
# started it ends, however it ends, the pipe closes and the server is stopped by its process id.
#
#   guard.sh PROGRAM [ARGS...]
set -u
[ $# -gt 0 ] || { sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }

exec 3<&0
"$@" </dev/null 3<&- &
server=$!
cat <&3 >/dev/null &
input=$!

stop() {
  kill -TERM "$server" 2>/dev/null || return 0
  # a server that does not obey within 30 s is ended for good
  local i; for ((i = 0; i < 300; i++)); do kill -0 "$server" 2>/dev/null || return 0; sleep 0.1; done
  kill -KILL "$server" 2>/dev/null || true
}
trap 'stop; kill "$input" 2>/dev/null; exit 143' TERM INT HUP

wait -n "$server" "$input"
kill "$input" 2>/dev/null
stop
wait "$server"
