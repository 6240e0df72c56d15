//! What the answers of a poll mean.

use super::{FactName, PlatformFact, Subject, read_messaging_limit};
use crate::{ApprovedText, Health, OfficialAccount, Template, Timestamp};

/// How long before its end the operator is warned of a token.
const EXPIRY_WARNING: std::time::Duration = std::time::Duration::from_hours(14 * 24);

/// What WhatsApp says of a number. Words in capitals are WhatsApp's; all are open lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberReport {
    /// The number as digits.
    pub digits: Option<String>,
    /// `CONNECTED` is the only good one.
    pub status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`.
    pub quality: Option<String>,
    /// `APPROVED`, `DECLINED` and the like.
    pub name_status: Option<String>,
    /// `AVAILABLE`, `LIMITED`, `BLOCKED`.
    pub can_send: Option<String>,
    /// The parts of `can_send`.
    pub entities: Vec<HealthEntity>,
    /// The messaging limit of the portfolio.
    pub messaging_limit: Option<String>,
    /// Where the webhooks of the number go.
    pub callback: Option<String>,
}

/// One part of the health that WhatsApp reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthEntity {
    /// `PHONE_NUMBER`, `WABA`, `BUSINESS`, `APP`.
    pub kind: String,
    /// Its id.
    pub id: Option<String>,
    /// What is wrong and WhatsApp's suggestion, one pair a trouble.
    pub troubles: Vec<(String, Option<String>)>,
}

/// What WhatsApp says of a WhatsApp Business Account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountReport {
    /// The ids of the apps that get its webhooks.
    pub subscribed_apps: Vec<String>,
}

/// What WhatsApp says of a template in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateReport {
    /// Its language.
    pub language: String,
    /// `APPROVED` is the only good one.
    pub status: Option<String>,
    /// `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    pub category: Option<String>,
    /// The text of its body; `None` when WhatsApp did not show it.
    pub text: Option<String>,
    /// How many parameters its body has; `None` when WhatsApp did not show the body.
    pub parameters: Option<usize>,
    /// How many quick-reply buttons it has; `None` when WhatsApp did not show its parts.
    pub buttons: Option<usize>,
}

/// What WhatsApp says of the access token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenReport {
    /// The app that it belongs to.
    pub app: Option<String>,
    /// Whether it is valid.
    pub is_valid: bool,
    /// When it ends; `None`: never, or not told.
    pub expires_at: Option<Timestamp>,
    /// What it may do.
    pub scopes: Vec<String>,
}

/// What our side should look like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OurSide {
    /// The address to which webhooks must come; `None` when it is not known here.
    pub callback: Option<String>,
    /// Our app, as the token told.
    pub app: Option<String>,
}

