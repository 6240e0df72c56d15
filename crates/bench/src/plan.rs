//! How much is measured.

use std::time::Duration;

use anyhow::ensure;

/// The clients whose numbers there are: +852 9 and seven digits.
const MOST_CLIENTS: u32 = 10_000_000;

/// Sizes and times of one run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) smoke: bool,
    /// What is stored where little is.
    pub(crate) few: Stored,
    /// What is stored where much is.
    pub(crate) many: Stored,
    /// Turns of the service and the ceiling; odd, so that one is in the middle.
    pub(crate) turns: u32,
    /// How long one turn is.
    pub(crate) turn: Duration,
    /// How long each is at work before anything counts.
    pub(crate) warm_up: Duration,
    /// Turns of the two databases with little and much in them, and onboardings in each.
    pub(crate) size_turns: u32,
    pub(crate) size_onboardings: u32,
    /// Starts of which the time is taken.
    pub(crate) starts: u32,
}

/// What a database is filled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored {
    pub(crate) clients: u32,
    pub(crate) rooms: u32,
}

impl Plan {
    pub(crate) fn new(smoke: bool, clients: Option<u32>, rooms: Option<u32>) -> anyhow::Result<Self> {
        let clients = clients.unwrap_or(if smoke { 20_000 } else { MOST_CLIENTS });
        let rooms = rooms.unwrap_or(clients / 10);
        ensure!(
            (2..=MOST_CLIENTS).contains(&clients) && rooms < clients,
            "at most {MOST_CLIENTS} clients can be stored, and fewer rooms than clients"
        );
        let seconds = Duration::from_secs;
        let few = Stored {
            clients: if smoke { 2_000 } else { 10_000 },
            rooms: if smoke { 200 } else { 1_000 },
        };
        let many = Stored { clients, rooms };
        Ok(if smoke {
            Self {
                smoke,
                few,
                many,
                turns: 1,
                turn: seconds(1),
                warm_up: seconds(1),
                size_turns: 1,
                size_onboardings: 20,
                starts: 1,
            }
        } else {
            Self {
                smoke,
                few,
                many,
                turns: 3,
                turn: seconds(4),
                warm_up: seconds(1),
                size_turns: 6,
                size_onboardings: 80,
                starts: 5,
            }
        })
    }
}
