"""What ours is measured against: on our own schema, with the same checks and the same durability."""
