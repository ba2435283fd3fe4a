"""The desks, a module for each: pages composed of the rooms' own panels."""
