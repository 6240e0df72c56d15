//! Which secrets a company may name by itself.

use crate::{CompanyId, SecretRef};

/// What the service itself is set up with.
const OF_THE_SERVICE: [&str; 4] = ["DATABASE_", "ONBOARDING_", "OTEL_", "PG"];

/// The reference is not for this company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not the company's own secret; name another, or let an operator apply a manifest that names it"
)]
pub struct ForeignSecret;

/// Refuses an admin of `company` a secret that is not theirs to use: one that another company uses, a variable that is
/// named after another company (`INITECH_APP_SECRET` is Initech's; the longest id counts), and what the service is set up
/// with. An operator, who sets the environment, may say otherwise in a manifest.
///
/// Whoever could name any secret could have it sent to an address of theirs, or compare it with what they guess.
pub fn may_refer(
    company: &CompanyId,
    wished: &SecretRef,
    others: &[(CompanyId, Vec<SecretRef>)],
) -> Result<(), ForeignSecret> {
    let used = others.iter().any(|(_, secrets)| secrets.contains(wished));
    let foreign = match wished {
        SecretRef::File(_) => false,
        SecretRef::Env(name) => {
            let name = name.to_uppercase();
            let ours = named_after(&name, company);
            OF_THE_SERVICE.iter().any(|prefix| name.starts_with(prefix))
                || others.iter().any(|(other, _)| named_after(&name, other) > ours)
        }
    };
    if used || foreign {
        return Err(ForeignSecret);
    }
    Ok(())
}

/// How much of the name of a variable is the id of the company; nothing if it is not named after it.
fn named_after(name: &str, company: &CompanyId) -> usize {
    let prefix = format!("{}_", company.to_string().to_uppercase().replace('-', "_"));
    if name.starts_with(&prefix) {
        prefix.len()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> CompanyId {
        CompanyId::parse(text).expect("an id")
    }

    fn reference(text: &str) -> SecretRef {
        SecretRef::parse(text).expect("a reference")
    }

    fn secrets(app_secret: &str) -> Vec<SecretRef> {
        [app_secret, "env:SHARED_VERIFY", "file:/run/secrets/initech"]
            .map(reference)
            .into()
    }

    #[test]
    fn a_company_names_its_own_secrets_and_no_others() {
        let others = [
            (id("initech"), secrets("env:INITECH_APP_SECRET")),
            (id("acme-hk"), secrets("env:ODDLY_NAMED")),
        ];
        for (wished, expected) in [
            ("env:ACME_APP_SECRET", true),
            ("env:SOMETHING_ELSE", true),
            ("file:/run/secrets/acme", true),
            ("env:INITECH_APP_SECRET", false),
            ("env:INITECH_ANOTHER", false),
            ("env:initech_another", false),
            ("env:ACME_HK_APP_SECRET", false),
            ("env:ODDLY_NAMED", false),
            ("env:SHARED_VERIFY", false),
            ("file:/run/secrets/initech", false),
            ("env:DATABASE_URL", false),
            ("env:ONBOARDING_AUDIT_KEY", false),
            ("env:PGPASSWORD", false),
        ] {
            let may = may_refer(&id("acme"), &reference(wished), &others).is_ok();
            assert_eq!(may, expected, "{wished}");
        }
        let acme = [(id("acme"), secrets("env:ACME_APP_SECRET"))];
        assert!(may_refer(&id("acme-hk"), &reference("env:ACME_HK_APP_SECRET"), &acme).is_ok());
    }
}
