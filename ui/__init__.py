"""How people reach Verbatim: a page in the browser, a command in the terminal, and what both of them show."""
