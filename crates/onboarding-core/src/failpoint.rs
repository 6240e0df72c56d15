//! Places where a test may end the process, and mistakes that it may ask for on purpose.
//!
//! This module, and every `crash_point!` and `broken!`, exists only with the feature `failpoints`, which nothing turns
//! on by default. Without it both macros expand to nothing.

use std::sync::OnceLock;

/// Every place, in the order of a message's way and then of a process's life. Marking a place that does not stand here
/// does not compile.
pub const POINTS: &[&str] = &[
    "ingest.after_verify",
    "ingest.before_store",
    "ingest.after_store",
    "ingest.before_answer",
    "work.leased",
    "work.before_decode",
    "work.before_decide",
    "work.after_decide",
    "work.before_commit",
    "work.after_commit",
    "status.before",
    "status.after",
    "send.leased",
    "send.before_http",
    "send.after_http",
    "send.before_settle",
    "send.after_settle",
    "follow_up.before",
    "follow_up.between",
    "follow_up.after",
    "store.before_begin",
    "store.half_done",
    "store.between_jobs",
    "store.before_commit",
    "store.before_durable",
    "store.after_commit",
    "start.opened",
    "secrets.read",
    "shutdown.begin",
    "shutdown.deaf",
    "shutdown.drained",
    "migrate.before",
    "migrate.between",
    "migrate.after",
];

/// Every mistake that can be asked for, each of which a crash suite must notice.
pub const MISTAKES: &[&str] = &["ack_before_store", "send_twice", "trust_unsafe_durability"];

type Hook = Box<dyn Fn(&'static str) + Send + Sync>;

static HOOK: OnceLock<Hook> = OnceLock::new();
static MISTAKE: OnceLock<String> = OnceLock::new();

/// Calls `hook` with the name of each place that is reached from now on. The first hook of a process stays.
pub fn on_reach(hook: impl Fn(&'static str) + Send + Sync + 'static) {
    let _ = HOOK.set(Box::new(hook));
}

/// Makes one of the [`MISTAKES`] from now on. The first one of a process stays.
pub fn make_mistake(name: String) {
    let _ = MISTAKE.set(name);
}

/// What `crash_point!` calls.
pub fn reach(name: &'static str) {
    if let Some(hook) = HOOK.get() {
        hook(name);
    }
}

/// What `broken!` asks.
pub fn makes_mistake(name: &str) -> bool {
    MISTAKE.get().is_some_and(|mistake| mistake == name)
}

/// Whether a list has a name; usable while compiling.
pub const fn has(list: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < list.len() {
        if same(list[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
