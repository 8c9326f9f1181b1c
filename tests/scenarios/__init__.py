"""Scenarios: whole Internets in memory, asked by way of the server's wire-level entry point, on a fake clock."""
