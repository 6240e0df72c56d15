//! `/api/v1/limits`: bounds on automatic answers, on guessing, and on waiting.

use std::time::Duration;

use onboarding_core::{CompanySettings, GuessLimit, Limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};

const DAY: u64 = 86_400;

document! {
    LimitsForm at "/api/v1/limits", tagged "limits", change ChangeConfig;
    show "Bounds on automatic answers, on guessing, and on waiting.", replace "Set the bounds."
}

/// Bounds on automatic answers, on guessing, and on waiting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "auto_replies_per_hour": 5,
    "wrong_extensions": { "attempts": 5, "within_seconds": 600, "lock_minutes": 60 },
    "prospects_expire_after_days": 30,
    "waiting_expires_after_hours": 24,
    "link_expires_after_hours": 72
}))]
pub(super) struct LimitsForm {
    /// Automatic replies to one client in an hour.
    #[schema(minimum = 1, maximum = 1000)]
    auto_replies_per_hour: u32,
    wrong_extensions: WrongExtensions,
    /// How long a prospect waits for its promotion; 0: for ever.
    #[schema(maximum = 3650)]
    prospects_expire_after_days: u32,
    /// How long a client stays on the waiting list.
    #[schema(minimum = 1, maximum = 744)]
    waiting_expires_after_hours: u32,
    /// How long a link to a number waits to be used before the number is free again.
    #[schema(minimum = 1, maximum = 744)]
    link_expires_after_hours: u32,
}

/// More than `attempts` wrong extensions within the span lock that client's guesses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WrongExtensions {
    #[schema(minimum = 1, maximum = 100)]
    attempts: u32,
    #[schema(minimum = 1, maximum = 86_400)]
    within_seconds: u32,
    #[schema(minimum = 1, maximum = 10_080)]
    lock_minutes: u32,
}

/// Whole units of a span. Spans are set by this form or the manifest, which count in these units.
fn units(span: Duration, seconds: u64) -> u32 {
    u32::try_from(span.as_secs() / seconds).unwrap_or(u32::MAX)
}

impl Document for LimitsForm {
    const PLACE: &'static str = "limits";

    fn shown(settings: &CompanySettings) -> Self {
        let limits = &settings.limits;
        let wrong = limits.wrong_extensions;
        Self {
            auto_replies_per_hour: limits.auto_replies_per_hour,
            wrong_extensions: WrongExtensions {
                attempts: wrong.attempts,
                within_seconds: units(wrong.within, 1),
                lock_minutes: units(wrong.lock, 60),
            },
            prospects_expire_after_days: units(limits.prospects_expire_after.unwrap_or_default(), DAY),
            waiting_expires_after_hours: units(limits.waiting_expires_after, 3600),
            link_expires_after_hours: units(limits.link_expires_after, 3600),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        let wrong = self.wrong_extensions;
        let waits = Some(self.prospects_expire_after_days).filter(|days| *days > 0);
        settings.limits = Limits {
            auto_replies_per_hour: self.auto_replies_per_hour,
            wrong_extensions: GuessLimit {
                attempts: wrong.attempts,
                within: Duration::from_secs(wrong.within_seconds.into()),
                lock: Duration::from_mins(wrong.lock_minutes.into()),
            },
            prospects_expire_after: waits.map(|days| Duration::from_secs(u64::from(days) * DAY)),
            waiting_expires_after: Duration::from_hours(self.waiting_expires_after_hours.into()),
            link_expires_after: Duration::from_hours(self.link_expires_after_hours.into()),
        };
    }
}
