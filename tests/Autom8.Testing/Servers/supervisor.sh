# Runs one server for as long as the writer of its standard input lives; then ends the server and removes its folder.
# A killed parent cannot clean up, but the kernel closes its pipes: the end of input is the one message that always arrives.
# usage: supervisor.sh FOLDER SIGNAL COMMAND...   each line of input starts the server
trap '' INT HUP TERM PIPE
folder=$1 stop=$2
shift 2
exec 2> /dev/null # whoever waits for the end of the parent's error output must not wait for this

while read -r _; do
  (
    # The process id is written before the look at "ended", and "ended" before the look at the process id: one of the two is always seen.
    sh -c 'echo "$$" > "$0/server.pid"; echo "supervisor: pid $$"; [ -e "$0/ended" ] || exec "$@"' "$folder" "$@" < /dev/null 2>&1
    code=$?
    rm -f "$folder/server.pid"
    echo "supervisor: exit $code"
  ) &
done

: > "$folder/ended"
if read -r pid < "$folder/server.pid"; then
  kill -s "$stop" "$pid"
  kill -s CONT "$pid"
  tries=0
  while kill -0 "$pid" && [ "$tries" -lt 100 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
  kill -s KILL "$pid"
fi
wait
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
