//! The API over HTTP, on the model of a store: what services and browsers see.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin;
mod admin_forms;
mod admin_import;
mod admin_lists;
mod admin_settings;
mod admin_tokens;
mod badges;
mod bench;
mod bodies;
mod changes;
mod config;
mod habits;
mod imports;
mod leap;
mod local;
mod logo;
mod matrix;
mod notices;
mod openapi;
mod openid;
mod provider;
mod proxies;
mod record;
mod sessions;
mod sign_in;
mod table;
mod teams;
mod tokens;
mod world;
