"""Located faces -> aligned faces and crops: one face, a shard of them, a manifest, and what was made of it."""
