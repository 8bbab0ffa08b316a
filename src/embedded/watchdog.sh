# Keeps a PostgreSQL server as long as it has users, then stops it. POSIX sh; see watchdog.rs.
#   $1 the FIFO its users hold open   $2 the FIFO's name while the server is being stopped
#   $3 the FIFO's inode
#   $4 seconds the server outlives its last user
#   $5 the process id of a running server, or empty: then the rest is the command that starts one
# Standard input is the FIFO's reading end.
users=$1 closing=$2 inode=$3 linger=$4 server=$5
shift 5
exec 3<&0 </dev/null

if [ -n "$server" ]; then
    adopted=yes
else
    adopted=no
    "$@" 3<&- &
    server=$!
fi
trap '' HUP INT TERM

# Whether the name is still that of our FIFO: the directory may have been deleted, and made again for
# another server.
is_ours() {
    # shellcheck disable=SC2046
    set -- $(ls -i "$users")
    [ "$1" = "$inode" ]
}

(
    while :; do
        # Ends when the last user has closed the FIFO, or was killed.
        while read -r word <&3; do
            [ "$word" != dismissed ] || exit
        done
        [ "$linger" = 0 ] || sleep "$linger" 3<&-
        # Nobody can come in once the name is gone. Who came before says so, and is waited for.
        is_ours && mv -f "$users" "$closing" || break
        read -r word <&3 || break
        mv -f "$closing" "$users"
        [ "$word" != dismissed ] || exit
    done
    kill -INT "$server"
    # Keeps the reading end, as the sign that the stop is under way.
    while kill -0 "$server"; do sleep 1 3<&-; done
) 2>/dev/null &
exec 3<&-

if [ "$adopted" = yes ]; then
    while kill -0 "$server" 2>/dev/null; do sleep 1; done
else
    wait "$server"
fi
# A server that ended by itself has no users to wait for: ends the reader, its sleep and this.
kill -KILL 0
