//! The running binary, driven over HTTP from outside: what a client on a phone, Meta, and an operator do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod api_examples;
mod audit;
mod bad_input;
mod browser;
mod bulk;
mod commands;
mod connect;
mod database_down;
mod demo;
mod deployment;
mod descriptors;
mod disk_full;
mod failover;
mod flow;
mod identity;
mod lifecycle;
mod load;
mod open_pages;
mod openid;
mod paused;
mod platform;
mod process;
mod rates;
mod replicas;
mod schema;
mod serve;
mod sign_in;
mod teams_package;
