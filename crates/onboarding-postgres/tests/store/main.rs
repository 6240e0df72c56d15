//! The store on a private PostgreSQL server: what every store promises, and what only this one does.

mod audit;
mod catalogue;
mod clock;
mod contract;
mod database;
mod durability;
mod fairness;
mod guessing;
mod lost_commit;
mod races;
mod row_security;
mod startup;
mod text;
mod tls;
mod verification;
mod wakeup;
