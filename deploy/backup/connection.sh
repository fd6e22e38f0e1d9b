# shellcheck shell=sh
# For backup.sh and restore.sh: `url` is the database, without the password, which is in PGPASSWORD:
# the arguments of a process are for everybody to see.
if [ -n "${DATABASE_URL_FILE:-}" ]; then DATABASE_URL=$(cat "$DATABASE_URL_FILE"); fi
url=${DATABASE_URL:-}
unset DATABASE_URL
authority=${url#*://}
authority=${authority%%[/?]*}
case $authority in
  *:*@*)
    credentials=${authority%%@*}
    url=${url%%://*}://${credentials%%:*}@${url#*@}
    PGPASSWORD=$(printf '%s' "${credentials#*:}" | awk '{
      text = ""
      while (match($0, /%[0-9A-Fa-f][0-9A-Fa-f]/)) {
        hex = toupper(substr($0, RSTART + 1, 2))
        code = (index("0123456789ABCDEF", substr(hex, 1, 1)) - 1) * 16
        code += index("0123456789ABCDEF", substr(hex, 2, 1)) - 1
        text = text substr($0, 1, RSTART - 1) sprintf("%c", code)
        $0 = substr($0, RSTART + 3)
      }
      printf "%s", text $0
    }')
    export PGPASSWORD
    unset credentials
    ;;
esac
