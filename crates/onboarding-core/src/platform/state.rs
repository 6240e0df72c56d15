//! What follows from the facts: whether an account, a primary or a template can be used, and why not.

use std::collections::BTreeSet;

use super::{FactName, PlatformFact, Subject, read_messaging_limit, same_language};
use crate::{
    Company, Health, InvitationKind, OfficialAccount, OfficialAccountId, OrgUnitId, TemplatePurpose,
    Timestamp,
};

/// The word of the Graph API for a number that WhatsApp has taken away (Graph API, phone number, `status`).
const BANNED: &str = "BANNED";

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters; [`Health::Healthy`] is a warning.
    pub health: Health,
    /// What is wrong, in words.
    pub reason: String,
    /// What mends it, where anybody said so.
    pub remedy: Option<String>,
}

/// Whether an account can be used, as far as we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// The worst of what is known; [`Health::Unknown`] when nothing is.
    pub health: Health,
    /// Why, worst first.
    pub findings: Vec<Finding>,
    /// All that is wrong is that it may not write first: a hand-off link still works.
    pub only_templates: bool,
}

/// Why a template is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateTrouble {
    /// In words.
    pub reason: String,
    /// Whether WhatsApp would refuse it; else it would go out, but worse than intended.
    pub unusable: bool,
}

impl Company {
    /// Whether the account can be used, and why not.
    pub fn state_of(&self, account: &OfficialAccount, now: Timestamp) -> AccountState {
        let facts: Vec<_> = self.facts_of(account, now).collect();
        let mut health = facts.iter().map(|fact| fact.health).fold(Health::Unknown, worse);
        let mut findings: Vec<_> = facts
            .iter()
            .filter(|fact| !fact.reason.is_empty())
            .map(|fact| Finding {
                health: fact.health,
                reason: fact.reason.clone(),
                remedy: fact.remedy.clone(),
            })
            .collect();
        let foreign = self.is_of_another_portfolio(account);
        if foreign {
            health = worse(health, Health::Limited);
            findings.push(Finding {
                health: Health::Limited,
                reason: "it belongs to another portfolio than its primary: clients who hide their phone have another id there".to_owned(),
                remedy: Some("Move the number to the portfolio of the primary.".to_owned()),
            });
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(severity(finding.health)));
        let bad: Vec<_> = facts
            .iter()
            .filter(|fact| !fact.health.takes_new_rooms())
            .collect();
        let only_templates =
            !foreign && !bad.is_empty() && bad.iter().all(|fact| fact.name == FactName::BusinessInitiated);
        AccountState {
            health,
            findings,
            only_templates,
        }
    }

    /// The health of the account alone.
    pub fn health_of(&self, account: &OfficialAccount, now: Timestamp) -> Health {
        self.state_of(account, now).health
    }

    /// Whether WhatsApp has taken the account away: its WhatsApp Business Account is disabled, or the number is banned.
    pub fn is_banned(&self, account: &OfficialAccount, now: Timestamp) -> bool {
        self.facts_of(account, now).any(|fact| {
            fact.health == Health::Blocked
                && (fact.name == FactName::Ban || (fact.name == FactName::Connection && fact.value == BANNED))
        })
    }

    /// The numbers that WhatsApp has taken away and whose rooms can go elsewhere: none while no secondary takes a room.
    pub fn numbers_to_leave(&self, now: Timestamp) -> Vec<OfficialAccountId> {
        let takes_rooms = |account: &&OfficialAccount| {
            self.is_secondary_in_use(account.id) && self.health_of(account, now).takes_new_rooms()
        };
        if !self.accounts.iter().any(|account| takes_rooms(&account)) {
            return Vec::new();
        }
        let banned = self
            .accounts
            .iter()
            .filter(|account| self.is_secondary_in_use(account.id) && self.is_banned(account, now));
        banned.map(|account| account.id).collect()
    }

    /// Whether the number is one of the company's, a secondary of a pool, and not retired.
    pub fn is_secondary_in_use(&self, account: OfficialAccountId) -> bool {
        self.account(account).is_some_and(|account| !account.retired)
            && self.pool_of(account).is_some_and(|pool| pool.primary != account)
    }

    /// Whether clients of the unit can be answered now: the state of the primary that serves it, which is what the
    /// page with a user's QR code shows. `None` when no pool serves the unit.
    pub fn primary_state(
        &self,
        unit: &OrgUnitId,
        now: Timestamp,
    ) -> Option<(&OfficialAccount, AccountState)> {
        let pool = self.pools_for(unit).into_iter().next()?;
        let primary = self.account(pool.primary)?;
        Some((primary, self.state_of(primary, now)))
    }

