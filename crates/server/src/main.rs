//! The `onboarding-server` binary.
fn main() {}
