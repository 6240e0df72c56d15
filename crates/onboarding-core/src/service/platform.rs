//! Watches the accounts: asks WhatsApp about them and keeps what is news.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{
    Company, CompanyId, FactName, Health, OfficialAccount, OurSide, PlatformFact, Subject, Timestamp,
    TokenReport, facts_of_account, facts_of_number, facts_of_template, facts_of_token,
    ports::{
        Clock, CompanyDirectory, InspectError, Observation, ObserveOutcome, OnboardingStore,
        PlatformInspector, PlatformRecord, StoreError,
    },
};

/// WhatsApp's code for a token that is no longer valid.
const DEAD_TOKEN: i64 = 190;

/// A status follows a message within seconds. After this long without any, none comes.
const STATUSES_WITHIN: Duration = Duration::from_mins(10);

/// How far back messages without a status are looked for.
const LOOK_BACK: Duration = Duration::from_hours(2);

/// How often an observation is looked at again because the company changed meanwhile.
const MAX_LOOKS: u32 = 5;

/// What the platform service needs.
#[derive(Clone)]
pub struct PlatformPorts {
    /// Companies.
    pub companies: Arc<dyn CompanyDirectory>,
    /// What WhatsApp told.
    pub record: Arc<dyn PlatformRecord>,
    /// Asks it.
    pub inspector: Arc<dyn PlatformInspector>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl PlatformPorts {
    /// All ports of one store.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        inspector: Arc<dyn PlatformInspector>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            companies: store.clone(),
            record: store.clone(),
            inspector,
            clock,
        }
    }
}

/// What a look at a company's side of WhatsApp found.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Everything that is known now, news or not.
    pub facts: Vec<PlatformFact>,
    /// What WhatsApp did not tell: of what, and why.
    pub unanswered: Vec<(Subject, InspectError)>,
}

/// Asks WhatsApp and keeps the answers.
pub struct PlatformService {
    ports: PlatformPorts,
}

impl PlatformService {
    /// On these ports.
    pub fn new(ports: PlatformPorts) -> Self {
        Self { ports }
    }

    /// Asks about everything of the company; keeps nothing. `callback` is where webhooks must come.
    pub async fn inspect(&self, company: &Company, callback: Option<&str>) -> Inspection {
        let now = self.ports.clock.now();
        let mut found = Inspection::default();
        let ours = OurSide {
            callback: callback.map(str::to_owned),
            app: self.inspect_token(company, now, &mut found).await,
        };
        for account in &company.accounts {
            self.inspect_number(company, account, &ours, now, &mut found)
                .await;
        }
        let wabas: BTreeSet<_> = company
            .accounts
            .iter()
            .map(|account| account.waba_id.as_str())
            .collect();
        for waba in wabas {
            self.inspect_account(company, waba, &ours, now, &mut found).await;
        }
        found
    }

    /// Asks about everything of the company, keeps what is news, and gives it. A company that is gone has none.
    pub async fn poll(
        &self,
        id: &CompanyId,
        callback: Option<&str>,
    ) -> Result<Vec<PlatformFact>, StoreError> {
        let Some(company) = self.ports.companies.company(id).await? else {
            return Ok(Vec::new());
        };
        let mut facts = self.inspect(&company, callback).await.facts;
        facts.extend(lifted(&company, &facts));
        facts.extend(self.statuses(&company).await?);
        keep(&self.ports, id, facts).await
    }

    /// Of each WhatsApp Business Account whose messaging limit is known: the limit, and to how many more people its
    /// portfolio may write first now.
    pub async fn messaging_left(&self, company: &Company) -> Result<Vec<(String, u32, u32)>, StoreError> {
        super::messaging_left(self.ports.record.as_ref(), company, self.ports.clock.now()).await
    }

    async fn inspect_token(
        &self,
        company: &Company,
        now: Timestamp,
        found: &mut Inspection,
    ) -> Option<String> {
        match self.ports.inspector.token(&company.id).await {
            Ok(report) => {
                found.facts.extend(facts_of_token(&report, now));
                report.app
            }
            Err(error) => {
                found.refused(Subject::App, error, now);
                None
            }
        }
    }

    async fn inspect_number(
        &self,
        company: &Company,
        account: &OfficialAccount,
        ours: &OurSide,
        now: Timestamp,
        found: &mut Inspection,
    ) {
        match self
            .ports
            .inspector
            .number(&company.id, &account.phone_number_id)
            .await
        {
            Ok(report) => found.facts.extend(facts_of_number(account, &report, ours, now)),
            Err(error) => found.refused(Subject::Number(account.phone_number_id.clone()), error, now),
        }
    }

