"""The pictures of report.html: inline SVG whose colours follow the page's light or dark theme."""
