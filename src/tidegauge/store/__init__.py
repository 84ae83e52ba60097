"""The lake: a folder of immutable Parquet files under a generation manifest.

``lake`` is the folder, ``generation`` one frozen view of it for a reader. ``writer`` is for who receives
all the time: each drain becomes a small set of files in the writer's ``tail``, and ``compaction`` turns
tails into segments and segments into larger ones. ``load`` is for an import: everything or nothing.

Three rules keep every row visible exactly once:

1. A file never changes after it got its name.
2. A reader sees the segments its manifest names, and of each tail the sets numbered above what that same
   manifest says was absorbed.
3. What a commit replaces stays on disk while any reader still holds an older generation.
"""
