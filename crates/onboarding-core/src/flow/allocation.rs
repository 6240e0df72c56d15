//! Step 5: which secondary number. The ladder of domain.md, "Secondary-number allocation".

use std::time::Duration;

use crate::{
    AccountUsage, Candidate, ClientAliases, Company, CountryCode, OfficialAccount, OfficialAccountId, Pool,
    PoolId, RoomState, Stage, TemplatePurpose, Timestamp, Trace, User, Verdict, named::named_enum,
};

named_enum! {
    /// The rung of the ladder that yielded the number.
    Rung {
        /// The number that this user and client used before.
        Sticky = "sticky",
        /// A number with the client's calling code.
        Country = "country",
        /// A number of the country to which the pool maps the client's.
        GeographyMapping = "geography_mapping",
        /// A number of the pool's default region; of the whole pool where it names none.
        DefaultRegion = "default_region",
    }
}

impl Rung {
    fn reason(self) -> &'static str {
        match self {
            Self::Sticky => "the one that this user and client used before",
            Self::Country => "one with the client's calling code",
            Self::GeographyMapping => "one of the country to which the pool maps the client's",
            Self::DefaultRegion => "one of the pool's default region",
        }
    }
}

/// A number that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// The number.
    pub account: OfficialAccountId,
    /// Its pool; a pool further up when the nearer ones had none.
    pub pool: PoolId,
    /// Which rung yielded it.
    pub rung: Rung,
}

named_enum! {
    /// Why there is none.
    Exhaustion {
        /// Every number is taken for this client.
        NoNumberFree = "no_number_free",
        /// Numbers are free, but the portfolio may not write to more new clients.
        MessagingLimitReached = "messaging_limit_reached",
        /// Numbers would be free, were their accounts healthy.
        AccountsUnhealthy = "accounts_unhealthy",
    }
}

impl Exhaustion {
    /// For people, as a part of a sentence.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::NoNumberFree => "no number is free for this client",
            Self::MessagingLimitReached => "the messaging limit is reached",
            Self::AccountsUnhealthy => "the accounts that would be free are not healthy",
        }
    }
}

/// Why a number cannot be given to this user and client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    HoldsLiveRoom,
    ServedAnotherUser,
    Retired,
    Draining,
    Unhealthy,
    TemplateUnusable,
    LimitReached,
}

impl Refusal {
    fn reason(self) -> &'static str {
        match self {
            Self::HoldsLiveRoom => "carries a live room of this client",
            Self::ServedAnotherUser => "served another user for this client before",
            Self::Retired => "is retired",
            Self::Draining => "takes no new room",
            Self::Unhealthy => "its account is not healthy",
            Self::TemplateUnusable => "its invitation template cannot be sent",
            Self::LimitReached => "the messaging limit of its portfolio is reached",
        }
    }
}

/// Walks the ladder through the pools that serve the user and writes down every candidate.
///
/// `usage` of accounts that are missing counts as unused. The result does not depend on the order of
/// `usage`, `accounts` or `secondaries`: ties go to the fewest live rooms, then the least recently
/// allocated, then the lowest id.
pub fn allocate(
    company: &Company,
    user: &User,
    client: &ClientAliases,
    usage: &[AccountUsage],
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Allocation, Exhaustion> {
    let ladder = Ladder {
        company,
        user,
        client,
        usage,
        now,
    };
    let mut candidates = Vec::new();
    let mut refusals = Vec::new();
    for pool in company.pools_for(&user.org_unit) {
        let found = ladder.climb(pool);
        for account in ladder.secondaries(pool) {
            let refusal = ladder.refusal(pool, account);
            refusals.extend(refusal);
            candidates.push(ladder.weigh(account, refusal, found.as_ref()));
        }
        if let Some(allocation) = found {
            let finding = format!(
                "Pool {} has a free number, {}.",
                pool.id,
                allocation.rung.reason()
            );
            trace.weigh(Stage::SecondaryNumberAllocation, finding, candidates);
            return Ok(allocation);
        }
    }
    let exhaustion = if refusals.contains(&Refusal::LimitReached) {
        Exhaustion::MessagingLimitReached
    } else if refusals.contains(&Refusal::Unhealthy) || refusals.contains(&Refusal::TemplateUnusable) {
        Exhaustion::AccountsUnhealthy
    } else {
        Exhaustion::NoNumberFree
    };
    let finding = match exhaustion {
        Exhaustion::NoNumberFree => "No number of the pools that serve the user is free for this client.",
        Exhaustion::MessagingLimitReached => "Numbers are free, but the messaging limit is reached.",
        Exhaustion::AccountsUnhealthy => "The numbers that would be free are not healthy.",
    };
    trace.weigh(Stage::SecondaryNumberAllocation, finding, candidates);
    Err(exhaustion)
}

/// Whether the portfolio of the account may write first to nobody else today.
pub(crate) fn limit_is_spent(usage: &[AccountUsage], account: OfficialAccountId) -> bool {
    usage
        .iter()
        .any(|one| one.account == account && one.limit_left == Some(0))
}

struct Ladder<'a> {
    company: &'a Company,
    user: &'a User,
    client: &'a ClientAliases,
    usage: &'a [AccountUsage],
    now: Timestamp,
}

