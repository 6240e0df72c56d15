//! Updates about our side of the platform: from Graph's fields to notices of the domain.

use onboarding_core::{NoticeContent, PlatformNotice, Restriction, Timestamp};
use whatsapp_graph::{client::count_variables, error::known, webhook::Update};

/// What the update says of our side; `None` for a field that says nothing of it.
pub(crate) fn notice(update: &Update) -> Option<PlatformNotice> {
    Some(PlatformNotice {
        waba_id: update.waba_id.clone(),
        at: update.time.map(Timestamp::from_unix_seconds),
        content: content(update)?,
    })
}

fn content(update: &Update) -> Option<NoticeContent> {
    let word = |path| update.text(path).unwrap_or_default();
    let capitals = |path| word(path).to_ascii_uppercase();
    let number = || update.text("display_phone_number");
    Some(match update.field.as_str() {
        "account_update" => account_update(update),
        "account_review_update" => NoticeContent::Review {
            decision: capitals("decision"),
        },
        "account_alerts" => alert(update),
        "business_capability_update" => NoticeContent::Capability { limit: limit(update) },
        "phone_number_name_update" => NoticeContent::DisplayName {
            number: number(),
            decision: capitals("decision"),
            reason: update.text("rejection_reason"),
        },
        "phone_number_quality_update" => NoticeContent::NumberQuality {
            number: number(),
            event: capitals("event"),
            limit: limit(update),
        },
        "security" => NoticeContent::Security {
            number: number(),
            event: capitals("event"),
        },
        "message_template_status_update" => NoticeContent::TemplateStatus {
            name: word("message_template_name"),
            language: word("message_template_language"),
            event: capitals("event"),
            reason: update.text("reason").or_else(|| update.text("other_info.title")),
        },
        "message_template_quality_update" => NoticeContent::TemplateQuality {
            name: word("message_template_name"),
            language: word("message_template_language"),
            score: capitals("new_quality_score"),
        },
        "message_template_components_update" => NoticeContent::TemplateEdited {
            name: word("message_template_name"),
            language: word("message_template_language"),
            parameters: count_variables(&word("message_template_element")),
        },
        "template_category_update" => NoticeContent::TemplateCategory {
            name: word("message_template_name"),
            language: word("message_template_language"),
            previous: update.text("previous_category"),
            category: capitals("new_category"),
            coming: update
                .text("correct_category")
                .map(|word| word.to_ascii_uppercase()),
        },
        "messages" => errors(update)?,
        _ => return None,
    })
}

fn account_update(update: &Update) -> NoticeContent {
    let restriction = |one: &Update| Restriction {
        kind: one.text("restriction_type").unwrap_or_default(),
        expires_at: one.integer("expiration").map(Timestamp::from_unix_seconds),
        remedy: one.text("remediation"),
    };
    NoticeContent::Account {
        event: update.text("event").unwrap_or_default().to_ascii_uppercase(),
        ban_state: update.text("ban_info.waba_ban_state"),
        restrictions: update.list("restriction_info").iter().map(restriction).collect(),
        violation: update.text("violation_info.violation_type"),
        app: update.text("waba_info.partner_app_id"),
        disconnection: update.text("disconnection_info.reason"),
        number: update.text("phone_number"),
    }
}

/// Older payloads have the members of `alert_info` beside it.
fn alert(update: &Update) -> NoticeContent {
    let word = |key: &str| {
        let inside = update.text(&format!("alert_info.{key}"));
        inside.or_else(|| update.text(key)).unwrap_or_default()
    };
    NoticeContent::Alert {
        severity: word("alert_severity").to_ascii_uppercase(),
        active: !word("alert_status").eq_ignore_ascii_case("NONE"),
        kind: word("alert_type"),
        description: word("alert_description"),
    }
}

fn limit(update: &Update) -> Option<String> {
    let keys = ["max_daily_conversations_per_business", "current_limit"];
    keys.into_iter().find_map(|key| update.text(key))
}

/// A `messages` change that holds neither messages nor statuses, but errors.
fn errors(update: &Update) -> Option<NoticeContent> {
    let words = |code: i64| known(code).map_or("an error that we do not know", |row| row.action);
    let errors: Vec<_> = update
        .list("errors")
        .iter()
        .filter_map(|error| error.integer("code"))
        .map(|code| (code, words(code).to_owned()))
        .collect();
    (!errors.is_empty()).then(|| NoticeContent::Errors {
        phone_number_id: update.text("metadata.phone_number_id"),
        errors,
    })
}