    /// Why the template for the purpose is not sent from the account as it should be, if so.
    pub fn template_trouble(
        &self,
        account: &OfficialAccount,
        purpose: TemplatePurpose,
        now: Timestamp,
    ) -> Option<TemplateTrouble> {
        let of_template = self.facts_of_template(&account.waba_id, purpose)?;
        let waba = Subject::BusinessAccount(account.waba_id.clone());
        let restriction = self.platform.fact(&waba, FactName::BusinessInitiated);
        of_template
            .chain(restriction)
            .filter(|fact| fact.holds_at(now) && !fact.health.takes_new_rooms())
            .max_by_key(|fact| severity(fact.health))
            .map(|fact| TemplateTrouble {
                reason: fact.reason.clone(),
                unusable: fact.health == Health::Blocked || fact.name == FactName::BusinessInitiated,
            })
    }

    /// What WhatsApp told of the company's template for the purpose in this WhatsApp Business Account; `None` where the
    /// company has no template for it.
    pub fn facts_of_template(
        &self,
        waba: &str,
        purpose: TemplatePurpose,
    ) -> Option<impl Iterator<Item = &PlatformFact>> {
        let template = self.settings.templates.get(&purpose)?;
        Some(self.platform.facts().iter().filter(move |fact| {
            matches!(&fact.about, Subject::Template { waba_id, name, language }
                if waba_id == waba && *name == template.name && same_language(language, &template.language))
        }))
    }

    /// Whether the client gets to the account by a template; else by the hand-off link.
    pub fn invites_by_template(&self, account: &OfficialAccount, now: Timestamp) -> bool {
        let features = &self.settings.features;
        features.invitation == InvitationKind::Template
            && self.settings.templates.contains_key(&TemplatePurpose::Invitation)
            && !(features.link_fallback
                && self
                    .template_trouble(account, TemplatePurpose::Invitation, now)
                    .is_some())
    }

    /// To how many people a day the portfolio of the account may write first; `None` when there is no limit or
    /// none is known.
    pub fn messaging_limit_of(&self, account: &OfficialAccount) -> Option<u32> {
        let mates = self.portfolio_of(account);
        let wabas: BTreeSet<_> = mates
            .iter()
            .filter_map(|id| self.account(*id))
            .map(|mate| mate.waba_id.clone())
            .collect();
        let limits = wabas.into_iter().filter_map(|waba| {
            let fact = self
                .platform
                .fact(&Subject::BusinessAccount(waba), FactName::MessagingLimit)?;
            read_messaging_limit(&fact.value)?
        });
        limits.min()
    }

    /// The accounts that share the messaging limit of this one, itself among them: those of its portfolio, or of
    /// its WhatsApp Business Account while the portfolio is not known.
    pub fn portfolio_of(&self, account: &OfficialAccount) -> Vec<OfficialAccountId> {
        let portfolio = self.portfolio_id(account);
        let shares = |other: &&OfficialAccount| {
            other.waba_id == account.waba_id || (portfolio.is_some() && self.portfolio_id(other) == portfolio)
        };
        self.accounts
            .iter()
            .filter(shares)
            .map(|other| other.id)
            .collect()
    }

    fn portfolio_id(&self, account: &OfficialAccount) -> Option<&str> {
        let waba = Subject::BusinessAccount(account.waba_id.clone());
        let fact = self.platform.fact(&waba, FactName::Portfolio)?;
        Some(fact.value.as_str())
    }

    fn is_of_another_portfolio(&self, account: &OfficialAccount) -> bool {
        let primary = self
            .pool_of(account.id)
            .and_then(|pool| self.account(pool.primary));
        let ids =
            primary.and_then(|primary| Some((self.portfolio_id(primary)?, self.portfolio_id(account)?)));
        ids.is_some_and(|(of_primary, own)| of_primary != own)
    }

    /// What is known of the account itself: of its number, its WhatsApp Business Account and our app.
    fn facts_of(&self, account: &OfficialAccount, now: Timestamp) -> impl Iterator<Item = &PlatformFact> {
        self.platform.facts().iter().filter(move |fact| {
            fact.holds_at(now)
                && match &fact.about {
                    Subject::App => true,
                    Subject::BusinessAccount(waba) => *waba == account.waba_id,
                    Subject::Number(number) => *number == account.phone_number_id,
                    Subject::Template { .. } => false,
                }
        })
    }
}

fn severity(health: Health) -> u8 {
    match health {
        Health::Unknown => 0,
        Health::Healthy => 1,
        Health::Limited => 2,
        Health::Blocked => 3,
    }
}

fn worse(one: Health, other: Health) -> Health {
    if severity(other) > severity(one) {
        other
    } else {
        one
    }
}
