//! What a webhook about an account, a number or a template means.

use super::{
    FactName, NoticeContent, PlatformFact, PlatformNotice, Restriction, Subject, read_messaging_limit,
    same_language,
};
use crate::{Company, Health, OfficialAccount, Timestamp};

/// What a time in whole seconds leaves out at the most.
const LAST_OF_A_SECOND: std::time::Duration = std::time::Duration::from_micros(999_999);

/// What a notice changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeEffect {
    /// What is known from it; not all of it need be news.
    pub facts: Vec<PlatformFact>,
    /// What is noted with it.
    pub note: String,
}

/// What a notice means for the company. Pure; `now` stands in where WhatsApp gave no time.
pub fn effect_of_notice(company: &Company, notice: &PlatformNotice, now: Timestamp) -> NoticeEffect {
    // WhatsApp tells whole seconds: within its second the notice is taken for the latest news.
    let at = notice.at.map_or(now, |at| at + LAST_OF_A_SECOND).min(now);
    let reader = Reader {
        company,
        waba: notice.waba_id.as_deref(),
        at,
    };
    let (facts, note) = reader.read(&notice.content);
    NoticeEffect { facts, note }
}

struct Reader<'a> {
    company: &'a Company,
    waba: Option<&'a str>,
    at: Timestamp,
}

type Read = (Vec<PlatformFact>, String);

