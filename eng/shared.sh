# shellcheck shell=bash
# Sourced by the scripts beside it: works in the repository's root, builds at full speed, asks nobody anything.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
exec < /dev/null
# Both make a build three times slower when they are set to what their names suggest.
unset UseSharedCompilation MSBUILDDISABLENODEREUSE
# Directory.Build.props: a Release build is analysed when it is a script here that asks for it.
export Autom8Analyze=true
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

# quiet LOG COMMAND...: what it prints goes to artifacts/logs/LOG.log and is shown only when it fails.
quiet() {
  local log=artifacts/logs/$1.log code=0
  shift
  mkdir -p artifacts/logs
  "$@" > "$log" 2>&1 || code=$?
  if [ "$code" -ne 0 ]; then
    echo "Failed ($code): $*"
    # A build repeats every error at its end.
    if grep -q ': error ' "$log"; then grep -E ': (error|warning) ' "$log" | sort -u; else tail -n 200 "$log"; fi
  fi
  return "$code"
}
