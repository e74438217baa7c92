"""What every dataset's ingestion shares: walking a tree, the result, its comparison with published facts."""
