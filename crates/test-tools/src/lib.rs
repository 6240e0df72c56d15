//! Programs that others wrote and our tests run against: an OpenID provider, clients and receivers of WhatsApp's API, a checker of
//! accessibility, one of APIs.
//!
//! `tools/npm` and `tools/python` at the root pin them; `cargo xtask tools`, which is part of `cargo xtask test`, installs them
//! into `target/test-tools`. Every function panics with that command where they are missing.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Node with an ES module, given as its text, that may import the packages of `tools/npm/package.json`.
pub fn node(module: &str) -> Command {
    let mut node = Command::new("node");
    node.current_dir(there("npm"))
        .args(["--input-type=module", "--eval", module, "--"]);
    node
}

/// A file of an npm package, such as `axe-core/axe.min.js`.
pub fn npm_file(path: &str) -> PathBuf {
    there(&format!("npm/node_modules/{path}"))
}

/// Python with a script, given as its text, that may import the packages of `tools/python/requirements.in`.
pub fn python(script: &str) -> Command {
    let mut python = python_program("python");
    python.args(["-c", script]);
    python
}

/// A program that one of the Python packages brings, such as `schemathesis`.
pub fn python_program(name: &str) -> Command {
    Command::new(there(&format!("python/bin/{name}")))
}

fn there(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let place = root
        .expect("the workspace stands two folders up")
        .join("target/test-tools")
        .join(path);
    assert!(
        place.exists(),
        "the tests need packages that others wrote: run `cargo xtask tools` once ({path} is missing)"
    );
    place
}
