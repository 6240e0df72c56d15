//! The manifest as an operator writes it: what is accepted, and what is said about what is not.

mod accepted;
mod mistakes;
mod random;
mod several;
mod tables;

/// A manifest with everything.
const ACME: &str = include_str!("../data/acme.toml");

/// The least that a manifest needs.
const LEAST: &str = r#"
[company]
id = "least"
name = "Least"
country = "HK"
default_language = "en"
[whatsapp]
app_secret = "env:A"
verify_token = "env:B"
access_token = "env:C"
[features]
invitation = "link"
"#;

/// What is said about a manifest.
fn errors(text: &str) -> String {
    onboarding_manifest::parse("acme.toml", text)
        .expect_err("a mistake")
        .to_string()
}

/// What is said about the least manifest and more. Its first line is 13.
fn errors_with(more: &str) -> String {
    errors(&format!("{LEAST}{more}"))
}

/// The sample with one passage replaced.
fn acme_with(from: &str, to: &str) -> String {
    assert!(ACME.contains(from), "{from}");
    ACME.replacen(from, to, 1)
}
