# What the recipes of our tables share: steps that are done once, and how tasks are called. They read this file; OUT is
# their folder.

once() { # NAME COMMAND …: run it unless it has been finished before
  local name=$1
  shift
  if [ -e "$OUT/done/$name" ]; then return; fi
  printf '$ %s\n' "$*"
  "$@"
  mkdir -p "$OUT/done"
  : >"$OUT/done/$name"
}

layout() { # TASK of ours: how `trainer` calls it
  case $1 in
    notes) echo csv ;;
    notes:*) echo "csv:label=${1#*:}" ;;
    *) echo "$1" ;;
  esac
}
