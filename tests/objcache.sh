#!/usr/bin/env bash
# A compiler in front of the compiler, for Verilator's makefiles (OBJCACHE): its own library takes
# most of a small simulation's compile time and gives the same each time, so it's compiled once a run
# of the tests. What it comes to hangs on the command alone: it includes nothing of the design's.
set -eu
source="${*: -1}"
case "$source" in
*/include/verilated*.cpp) ;;
*) exec "$@" ;;
esac
arguments="$*"
object="${arguments##* -o }"
object="${object%% *}"
kept="$OBJCACHE_FOLDER/$(sha1sum <<<"$arguments" | cut -d ' ' -f 1)"
if [ ! -f "$kept.o" ]; then
    "$@"
    mine="$(mktemp -p "$OBJCACHE_FOLDER")"
    cp "$object" "$mine"
    mv "$mine" "$kept.o" # whole or not at all: another worker may read it
else
    cp "$kept.o" "$object"
fi