/// The facts in a report on a number.
pub fn facts_of_number(
    account: &OfficialAccount,
    report: &NumberReport,
    ours: &OurSide,
    now: Timestamp,
) -> Vec<PlatformFact> {
    let about = || Subject::Number(account.phone_number_id.clone());
    let fact = |name, value: &str| PlatformFact::good(about(), name, value, now);
    let mut facts = Vec::new();
    if report
        .digits
        .as_deref()
        .is_some_and(|digits| digits != account.phone_number.digits())
    {
        let wrong = fact(FactName::Connection, "ANOTHER_NUMBER")
            .but(Health::Blocked, "its phone_number_id belongs to another number")
            .mended_by("Correct the manifest and apply it.");
        return vec![wrong];
    }
    facts.extend(report.status.as_deref().map(|status| {
        match status {
            "CONNECTED" => fact(FactName::Connection, status),
            other => fact(FactName::Connection, other)
                .but(Health::Blocked, format!("the number is {}", other.to_lowercase()))
                .mended_by("Register the number again in WhatsApp Manager."),
        }
    }));
    facts.extend(report.quality.as_deref().map(|quality| {
        match quality {
            "RED" => fact(FactName::Quality, quality)
                .but(
                    Health::Limited,
                    "clients block or report the number: its quality is low",
                )
                .mended_by("See that clients expect its messages."),
            other => fact(FactName::Quality, other),
        }
    }));
    facts.extend(report.name_status.as_deref().map(|status| {
        match status {
            "DECLINED" | "EXPIRED" => fact(FactName::DisplayName, status)
                .but(
                    Health::Limited,
                    format!("its display name is {}", status.to_lowercase()),
                )
                .mended_by("Choose another display name in WhatsApp Manager."),
            other => fact(FactName::DisplayName, other),
        }
    }));
    facts.extend(sending(report).map(|(value, health, reason, remedy)| {
        fact(FactName::Sending, &value)
            .but(health, reason)
            .mended_by(remedy)
    }));
    facts.extend(callback(report, ours).map(|reason| {
        match reason {
            None => fact(FactName::Callback, "OURS"),
            Some(reason) => fact(FactName::Callback, "ELSEWHERE")
                .but(Health::Limited, reason)
                .mended_by("Register our address: onboarding-server connect."),
        }
    }));
    let waba = || Subject::BusinessAccount(account.waba_id.clone());
    let portfolio = report.entities.iter().find(|entity| entity.kind == "BUSINESS");
    facts.extend(portfolio.and_then(|entity| {
        Some(PlatformFact::good(
            waba(),
            FactName::Portfolio,
            entity.id.clone()?,
            now,
        ))
    }));
    let limit = report.messaging_limit.as_deref().and_then(read_messaging_limit);
    facts.extend(limit.map(|limit| {
        let value = limit.map_or_else(|| "unlimited".to_owned(), |people| people.to_string());
        PlatformFact::good(waba(), FactName::MessagingLimit, value, now)
    }));
    facts
}

fn sending(report: &NumberReport) -> Option<(String, Health, String, String)> {
    let word = report.can_send.clone()?;
    let health = match word.as_str() {
        "AVAILABLE" => Health::Healthy,
        "LIMITED" => Health::Limited,
        "BLOCKED" => Health::Blocked,
        _ => return None,
    };
    let troubles: Vec<_> = report
        .entities
        .iter()
        .flat_map(|entity| &entity.troubles)
        .collect();
    let words: Vec<_> = troubles.iter().map(|(words, _)| words.as_str()).collect();
    let remedies: Vec<_> = troubles
        .iter()
        .filter_map(|(_, remedy)| remedy.as_deref())
        .collect();
    let reason = match (health, words.is_empty()) {
        (Health::Healthy, _) => String::new(),
        (_, true) => format!(
            "WhatsApp says that it is {} and gives no reason",
            word.to_lowercase()
        ),
        (_, false) => words.join(" "),
    };
    Some((word, health, reason, remedies.join(" ")))
}

#[expect(
    clippy::option_option,
    reason = "not checked, right and wrong are three things"
)]
fn callback(report: &NumberReport, ours: &OurSide) -> Option<Option<String>> {
    let (there, here) = (report.callback.as_deref()?, ours.callback.as_deref()?);
    let same = there.trim_end_matches('/') == here.trim_end_matches('/');
    Some((!same).then(|| format!("its webhooks go to {there}, not to {here}")))
}

/// The facts in a report on a WhatsApp Business Account. A report at all proves that we have access to it.
pub fn facts_of_account(
    waba_id: &str,
    report: &AccountReport,
    ours: &OurSide,
    now: Timestamp,
) -> Vec<PlatformFact> {
    let fact = |name, value: &str| {
        PlatformFact::good(Subject::BusinessAccount(waba_id.to_owned()), name, value, now)
    };
    let subscribed = match &ours.app {
        Some(app) => report.subscribed_apps.contains(app),
        None => !report.subscribed_apps.is_empty(),
    };
    let subscription = if subscribed {
        fact(FactName::Subscription, "SUBSCRIBED")
    } else {
        fact(FactName::Subscription, "NOT_SUBSCRIBED")
            .but(
                Health::Blocked,
                "our app is not subscribed: no webhook will arrive",
            )
            .mended_by("Subscribe it: onboarding-server connect.")
    };
    vec![subscription, fact(FactName::Access, "ACCESSIBLE")]
}

