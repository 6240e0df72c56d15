//! Prints the OpenAPI document of the API: `cargo run -p onboarding-http --example openapi > docs/openapi.json`.

use std::io::Write as _;

use onboarding_http::api::{document, endpoints};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = document(&endpoints()).to_pretty_json()?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
