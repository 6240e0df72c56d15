//! What only this store promises: its file, its threads, its schema. What every store promises is in the contract.

mod flow;