/// The facts in the reports on one template of the company; `reports` are those of its name in all languages.
pub fn facts_of_template(
    waba_id: &str,
    template: &Template,
    reports: &[TemplateReport],
    known: Option<&PlatformFact>,
    now: Timestamp,
) -> Vec<PlatformFact> {
    let about = || Subject::Template {
        waba_id: waba_id.to_owned(),
        name: template.name.clone(),
        language: template.language.replace('-', "_"),
    };
    let Some(report) = reports
        .iter()
        .find(|one| super::same_language(&one.language, &template.language))
    else {
        let missing = PlatformFact::good(about(), FactName::Status, "MISSING", now)
            .but(
                Health::Blocked,
                format!("does not exist in language {}", template.language),
            )
            .mended_by("Create it in WhatsApp Manager, or correct the manifest.");
        return vec![missing];
    };
    let mut facts = Vec::new();
    facts.extend(
        report
            .status
            .as_deref()
            .and_then(|status| template_status(about(), status, None, now)),
    );
    facts.extend(report.category.as_deref().map(|category| {
        template_category(
            about(),
            category,
            known.map(|fact| fact.value.as_str()),
            known,
            now,
        )
    }));
    facts.extend(
        report
            .parameters
            .map(|count| template_parameters(about(), count, template.body.len(), now)),
    );
    if let (Some(there), Some(here)) = (&report.text, &template.text) {
        facts.push(template_text(about(), there, here, now));
    }
    facts.extend(
        report
            .buttons
            .map(|count| template_buttons(about(), count, template.buttons.len(), now)),
    );
    facts
}

/// What a status of a template, or an event of it, means; `None` for what says nothing of whether it can be sent.
pub(super) fn template_status(
    about: Subject,
    word: &str,
    why: Option<&str>,
    at: Timestamp,
) -> Option<PlatformFact> {
    let word = word.to_ascii_uppercase();
    let fact = PlatformFact::good(about, FactName::Status, word.clone(), at);
    let why = why
        .filter(|why| *why != "NONE")
        .map(|why| format!(" ({why})"))
        .unwrap_or_default();
    let blocked = |fact: PlatformFact, mend: &str| {
        let words = word.to_lowercase().replace('_', " ");
        Some(
            fact.but(Health::Blocked, format!("is {words}{why}"))
                .mended_by(mend),
        )
    };
    match word.as_str() {
        "APPROVED" | "UNARCHIVED" | "REINSTATED" => Some(PlatformFact {
            value: "APPROVED".to_owned(),
            ..fact
        }),
        // It was reported, or will be looked at; it still goes out.
        "FLAGGED" | "PENDING_DELETION" | "LOCKED" => Some(fact.but(
            Health::Healthy,
            format!(
                "is {}{why}; it may soon be out of use",
                word.to_lowercase().replace('_', " ")
            ),
        )),
        "PAUSED" => blocked(
            fact,
            "It comes back by itself after some hours; see that clients expect it.",
        ),
        "DISABLED" | "REJECTED" | "LIMIT_EXCEEDED" => {
            blocked(fact, "Write another template and apply its name.")
        }
        "ARCHIVED" => blocked(fact, "Take it out of the archive in WhatsApp Manager."),
        "DELETED" => blocked(fact, "Create it again, under another name."),
        "PENDING" | "IN_APPEAL" => blocked(fact, "Wait for Meta's review."),
        _ => None,
    }
}

