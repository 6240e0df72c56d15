//! What a crash suite asks of this process: to die at a place, to make a mistake, to live faster. Only with the feature
//! `failpoints`.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, bail};
use onboarding_core::failpoint;

/// `NAME` or `NAME:NTH`: die there, the first or the nth time.
const CRASH_AT: &str = "ONBOARDING_CRASH_AT";

/// The name of a mistake to make.
const BREAK: &str = "ONBOARDING_BREAK";

/// `SINCE:SPEED`: the clock runs `SPEED` times as fast since that many milliseconds after 1970, so that leases run out
/// in seconds. The same for every life of one database, so that its time never goes back.
const CLOCK: &str = "ONBOARDING_CLOCK";

/// What the settings leave to this module.
pub(crate) const KEYS: [&str; 3] = [CRASH_AT, BREAK, CLOCK];

static HASTE: OnceLock<Haste> = OnceLock::new();

struct Haste {
    since: i64,
    speed: i64,
}

/// Does what the environment asks for.
pub(crate) fn arm() -> anyhow::Result<()> {
    if let Ok(wanted) = env::var(CRASH_AT) {
        let (name, nth) = wanted.split_once(':').unwrap_or((&wanted, "1"));
        let nth: u64 = nth
            .parse()
            .with_context(|| format!("{CRASH_AT}: `{nth}` is no number"))?;
        if !failpoint::has(failpoint::POINTS, name) {
            bail!(
                "{CRASH_AT}: no place `{name}`; known are {}",
                failpoint::POINTS.join(", ")
            );
        }
        die_at(name.to_owned(), nth);
    }
    if let Ok(name) = env::var(BREAK) {
        if !failpoint::has(failpoint::MISTAKES, &name) {
            bail!(
                "{BREAK}: no mistake `{name}`; known are {}",
                failpoint::MISTAKES.join(", ")
            );
        }
        failpoint::make_mistake(name);
    }
    if let Ok(wanted) = env::var(CLOCK) {
        let read = |text: &str| text.parse().ok();
        let haste = wanted.split_once(':').and_then(|(since, speed)| {
            Some(Haste {
                since: read(since)?,
                speed: read(speed)?,
            })
        });
        let _ = HASTE.set(haste.with_context(|| format!("{CLOCK}: write MILLISECONDS:SPEED"))?);
    }
    Ok(())
}

/// An abort runs no destructor and flushes nothing, as a kill.
fn die_at(name: String, nth: u64) {
    let hits = AtomicU64::new(0);
    failpoint::on_reach(move |reached| {
        if reached == name && hits.fetch_add(1, Ordering::Relaxed) + 1 == nth {
            std::process::abort();
        }
    });
}

/// Whether the clock runs faster than others, so that no other clock may be asked.
pub(crate) fn lives_faster() -> bool {
    HASTE.get().is_some_and(|haste| haste.speed > 1)
}

/// The time that the clock shows at this time, both in microseconds.
pub(crate) fn hasten(now: i64) -> i64 {
    HASTE.get().map_or(now, |haste| {
        let since = haste.since.saturating_mul(1000);
        since.saturating_add(now.saturating_sub(since).saturating_mul(haste.speed))
    })
}
