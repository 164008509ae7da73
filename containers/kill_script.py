"""The script that ends a shell's whole process tree from inside its container.

It needs ``sh`` and ``grep``. Argument 1 matches the mark in the environment of what is to be ended;
children and members of the same (kernel's) session count too.
What it prints: ``left <n>``, and ``owner <uid>:<gid>`` for each user whose processes it may not
look into: not even root may without CAP_SYS_PTRACE, so the script runs once more as each of them.
"""

from collections.abc import Iterable

SCRIPT = r"""
mark=$1
marked() {
  for f in $(grep -lE "$mark" /proc/[0-9]*/environ 2>/dev/null); do
    f=${f#/proc/}; printf '%s ' "${f%/environ}"
  done
}
tree() {
  found=" $(marked)"; more=$found
  while [ -n "$more" ] && [ "$found" != " " ]; do
    more=
    for d in /proc/[0-9]*; do
      p=${d#/proc/}
      case $found in *" $p "*) continue ;; esac
      { read -r line < "$d/stat"; } 2>/dev/null || continue
      set -- ${line##*") "}
      [ "$1" = Z ] && continue
      case $found in *" $2 "* | *" $4 "*) found="$found$p "; more=1 ;; esac
    done
  done
}
send() { for p in $found; do kill "-$1" "$p" 2>/dev/null; done; }
nap() { sleep 0.1 2>/dev/null || usleep 100000 2>/dev/null || sleep 1 2>/dev/null || :; }
tree
send HUP; send CONT
for round in 1 2 3; do
  [ -z "$(marked)" ] && break
  nap
done
for round in 1 2 3 4 5; do
  send KILL; nap; tree
  [ "$found" = " " ] && break
done
set -- $found
echo "left $#"
for d in /proc/[0-9]*; do
  { true < "$d/environ"; } 2>/dev/null && continue
  uid= gid= state=
  { while read -r name value rest; do
    case $name in State:) state=$value ;; Uid:) uid=$value ;; Gid:) gid=$value ;; esac
  done < "$d/status"; } 2>/dev/null
  case $state$uid in Z* | ?) ;; *) echo "owner $uid:$gid" ;; esac
done
"""


def argv(markers: Iterable[str]) -> tuple[str, ...]:
    return ("sh", "-c", SCRIPT, "sh", f"WHARFINGER_SESSION=({'|'.join(markers)})")


def read(output: str) -> tuple[int | None, list[str]]:
    """(how many are left, owners to go on with); None where the script did not run."""
    left: int | None = None
    owners: list[str] = []
    for line in output.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "left" and rest.isdigit():
            left = int(rest)
        elif word == "owner" and rest not in owners:
            owners.append(rest)
    return left, owners
