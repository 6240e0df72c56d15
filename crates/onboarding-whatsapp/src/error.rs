//! From Graph's errors to what the deliver service can do about them.

use onboarding_core::{SendRefusal, ports::SendError};
use whatsapp_graph::{ApiErrorBody, ErrorClass, client, error::known};

/// The code with the words of our own table: Graph's words may repeat what was sent.
pub(crate) fn refusal(error: &ApiErrorBody) -> SendRefusal {
    let reason = known(error.code).map_or("WhatsApp refused with a code that we do not know", |row| {
        row.action
    });
    SendRefusal {
        code: error.code,
        reason: reason.to_owned(),
    }
}

pub(crate) fn send_error(error: client::SendError) -> SendError {
    match error {
        client::SendError::NotSent(source) => SendError::NotSent {
            retry_after: None,
            source: Box::new(source),
        },
        client::SendError::Unknown(source) => SendError::Unknown(Box::new(source)),
        client::SendError::Refused {
            error,
            class,
            retry_after,
            ..
        } => match class {
            ErrorClass::Retry { safe: true } => SendError::NotSent {
                retry_after,
                source: error,
            },
            ErrorClass::Retry { safe: false } => SendError::Unknown(error),
            ErrorClass::PauseAccount | ErrorClass::PauseNumber => SendError::AccountPaused(refusal(&error)),
            ErrorClass::WindowClosed
            | ErrorClass::Recipient(_)
            | ErrorClass::Template(_)
            | ErrorClass::Message => SendError::Refused(refusal(&error)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(code: i64) -> SendError {
        let error =
            ApiErrorBody::from_json(&format!(r#"{{"code":{code},"message":"to +85291234567"}}"#)).unwrap();
        let class = error.class();
        send_error(client::SendError::Refused {
            error: Box::new(error),
            status: 400,
            class,
            retry_after: None,
        })
    }

    #[test]
    fn every_code_leads_to_what_can_be_done() {
        for (code, expected) in [
            (131_056, "NotSent"),
            (130_429, "NotSent"),
            (131_000, "Unknown"),
            (190, "AccountPaused"),
            (133_010, "AccountPaused"),
            (131_047, "Refused"),
            (131_026, "Refused"),
            (132_001, "Refused"),
            (987_654, "Refused"),
        ] {
            let shown = format!("{:?}", class_of(code));
            assert!(shown.starts_with(expected), "{code}: {shown}");
        }
    }

    #[test]
    fn reasons_are_our_words() {
        let shown = class_of(131_026).to_string();
        assert!(!shown.contains("85291234567"), "{shown}");
    }
}
