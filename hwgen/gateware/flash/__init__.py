"""The board's SPI flash: what is kept in it over a power cycle."""