    async fn inspect_account(
        &self,
        company: &Company,
        waba: &str,
        ours: &OurSide,
        now: Timestamp,
        found: &mut Inspection,
    ) {
        match self.ports.inspector.account(&company.id, waba).await {
            Ok(report) => found.facts.extend(facts_of_account(waba, &report, ours, now)),
            Err(error) => found.refused(Subject::BusinessAccount(waba.to_owned()), error, now),
        }
        for template in company.settings.templates.values() {
            let about = Subject::Template {
                waba_id: waba.to_owned(),
                name: template.name.clone(),
                language: template.language.replace('-', "_"),
            };
            match self
                .ports
                .inspector
                .template(&company.id, waba, &template.name)
                .await
            {
                Ok(reports) => {
                    let known = company.platform.fact(&about, FactName::Category);
                    found
                        .facts
                        .extend(facts_of_template(waba, template, &reports, known, now));
                }
                Err(error) => found.unanswered.push((about, error)),
            }
        }
    }

    /// No status after an accepted message: webhooks do not reach us, whatever WhatsApp says of the subscription.
    async fn statuses(&self, company: &Company) -> Result<Vec<PlatformFact>, StoreError> {
        let now = self.ports.clock.now();
        let (since, until) = (now - LOOK_BACK, now - STATUSES_WITHIN);
        let silent = self
            .ports
            .record
            .accounts_without_statuses(&company.id, since, until)
            .await?;
        let fact = |account: &OfficialAccount| {
            let about = Subject::Number(account.phone_number_id.clone());
            if silent.contains(&account.id) {
                PlatformFact::good(about, FactName::Statuses, "MISSING", now)
                    .but(Health::Limited, "no status came for the messages that WhatsApp accepted from it")
                    .mended_by("See whether webhooks reach the service: the address, the certificate, the subscription.")
            } else {
                PlatformFact::good(about, FactName::Statuses, "COMING", now)
            }
        };
        Ok(company.accounts.iter().map(fact).collect())
    }
}

impl Inspection {
    /// WhatsApp refuses what we must be able to read: the subject does not work for us.
    fn refused(&mut self, about: Subject, error: InspectError, now: Timestamp) {
        if let InspectError::Refused(refusal) = &error {
            if refusal.code == DEAD_TOKEN {
                self.facts.extend(facts_of_token(&TokenReport::default(), now));
            } else if about != Subject::App {
                let name = match about {
                    Subject::Number(_) => FactName::Connection,
                    _ => FactName::Access,
                };
                let fact = PlatformFact::good(about.clone(), name, refusal.code.to_string(), now);
                self.facts.push(fact.but(Health::Blocked, error.to_string()));
            }
        }
        self.unanswered.push((about, error));
    }
}

/// A ban that WhatsApp lifted without our hearing of it: the account sends again.
fn lifted(company: &Company, facts: &[PlatformFact]) -> Vec<PlatformFact> {
    let sends = |fact: &&PlatformFact| fact.name == FactName::Sending && fact.health == Health::Healthy;
    let numbers: Vec<_> = facts.iter().filter(sends).collect();
    let accounts = company.accounts.iter().filter_map(|account| {
        let number = Subject::Number(account.phone_number_id.clone());
        let told = numbers.iter().find(|fact| fact.about == number)?;
        let waba = Subject::BusinessAccount(account.waba_id.clone());
        let ban = company.platform.fact(&waba, FactName::Ban)?;
        (ban.health == Health::Blocked)
            .then(|| PlatformFact::good(waba, FactName::Ban, "NONE", told.observed_at))
    });
    accounts.collect()
}

async fn keep(
    ports: &PlatformPorts,
    id: &CompanyId,
    facts: Vec<PlatformFact>,
) -> Result<Vec<PlatformFact>, StoreError> {
    for _ in 0..MAX_LOOKS {
        let Some(company) = ports.companies.company(id).await? else {
            return Ok(Vec::new());
        };
        let news = company.platform.news(facts.clone());
        if news.is_empty() {
            return Ok(news);
        }
        let observation = Observation {
            company: id.clone(),
            expected_revision: company.revision,
            cause: None,
            facts: news.clone(),
            now: ports.clock.now(),
        };
        if ports.record.observe(observation).await? == ObserveOutcome::Kept {
            return Ok(news);
        }
    }
    // The next poll finds the same.
    Ok(Vec::new())
}
