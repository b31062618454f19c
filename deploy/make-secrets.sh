#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, unless they are there already. Keep a copy of key-encryption-key
# somewhere else: without it no backup of the database can be used.
set -eu
directory=$(dirname "$0")/secrets
mkdir -p "$directory"
chmod 700 "$directory"

random_hex() {
  od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'
}

make_secret() {
  if [ -e "$directory/$1" ]; then return; fi
  printf '%s\n' "$2" >"$directory/$1.new"
  # The containers' users must be able to read it; on the host the directory keeps others out.
  chmod 444 "$directory/$1.new"
  mv "$directory/$1.new" "$directory/$1"
}

make_secret key-encryption-key "$(random_hex 32)"
make_secret admin-token "$(random_hex 32)"
make_secret database-password "$(random_hex 24)"
make_secret database-url "postgresql://scep:$(cat "$directory/database-password")@database:5432/scep"
echo "the secrets are in $directory; the administrator's token is $directory/admin-token"
