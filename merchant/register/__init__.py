"""The register: carts priced, sales recorded, charged in one or several parts, parked and taken up again."""
