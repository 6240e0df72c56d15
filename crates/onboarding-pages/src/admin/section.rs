//! The parts of the Organization Admin, for its navigation.

use super::AdminWords;

/// A part of the Organization Admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Name, languages, limits, the text of QR codes.
    Company,
    /// The switches of the flow.
    Features,
    /// Users with their extensions.
    Users,
    /// Users in bulk.
    Import,
    /// The tree of the company.
    OrgUnits,
    /// Outside firms.
    ExternalCompanies,
    /// Pools of numbers.
    Pools,
    /// The numbers.
    Accounts,
    /// What clients are told.
    Texts,
    /// What WhatsApp tells of templates, limits and numbers.
    WhatsApp,
    /// API tokens.
    Tokens,
    /// Each attempt to onboard a client.
    Activity,
    /// What the admins are told.
    Notices,
    /// What was given up.
    DeadLetters,
    /// Who changed what.
    Audit,
}

impl Section {
    pub(crate) const SETTINGS: [Self; 11] = [
        Self::Company,
        Self::Features,
        Self::Users,
        Self::Import,
        Self::OrgUnits,
        Self::ExternalCompanies,
        Self::Pools,
        Self::Accounts,
        Self::Texts,
        Self::WhatsApp,
        Self::Tokens,
    ];
    pub(crate) const RECORDS: [Self; 4] = [Self::Notices, Self::Activity, Self::DeadLetters, Self::Audit];

    /// Its address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Company => "/admin/company",
            Self::Features => "/admin/features",
            Self::OrgUnits => "/admin/org-units",
            Self::ExternalCompanies => "/admin/external-companies",
            Self::Accounts => "/admin/official-accounts",
            Self::Texts => "/admin/texts",
            Self::Users => "/admin/users",
            Self::Import => "/admin/import",
            Self::Pools => "/admin/pools",
            Self::WhatsApp => "/admin/whatsapp",
            Self::Tokens => "/admin/tokens",
            Self::Activity => "/admin/onboardings",
            Self::Notices => "/admin/notices",
            Self::DeadLetters => "/admin/dead-letters",
            Self::Audit => "/admin/audit",
        }
    }

    pub(crate) fn title(self, words: &AdminWords) -> &'static str {
        match self {
            Self::Company => words.company,
            Self::Features => words.features,
            Self::OrgUnits => words.org_units,
            Self::ExternalCompanies => words.external_companies,
            Self::Accounts => words.accounts,
            Self::Texts => words.texts,
            Self::Users => words.users,
            Self::Import => words.import,
            Self::Pools => words.pools,
            Self::WhatsApp => words.whatsapp,
            Self::Tokens => words.tokens,
            Self::Activity => words.activity,
            Self::Notices => words.notices,
            Self::DeadLetters => words.dead_letters,
            Self::Audit => words.audit,
        }
    }

    pub(crate) fn hint(self, words: &AdminWords) -> &'static str {
        match self {
            Self::Company => words.company_hint,
            Self::Features => words.features_hint,
            Self::OrgUnits => words.org_units_hint,
            Self::ExternalCompanies => words.external_companies_hint,
            Self::Accounts => words.accounts_hint,
            Self::Texts => words.texts_hint,
            Self::Users => words.users_hint,
            Self::Import => words.import_hint,
            Self::Pools => words.pools_hint,
            Self::WhatsApp => words.whatsapp_hint,
            Self::Tokens => words.tokens_hint,
            Self::Activity => words.activity_hint,
            Self::Notices => words.notices_hint,
            Self::DeadLetters => words.dead_letters_hint,
            Self::Audit => words.audit_hint,
        }
    }

    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Company => "building",
            Self::Features => "list",
            Self::OrgUnits => "tree",
            Self::ExternalCompanies => "firms",
            Self::Accounts => "phone",
            Self::Texts => "words",
            Self::Users => "people",
            Self::Import => "share",
            Self::Pools => "numbers",
            Self::WhatsApp => "chats",
            Self::Tokens => "key",
            Self::Activity => "activity",
            Self::Notices => "bell",
            Self::DeadLetters => "stopped",
            Self::Audit => "book",
        }
    }

    /// `page` marks the link of the part that one is in, for those who hear it.
    pub(crate) fn current(self, here: Self) -> &'static str {
        if self == here { "page" } else { "false" }
    }
}
