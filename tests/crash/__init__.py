"""What survives: processes killed at commit points, power cuts at every write, disks that are full or broken."""
