//! The simulator against a receiver that keeps what it is sent.

mod control;
mod delivery;
mod graph;
mod limits;
mod openapi;
mod page;
mod stand;
mod statuses;
