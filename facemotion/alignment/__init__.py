"""Located faces -> aligned faces and crops: geometry, a worker for one shard, and the store of shards."""