impl<'a> Ladder<'a> {
    fn secondaries(&self, pool: &Pool) -> Vec<&'a OfficialAccount> {
        let mut accounts: Vec<_> = pool
            .secondaries
            .iter()
            .filter_map(|id| self.company.account(*id))
            .collect();
        accounts.sort_unstable_by_key(|account| account.id);
        accounts
    }

    fn climb(&self, pool: &Pool) -> Option<Allocation> {
        let free: Vec<_> = self
            .secondaries(pool)
            .into_iter()
            .filter(|account| self.refusal(pool, account).is_none())
            .collect();
        let rungs = [
            Rung::Sticky,
            Rung::Country,
            Rung::GeographyMapping,
            Rung::DefaultRegion,
        ];
        rungs.into_iter().find_map(|rung| {
            let on_rung = free.iter().filter(|account| self.stands_on(pool, account, rung));
            let best = on_rung.min_by_key(|account| self.preference(account.id))?;
            Some(Allocation {
                account: best.id,
                pool: pool.id.clone(),
                rung,
            })
        })
    }

    fn stands_on(&self, pool: &Pool, account: &OfficialAccount, rung: Rung) -> bool {
        let code = account.phone_number.calling_code();
        match rung {
            Rung::Sticky => self
                .rooms_of_client(account.id)
                .any(|room| room.user == self.user.id),
            Rung::Country => code.is_some() && code == self.client_code(),
            Rung::GeographyMapping => {
                let mapped = pool.geography_mapping.get(&self.client_country());
                mapped.is_some_and(|country| code.is_some() && code == country.calling_code())
            }
            Rung::DefaultRegion => pool
                .default_country
                .is_none_or(|country| code == country.calling_code()),
        }
    }

    /// Where neither a phone nor an id tells, the client is taken for one of the company's country.
    fn client_country(&self) -> CountryCode {
        self.client.country().unwrap_or(self.company.settings.country)
    }

    fn client_code(&self) -> Option<u16> {
        let of_client = self.client.calling_code();
        of_client.or_else(|| self.client_country().calling_code())
    }

    fn refusal(&self, pool: &Pool, account: &OfficialAccount) -> Option<Refusal> {
        let by_template = self.company.invites_by_template(account, self.now);
        let state = self.company.state_of(account, self.now);
        let usable = state.health.takes_new_rooms() || (!by_template && state.only_templates);
        if self.rooms_of_client(account.id).any(|room| room.state.is_live()) {
            Some(Refusal::HoldsLiveRoom)
        } else if self.rooms_of_client(account.id).any(|room| self.reserves(room)) {
            Some(Refusal::ServedAnotherUser)
        } else if account.retired {
            Some(Refusal::Retired)
        } else if pool.draining.contains(&account.id) {
            Some(Refusal::Draining)
        } else if !usable {
            Some(Refusal::Unhealthy)
        } else if by_template && self.template_is_unusable(account) {
            Some(Refusal::TemplateUnusable)
        } else if by_template
            && !self.company.settings.features.link_fallback
            && limit_is_spent(self.usage, account.id)
        {
            Some(Refusal::LimitReached)
        } else {
            None
        }
    }

    fn template_is_unusable(&self, account: &OfficialAccount) -> bool {
        let trouble = self
            .company
            .template_trouble(account, TemplatePurpose::Invitation, self.now);
        trouble.is_some_and(|trouble| trouble.unusable)
    }

    /// Whether a former room keeps the number from any other user (INV-31): its thread stays on the
    /// client's phone. A room that failed left no thread there.
    fn reserves(&self, room: &super::ClientRoom) -> bool {
        if room.user == self.user.id || room.state != RoomState::Closed {
            return false;
        }
        let cool_down = self.company.settings.features.pair_reuse_after_days;
        match (cool_down, room.closed_at) {
            (Some(days), Some(closed_at)) => {
                self.now.since(closed_at) < Duration::from_secs(u64::from(days) * 24 * 3600)
            }
            _ => true,
        }
    }

    fn rooms_of_client(&self, account: OfficialAccountId) -> impl Iterator<Item = &'a super::ClientRoom> {
        self.usage_of(account)
            .into_iter()
            .flat_map(|usage| &usage.rooms_of_client)
    }

    fn usage_of(&self, account: OfficialAccountId) -> Option<&'a AccountUsage> {
        self.usage.iter().find(|usage| usage.account == account)
    }

    fn preference(&self, account: OfficialAccountId) -> (u32, Option<Timestamp>, OfficialAccountId) {
        let usage = self.usage_of(account);
        (
            usage.map_or(0, |u| u.live_rooms),
            usage.and_then(|u| u.last_allocated_at),
            account,
        )
    }

    fn weigh(
        &self,
        account: &OfficialAccount,
        refusal: Option<Refusal>,
        found: Option<&Allocation>,
    ) -> Candidate {
        let subject = account.phone_number.to_string();
        let free = match self.usage_of(account.id).map_or(0, |usage| usage.live_rooms) {
            0 => "free for this client, no live room".to_owned(),
            1 => "free for this client, 1 live room".to_owned(),
            rooms => format!("free for this client, {rooms} live rooms"),
        };
        match refusal {
            Some(refusal) => Candidate::new(subject, Verdict::Refused, refusal.reason()),
            None if found.is_some_and(|found| found.account == account.id) => {
                Candidate::new(subject, Verdict::Chosen, free)
            }
            None => Candidate::new(subject, Verdict::Eligible, free),
        }
    }
}