/// A change to marketing means a limit for each person, another price, and nothing for US numbers.
pub(super) fn template_category(
    about: Subject,
    category: &str,
    before: Option<&str>,
    known: Option<&PlatformFact>,
    at: Timestamp,
) -> PlatformFact {
    let fact = PlatformFact::good(about, FactName::Category, category.to_ascii_uppercase(), at);
    let is_marketing = fact.value == "MARKETING";
    let was_changed = before.is_some_and(|before| !before.eq_ignore_ascii_case("MARKETING"))
        || known.is_some_and(|known| known.health == Health::Limited);
    if is_marketing && was_changed {
        fact.but(
            Health::Limited,
            "was made a marketing template: WhatsApp holds it back from some people",
        )
        .mended_by(
            "Ask for a review of the category, or write a template that only follows the client's request.",
        )
    } else if is_marketing {
        fact.but(
            Health::Healthy,
            "is a marketing template: WhatsApp holds it back from some people",
        )
    } else {
        fact
    }
}

/// More buttons in the manifest than there are would be refused; where there are more, the others say nothing to us.
fn template_buttons(about: Subject, there: usize, here: usize, at: Timestamp) -> PlatformFact {
    let fact = PlatformFact::good(about, FactName::Buttons, there.to_string(), at);
    if there >= here {
        return fact;
    }
    fact.but(
        Health::Blocked,
        format!("has {there} quick-reply button(s) at WhatsApp and {here} in the manifest"),
    )
    .mended_by("Name no more buttons in the manifest than the template has.")
}

/// Another text goes out all the same, but the record of a chat would tell what nobody read.
fn template_text(about: Subject, there: &str, here: &ApprovedText, at: Timestamp) -> PlatformFact {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    if words(there) == words(here.source()) {
        return PlatformFact::good(about, FactName::Text, "same", at);
    }
    PlatformFact::good(about, FactName::Text, "other", at)
        .but(
            Health::Healthy,
            "has another text at WhatsApp than in the manifest: the record of chats shows the manifest's",
        )
        .mended_by("Write in the manifest what clients read.")
}

pub(super) fn template_parameters(about: Subject, there: usize, here: usize, at: Timestamp) -> PlatformFact {
    let fact = PlatformFact::good(about, FactName::Parameters, there.to_string(), at);
    if there == here {
        return fact;
    }
    fact.but(
        Health::Blocked,
        format!("has {there} parameter(s) at WhatsApp and {here} in the manifest"),
    )
    .mended_by("Give it as many parameters in the manifest as its text has.")
}

/// The facts in a report on the token.
pub fn facts_of_token(report: &TokenReport, now: Timestamp) -> Vec<PlatformFact> {
    let fact = |name, value: &str| PlatformFact::good(Subject::App, name, value, now);
    let app = report.app.as_deref().unwrap_or_default();
    if !report.is_valid {
        let invalid = fact(FactName::Token, app)
            .but(Health::Blocked, "the access token is not valid")
            .mended_by("Make a new one and put it where the manifest says; no restart is needed.");
        return vec![invalid];
    }
    let mut facts = vec![fact(FactName::Token, app)];
    facts.push(match report.expires_at {
        None => fact(FactName::TokenExpiry, "never"),
        Some(end) if end <= now + EXPIRY_WARNING => fact(FactName::TokenExpiry, &end.to_string())
            .but(Health::Healthy, format!("the access token ends at {end}"))
            .mended_by("Make a new one in time and put it where the manifest says; no restart is needed."),
        Some(end) => fact(FactName::TokenExpiry, &end.to_string()),
    });
    let needed = ["whatsapp_business_messaging", "whatsapp_business_management"];
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|scope| !report.scopes.iter().any(|own| own == scope))
        .collect();
    facts.push(if missing.is_empty() || report.scopes.is_empty() {
        fact(FactName::TokenScopes, &report.scopes.join(","))
    } else {
        fact(FactName::TokenScopes, &report.scopes.join(","))
            .but(
                Health::Limited,
                format!("the access token lacks {}", missing.join(" and ")),
            )
            .mended_by("Make a token with these permissions.")
    });
    facts
}
