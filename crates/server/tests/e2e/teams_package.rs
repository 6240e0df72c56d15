//! The app with which Microsoft Teams shows Leap Work, held against Microsoft's own schema.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::Value;
use zip::ZipArchive;

use crate::deployment::Deployment;

const URL: &str = "https://onboarding.acme.example";
const APPLICATION: &str = "5a0b1c2d-0000-4000-8000-000000000001";

/// Judges a manifest by a schema as Microsoft's own package has it.
const JUDGE: &str = r#"
import { readFileSync } from "node:fs";
import Ajv from "ajv-draft-04";
const read = (name) => JSON.parse(readFileSync(process.env[name], "utf8").replace(/^\uFEFF/, ""));
const holds = new (Ajv.default ?? Ajv)({ strict: false, allErrors: true }).compile(read("SCHEMA"));
if (!holds(read("MANIFEST"))) {
    console.error(JSON.stringify(holds.errors, null, 1));
    process.exit(1);
}
"#;

fn made(deployment: &Deployment, url: &str, more: &[&str]) -> (Output, PathBuf) {
    let out = deployment.folder.path().join("leap.zip");
    let mut command = deployment.command(&["teams-package", "--out", out.to_str().unwrap()]);
    let output = command
        .args(more)
        .env("ONBOARDING_PUBLIC_URL", url)
        .output()
        .unwrap();
    (output, out)
}

fn file(package: &Path, name: &str) -> Vec<u8> {
    let mut zip = ZipArchive::new(std::fs::File::open(package).unwrap()).unwrap();
    let mut bytes = Vec::new();
    zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn judged(deployment: &Deployment, manifest: &Value) -> Result<(), String> {
    let version = manifest["manifestVersion"].as_str().unwrap();
    let schema =
        format!("@microsoft/app-manifest/build/json-schemas/teams/v{version}/MicrosoftTeams.schema.json");
    let at = deployment.folder.path().join("manifest.json");
    std::fs::write(&at, manifest.to_string()).unwrap();
    let mut node = test_tools::node(JUDGE);
    let output = node
        .env("SCHEMA", test_tools::npm_file(&schema))
        .env("MANIFEST", at)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success().then_some(()).ok_or(said)
}

#[test]
fn the_package_for_teams_is_as_microsoft_wants_it() {
    let deployment = Deployment::new();
    let (output, package) = made(&deployment, URL, &["--application", APPLICATION]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let bytes = file(&package, "manifest.json");
    let mut manifest: Value = serde_json::from_slice(&bytes).unwrap();
    judged(&deployment, &manifest).unwrap();
    assert_eq!(
        manifest["staticTabs"][1]["contentUrl"],
        format!("{URL}/teams/profile")
    );
    assert_eq!(manifest["validDomains"][0], "onboarding.acme.example");
    let resource = format!("api://onboarding.acme.example/{APPLICATION}");
    assert_eq!(manifest["webApplicationInfo"]["resource"], resource);
    for (name, side) in [("color.png", 192), ("outline.png", 32)] {
        let icon = image::load_from_memory(&file(&package, name)).unwrap();
        assert_eq!((icon.width(), icon.height()), (side, side), "{name}");
    }
    let outline = image::load_from_memory(&file(&package, "outline.png"))
        .unwrap()
        .into_rgba8();
    assert!(
        outline
            .pixels()
            .all(|pixel| pixel.0[3] == 0 || pixel.0[..3] == [255; 3]),
        "the outline is white on nothing"
    );
    let again = made(&deployment, URL, &["--application", APPLICATION]).1;
    assert_eq!(file(&again, "manifest.json"), bytes, "the same app each time");
    // The judge can refuse.
    manifest["developer"]["name"] = "A company with a name of more than 32 letters".into();
    assert!(judged(&deployment, &manifest).unwrap_err().contains("maxLength"));
}

#[test]
fn teams_shows_nothing_that_is_not_https() {
    let deployment = Deployment::new();
    let (output, package) = made(&deployment, "http://onboarding.acme.example", &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !package.exists());
    assert!(
        said.contains("ONBOARDING_PUBLIC_URL") && said.lines().count() == 1,
        "{said}"
    );
}
