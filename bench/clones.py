# SPDX-License-Identifier: Apache-2.0
"""Many containers from one: copies of its state, the way each runtime keeps it, which name the same process."""

import shutil

DOCUMENTS = ("state.json",)  # those that have the container's id in them


def fill(runtime, container, count):
    """Until the runtime's root directory has @count containers, @container among them."""
    original = runtime.root / container.id
    for number in range(1, count):
        copy = runtime.root / f"{container.id}-{number}"
        shutil.copytree(original, copy)
        for name in DOCUMENTS:
            if (copy / name).exists():
                text = (copy / name).read_text()
                (copy / name).write_text(text.replace(f'"id":"{container.id}"', f'"id":"{copy.name}"', 1))