impl Reader<'_> {
    fn read(&self, content: &NoticeContent) -> Read {
        match content {
            NoticeContent::Account { event, .. } => {
                let facts = self.account_update(content);
                let note = if facts.is_empty() {
                    format!("account_update {event}: recorded, onboarding does not depend on it")
                } else {
                    format!("account_update {event}: taken into the state of the account")
                };
                (facts, note)
            }
            NoticeContent::Review { decision } => {
                (self.review(decision), format!("account review: {decision}"))
            }
            NoticeContent::Alert {
                severity,
                active,
                kind,
                description,
            } => (
                self.alert(severity, *active, kind, description),
                format!("alert {kind}"),
            ),
            NoticeContent::Capability { limit } => {
                (self.limit(limit.as_deref()), "messaging limit".to_owned())
            }
            NoticeContent::DisplayName {
                number,
                decision,
                reason,
            } => (
                self.display_name(number.as_deref(), decision, reason.as_deref()),
                format!("display name: {decision}"),
            ),
            NoticeContent::NumberQuality { number, event, limit } => {
                let mut facts = self.number_quality(number.as_deref(), event);
                facts.extend(self.limit(limit.as_deref()));
                (facts, format!("number: {event}"))
            }
            NoticeContent::Security { number, event } => (
                self.security(number.as_deref(), event),
                format!("security: {event}"),
            ),
            NoticeContent::Errors {
                phone_number_id,
                errors,
            } => self.errors(phone_number_id.as_deref(), errors),
            NoticeContent::TemplateStatus { name, language, .. }
            | NoticeContent::TemplateQuality { name, language, .. }
            | NoticeContent::TemplateEdited { name, language, .. }
            | NoticeContent::TemplateCategory { name, language, .. } => {
                self.template(name, language, content)
            }
        }
    }

    fn on_waba(&self, name: FactName, value: &str) -> Option<PlatformFact> {
        let waba = Subject::BusinessAccount(self.waba?.to_owned());
        Some(PlatformFact::good(waba, name, value, self.at))
    }

    fn account_update(&self, content: &NoticeContent) -> Vec<PlatformFact> {
        let NoticeContent::Account {
            event,
            ban_state,
            restrictions,
            violation,
            app,
            disconnection,
            number,
        } = content
        else {
            return Vec::new();
        };
        let blocked =
            |fact: PlatformFact, why: &str, mend: &str| fact.but(Health::Blocked, why).mended_by(mend);
        let access = |why: &str, mend: &str| {
            self.on_waba(FactName::Access, event)
                .map(|fact| blocked(fact, why, mend))
        };
        let fact = match event.as_str() {
            "ACCOUNT_DELETED" => access(
                "Meta says that the WhatsApp Business Account was deleted",
                "Take its numbers out of the manifest.",
            ),
            "ACCOUNT_OFFBOARDED" => access(
                "the account was disconnected from the Cloud API",
                "Connect it again in the phone app.",
            ),
            "PARTNER_REMOVED" => {
                let why = disconnection.as_deref().map_or_else(
                    || "our access to the account was removed".to_owned(),
                    |reason| format!("our access to the account was removed ({reason})"),
                );
                access(
                    &why,
                    "Give the app access to the account again in Meta Business Suite.",
                )
            }
            "PARTNER_APP_UNINSTALLED" if self.is_ours(app.as_deref()) => access(
                "our app was removed from the account",
                "Subscribe the app again: onboarding-server connect.",
            ),
            "ACCOUNT_RECONNECTED" | "PARTNER_ADDED" => self.on_waba(FactName::Access, event),
            "PARTNER_APP_INSTALLED" if self.is_ours(app.as_deref()) => self.on_waba(FactName::Access, event),
            "DISABLED_UPDATE" => self.ban(ban_state.as_deref().unwrap_or_default()),
            "ACCOUNT_VIOLATION" => self
                .on_waba(FactName::Violation, violation.as_deref().unwrap_or(event))
                .map(|fact| {
                    let why = format!("Meta warned of a violation of its policy ({})", fact.value);
                    fact.but(Health::Healthy, why)
                        .mended_by("Read the warning in Meta Business Suite and appeal it or stop its cause.")
                }),
            "ACCOUNT_RESTRICTION" => return self.restrictions(restrictions, number.as_deref()),
            _ => None,
        };
        fact.into_iter().collect()
    }

    /// Whether the app that a notice names is ours, as the token told; while that is not known it is taken for ours.
    fn is_ours(&self, app: Option<&str>) -> bool {
        let ours = self
            .company
            .platform
            .fact(&Subject::App, FactName::Token)
            .map(|fact| fact.value.as_str());
        match (app, ours) {
            (Some(app), Some(ours)) if !ours.is_empty() => app == ours,
            _ => true,
        }
    }

    fn ban(&self, state: &str) -> Option<PlatformFact> {
        let fact = self.on_waba(FactName::Ban, state)?;
        let appeal = "Ask for a review in Meta Business Support Home.";
        Some(match state {
            "REINSTATE" => fact,
            "SCHEDULE_FOR_DISABLE" => fact
                .but(Health::Healthy, "Meta will disable the account soon")
                .mended_by(appeal),
            _ => fact
                .but(Health::Blocked, "Meta has disabled the account")
                .mended_by(appeal),
        })
    }

    fn restrictions(&self, restrictions: &[Restriction], number: Option<&str>) -> Vec<PlatformFact> {
        restrictions
            .iter()
            .filter_map(|one| {
                let (name, health, why) = match one.kind.as_str() {
                    "RESTRICTED_BIZ_INITIATED_MESSAGING" => (
                        FactName::BusinessInitiated,
                        Health::Limited,
                        "Meta does not let the account write first",
                    ),
                    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING" => (
                        FactName::CustomerInitiated,
                        Health::Blocked,
                        "Meta does not let the account answer clients",
                    ),
                    _ => (
                        FactName::OtherRestriction,
                        Health::Healthy,
                        "Meta restricts the account in something that onboarding does not need",
                    ),
                };
                let fact = match number.and_then(|digits| self.number_with(Some(digits))) {
                    Some(account) if name == FactName::CustomerInitiated => {
                        self.on_number(account, name, &one.kind)
                    }
                    _ => self.on_waba(name, &one.kind)?,
                };
                let fact = fact
                    .but(health, why)
                    .mended_by(one.remedy.as_deref().unwrap_or_default());
                Some(PlatformFact {
                    expires_at: one.expires_at,
                    ..fact
                })
            })
            .collect()
    }

    fn review(&self, decision: &str) -> Vec<PlatformFact> {
        let fact = self
            .on_waba(FactName::Review, decision)
            .map(|fact| match decision {
                "REJECTED" => fact
                    .but(Health::Blocked, "Meta rejected the account in its review")
                    .mended_by("Read the reason in Meta Business Suite and ask for another review."),
                "PENDING" | "DEFERRED" => fact.but(Health::Healthy, "Meta reviews the account"),
                _ => fact,
            });
        fact.into_iter().collect()
    }

    fn alert(&self, severity: &str, active: bool, kind: &str, description: &str) -> Vec<PlatformFact> {
        let fact = self.on_waba(FactName::Alert, kind).map(|fact| {
            let words = format!("Meta's alert {kind}: {description}");
            match (active, severity) {
                (false, _) | (_, "INFORMATIONAL") => fact,
                (true, "CRITICAL") => fact.but(Health::Limited, words),
                (true, _) => fact.but(Health::Healthy, words),
            }
        });
        fact.into_iter().collect()
    }

    fn limit(&self, limit: Option<&str>) -> Vec<PlatformFact> {
        let limit = limit.and_then(read_messaging_limit);
        let value =
            limit.map(|limit| limit.map_or_else(|| "unlimited".to_owned(), |people| people.to_string()));
        value
            .and_then(|value| self.on_waba(FactName::MessagingLimit, &value))
            .into_iter()
            .collect()
    }

    /// The account of ours with these digits, of the WhatsApp Business Account of the notice if it names one.
    fn number_with(&self, digits: Option<&str>) -> Option<&OfficialAccount> {
        let digits: String = digits?.chars().filter(char::is_ascii_digit).collect();
        let ours = |account: &&OfficialAccount| account.phone_number.digits() == digits;
        self.company.accounts.iter().find(ours)
    }

    fn on_number(&self, account: &OfficialAccount, name: FactName, value: &str) -> PlatformFact {
        PlatformFact::good(
            Subject::Number(account.phone_number_id.clone()),
            name,
            value,
            self.at,
        )
    }

    fn display_name(&self, number: Option<&str>, decision: &str, reason: Option<&str>) -> Vec<PlatformFact> {
        let Some(account) = self.number_with(number) else {
            return Vec::new();
        };
        let fact = self.on_number(account, FactName::DisplayName, decision);
        let fact = match decision {
            "REJECTED" | "DECLINED" | "EXPIRED" => fact
                .but(
                    Health::Limited,
                    format!(
                        "its display name was rejected ({})",
                        reason.unwrap_or("no reason given")
                    ),
                )
                .mended_by("Choose another display name in WhatsApp Manager."),
            _ => fact,
        };
        vec![fact]
    }

    fn number_quality(&self, number: Option<&str>, event: &str) -> Vec<PlatformFact> {
        let Some(account) = self.number_with(number) else {
            return Vec::new();
        };
        let fact = self.on_number(account, FactName::Quality, event);
        match event {
            "FLAGGED" => vec![
                fact.but(Health::Limited, "Meta flagged the number for low quality")
                    .mended_by("See that clients expect its messages; the flag goes when the quality rises."),
            ],
            "UNFLAGGED" => vec![fact],
            _ => Vec::new(),
        }
    }

    fn security(&self, number: Option<&str>, event: &str) -> Vec<PlatformFact> {
        let Some(account) = self.number_with(number) else {
            return Vec::new();
        };
        let fact = self.on_number(account, FactName::Security, event);
        let fact = fact
            .but(
                Health::Healthy,
                format!("somebody touched the PIN of the number ({event})"),
            )
            .mended_by("If nobody of yours did, change the PIN and look who has access.");
        // A day is long enough to be seen, and then it is history.
        let expires_at = Some(self.at + std::time::Duration::from_hours(24));
        vec![PlatformFact { expires_at, ..fact }]
    }

    fn errors(&self, phone_number_id: Option<&str>, errors: &[(i64, String)]) -> Read {
        let codes: Vec<_> = errors.iter().map(|(code, _)| code.to_string()).collect();
        let note = format!("errors without a message: {}", codes.join(", "));
        let fact = phone_number_id
            .zip(errors.first())
            .map(|(number, (code, words))| {
                let subject = Subject::Number(number.to_owned());
                let fact = PlatformFact::good(subject, FactName::Refusal, code.to_string(), self.at).but(
                    Health::Healthy,
                    format!("WhatsApp reported an error: {words} (WhatsApp {code})"),
                );
                let expires_at = Some(self.at + std::time::Duration::from_hours(1));
                PlatformFact { expires_at, ..fact }
            });
        (fact.into_iter().collect(), note)
    }

    fn template(&self, name: &str, language: &str, content: &NoticeContent) -> Read {
        let mut of_ours = self.company.settings.templates.values();
        let Some(ours) = of_ours.find(|one| one.name == name && same_language(&one.language, language))
        else {
            return (
                Vec::new(),
                format!("template {name}: not one that the company sends"),
            );
        };
        let Some(waba) = self.waba else {
            return (Vec::new(), format!("template {name}: of no account"));
        };
        let about = || Subject::Template {
            waba_id: waba.to_owned(),
            name: name.to_owned(),
            language: ours.language.replace('-', "_"),
        };
        let facts = match content {
            NoticeContent::TemplateStatus { event, reason, .. } => {
                super::report::template_status(about(), event, reason.as_deref(), self.at)
                    .into_iter()
                    .collect()
            }
            NoticeContent::TemplateQuality { score, .. } => {
                let fact = PlatformFact::good(about(), FactName::Quality, score, self.at);
                vec![match score.as_str() {
                    "RED" => fact.but(
                        Health::Healthy,
                        format!("clients take the template {name} badly; Meta will pause it"),
                    ),
                    _ => fact,
                }]
            }
            NoticeContent::TemplateEdited { parameters, .. } => {
                vec![super::report::template_parameters(
                    about(),
                    *parameters,
                    ours.body.len(),
                    self.at,
                )]
            }
            NoticeContent::TemplateCategory {
                previous,
                category,
                coming,
                ..
            } => {
                let known = self.company.platform.fact(&about(), FactName::Category);
                let before = previous
                    .as_deref()
                    .or_else(|| known.map(|fact| fact.value.as_str()));
                let fact = super::report::template_category(about(), category, before, known, self.at);
                vec![match coming {
                    Some(coming) if coming != category => fact.but(
                        Health::Healthy,
                        format!(
                            "Meta will make the template {name} a {} template",
                            coming.to_lowercase()
                        ),
                    ),
                    _ => fact,
                }]
            }
            _ => Vec::new(),
        };
        (facts, format!("template {name}: taken into its state"))
    }
}
