"""One module a format: each has `read(document)`, which gives (title, text), the title empty where there is none.

- *Plain text* stays as it is, line ends included, so that offsets are those of the decoded file.
- *Markdown* is read as it is rendered, without its markup, since nobody wants `**Paris**` as an answer: soft line
  breaks become spaces, headings, list items, table rows and lines of code keep lines of their own.
- *HTML* is its main content by trafilatura; a page in which that finds nothing is read whole, less its navigation.
- *PDF* lines are joined to paragraphs and hyphenated words to words; running heads and page numbers are left out.
- *Word* gives paragraphs, list items and table rows in their order.

Blocks are separated by an empty line; list items and table rows by a line end; cells by a tab.
"""
