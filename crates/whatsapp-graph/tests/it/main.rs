//! Tests of the public interface, against the recorded bodies of `tests/data` and against a server of our own.
//! `tests/data/corpus` comes from other projects; licence and source lie beside the files.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[cfg(feature = "client")]
mod client;
mod elements;
mod properties;
mod samples;
#[cfg(feature = "client")]
mod server;
mod tolerance;
