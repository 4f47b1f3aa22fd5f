#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# with-subids.sh NAME UID FIRST COUNT COMMAND...: runs a command where user NAME exists and has
# these subordinate ids (and no other name, if there is one), in a mount namespace of its own: the machine's files stay as they are.
set -eu
name=$1 uid=$2 first=$3 count=$4
shift 4
if [ -z "${WITH_SUBIDS:-}" ]; then
	WITH_SUBIDS=1 exec unshare -m --propagation private "$0" "$name" "$uid" "$first" "$count" "$@"
fi
unset WITH_SUBIDS
dir=$(mktemp -d)
{ echo "$name:x:$uid:$uid::/:/bin/sh"; cat /etc/passwd; } >"$dir/passwd"
echo "$name:$first:$count" >"$dir/subuid"
cp "$dir/subuid" "$dir/subgid"
for file in passwd subuid subgid; do
	chmod 644 "$dir/$file"
	[ -e "/etc/$file" ] || : >"/etc/$file"
	mount --bind "$dir/$file" "/etc/$file"
done
rm -rf "$dir"
exec "$@"
