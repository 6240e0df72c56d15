//! The texts of QR codes.

use super::Findings;
use crate::{
    Extension, MOST_TYPED, PhoneNumber, Placeholder, Typed, Values,
    config::{CompanyConfig, UserConfig},
};

/// A text that WhatsApp would not type as a whole has no code; it is refused where it is written, not where somebody looks
/// for their code.
pub(super) fn check(config: &CompanyConfig, findings: &mut Findings) {
    let template = config.settings.qr_text.template();
    // What nobody's extension would mend.
    let alone = Values::from([(Placeholder::Extension, String::new())]);
    let alone = template.render(&alone).chars().count();
    if alone >= MOST_TYPED {
        let message = format!(
            "it has {alone} characters without an extension, and WhatsApp types {MOST_TYPED} at the most; shorten it"
        );
        findings.add("qr.text", message);
        return;
    }
    let primaries = config.pools.iter().map(|pool| &pool.primary);
    let Some(primary) = primaries.max_by_key(|primary| primary.as_str().len()) else {
        return;
    };
    for (index, user) in config.users.iter().enumerate() {
        if let Some(extension) = &user.extension {
            check_user(config, (index, user, extension), primary, findings);
        }
    }
}

fn check_user(
    config: &CompanyConfig,
    (index, user, extension): (usize, &UserConfig, &Extension),
    primary: &PhoneNumber,
    findings: &mut Findings,
) {
    let typed = config.settings.qr_text.typed(&Typed {
        extension,
        name: &user.name,
        title: user.title.as_deref(),
        company: &config.settings.name,
        primary,
    });
    let length = typed.chars().count();
    if length > MOST_TYPED {
        let message = format!(
            "with it the code would type {length} characters, and WhatsApp types {MOST_TYPED} at the most; shorten it or the \
             company's qr.text"
        );
        findings.add(format!("users[{index}].extension"), message);
    }
}
