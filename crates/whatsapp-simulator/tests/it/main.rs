//! The simulator against a receiver that keeps what it is sent.

mod bots;
mod control;
mod delivery;
mod graph;
mod limits;
mod openapi;
mod page;
mod stand;
mod statuses;
