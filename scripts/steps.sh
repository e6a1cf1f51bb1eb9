# shellcheck shell=bash
# For scripts that take several steps (source it): says each one, and in the end how long each took.

steps_started=$SECONDS
steps=()

# step "what" command...: says what it does, does it, remembers how long it took.
step() {
  local what=$1 begin
  shift
  begin=$(date +%s.%N)
  printf '\n== %s\n' "$what"
  "$@"
  steps+=("$(printf '%6.1f s  %s' "$(echo "$(date +%s.%N) $begin" | awk '{ print $1 - $2 }')" "$what")")
}

# steps_taken "in all...": the list of them.
steps_taken() {
  printf '\n'
  printf '%s\n' "${steps[@]}"
  printf '%4d s    %s\n' $((SECONDS - steps_started)) "$1"
}
