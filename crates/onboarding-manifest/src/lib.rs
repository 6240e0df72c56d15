//! The company manifest: TOML read into the wished state of a company, every mistake named with its line.
