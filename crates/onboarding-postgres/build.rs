//! Builds again when a migration is added: the macro that embeds them reads a folder that cargo does not watch.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/postgres");
}
