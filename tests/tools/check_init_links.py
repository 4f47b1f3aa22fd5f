#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Init has no heap, no parser and no streams: nothing that it can reach may need them.

check_init_links.py libinit.a libsys.a libbase.a

Follows undefined symbols from init_run through the objects of the three libraries.
What stays undefined is the C library's, and must not be one of the functions below; what
none of the three defines and no C library has belongs to a layer that init may not use.
"""
import re
import subprocess
import sys

HEAP = """malloc calloc realloc reallocarray free posix_memalign aligned_alloc memalign strdup strndup
          asprintf vasprintf getline getdelim scandir open_memstream regcomp setenv putenv getcwd
          get_current_dir_name realpath canonicalize_file_name qsort"""
STREAMS = """fopen fdopen freopen fclose fread fwrite fputs fputc fprintf vfprintf printf vprintf puts putchar
             perror fgets fgetc fscanf popen opendir fdopendir readdir closedir stdin stdout stderr"""
OTHER = """getpwnam getpwuid getgrnam getgrgid setlocale dlopen dlsym pthread_create system
           strtol strtoul strtoll strtoull atoi sscanf strtok"""
FORBIDDEN = set((HEAP + " " + STREAMS + " " + OTHER).split())
LAYERS = re.compile(r"^(json|arena|buf|table|log|config|spec|plan|cgroup|limits|store|report|host|cmd)_")


def objects(archive):
    """{member: (defined, undefined)}"""
    found, member = {}, None
    out = subprocess.run(["nm", "-A", archive], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        where, _, symbol = line.rpartition(":")
        member = found.setdefault(where, (set(), set()))
        fields = symbol.split()
        kind, name = fields[-2:]
        # w and v: weak references, as sanitizers make them, need not be there at all
        if kind == "U":
            member[1].add(name.split("@")[0])
        elif kind not in "wv" and kind.isupper():
            member[0].add(name)
    return found


def main(archives):
    members = {}
    for archive in archives:
        members.update(objects(archive))
    home = {name: member for member, (defined, _) in members.items() for name in defined}
    if "init_run" not in home:
        sys.exit("init_run is in none of " + " ".join(archives))

    why = {}  # what is reached: who wants it
    pending = [("init_run", "init_run")]
    reached = set()
    while pending:
        name, wanted_by = pending.pop()
        if name in why:
            continue
        why[name] = wanted_by
        member = home.get(name)
        if member and member not in reached:
            reached.add(member)
            pending += [(needed, member) for needed in members[member][1]]

    bad = sorted(n for n in why if n in FORBIDDEN or (n not in home and LAYERS.match(n)))
    for name in bad:
        print(f"init reaches {name}: wanted by {why[name]}")
    heap = [m for m in reached if re.search(r"(arena|json|table|buf|log)[a-z_]*\.c", m)]
    for member in heap:
        print(f"init reaches {member}")
    if bad or heap:
        return 1
    outside = sorted(n for n in why if n not in home and not n.startswith("_"))
    print(f"{len(reached)} objects, {len(outside)} functions of the C library, none forbidden")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
