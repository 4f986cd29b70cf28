"""How qa/model was made. Imports the packages; nothing imports it; not installed."""
