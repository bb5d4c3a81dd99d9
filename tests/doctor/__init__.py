"""Start-up checks: what is found, and how it is put."""
