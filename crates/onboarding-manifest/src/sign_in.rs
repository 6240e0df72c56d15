//! `[sign_in]`, and the names under which identity providers know users.

use onboarding_core::{
    ExternalIdentity, ExternalSubject, IdentityProvider, Issuer, SecretRef, SignInSettings, SubjectClaim,
    TeamsSignIn, TenantId,
};

use crate::reader::{Item, Table};

pub(crate) fn settings(table: &mut Table<'_>) -> SignInSettings {
    SignInSettings {
        provider: table.take("provider").map(|item| item.table(provider)),
        local_accounts: table.optional("local_accounts", Item::switch).unwrap_or_default(),
        teams: table.take("teams").map(|item| item.table(teams)),
    }
}

fn provider(table: &mut Table<'_>) -> IdentityProvider {
    IdentityProvider {
        issuer: table.required("issuer", issuer),
        client_id: table.required("client_id", Item::string),
        client_secret: table.required("client_secret", |item| item.parsed(SecretRef::parse)),
        subject_claim: table
            .optional("subject_claim", |item| item.choice(SubjectClaim::ALL))
            .unwrap_or(SubjectClaim::Sub),
        second_factor: table.optional("second_factor", Item::switch).unwrap_or_default(),
    }
}

fn teams(table: &mut Table<'_>) -> TeamsSignIn {
    TeamsSignIn {
        tenant: table.required("tenant", |item| item.parsed(TenantId::parse)),
        audience: table.required("audience", Item::string),
    }
}

pub(crate) fn identity(table: &mut Table<'_>) -> ExternalIdentity {
    ExternalIdentity {
        issuer: table.required("issuer", issuer),
        subject: table.required("subject", |item| item.parsed(ExternalSubject::parse)),
    }
}

fn issuer(item: &Item<'_>) -> Option<Issuer> {
    item.parsed(Issuer::parse)
}
