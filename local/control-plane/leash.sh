#!/bin/sh
# leash.sh COMMAND…: runs COMMAND, prints its process id on descriptor 4, and ends it when our stdin closes: the kernel closes it however our
# parent ends, SIGKILL included. First SIGTERM, then after LEASH_GRACE tenths of a second (default 50) SIGKILL. With LEASH_REMOVE the folder of
# that name is removed once the command has been ended so; a command that ends by itself leaves it. With LEASH_GROUP everything that the command
# started and did not wait for is ended with it: we must lead a process group then.
exec 3<&0
"$@" </dev/null 3<&- 4>&- &
child=$!
echo "$child" >&4
exec 4>&-
{
  read -r _ <&3
  kill "$child" 2>/dev/null || exit 0
  left=${LEASH_GRACE:-50}
  while [ "$left" -gt 0 ] && kill -0 "$child" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done
  kill -9 "$child" 2>/dev/null
  while kill -0 "$child" 2>/dev/null; do sleep 0.1; done
  [ -z "${LEASH_REMOVE:-}" ] || rm -rf "$LEASH_REMOVE"
  [ -z "${LEASH_GROUP:-}" ] || kill -9 -$$
} &
watcher=$!
trap 'kill "$child" 2>/dev/null' TERM INT HUP
exec 3<&-
# A signal ends `wait` early: only a child that is gone ends the loop, so that none is left without its watcher.
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || break
done
# One that waits for stdin would outlive us; one that has a folder to remove ends by itself, since our parent closes stdin when we are gone.
[ -n "${LEASH_REMOVE:-}" ] || kill "$watcher" 2>/dev/null
exit "$code"
