"""Drawings as pictures: SVG for pages, PNG for chats."""
