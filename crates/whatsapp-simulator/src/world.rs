//! The state of the simulated world: numbers, people, and the threads between them.

mod message;
mod thread;
mod view;

use std::collections::HashMap;

pub use message::{Action, ActionKind, ChatMessage, Content, MessageState};
pub(crate) use message::{Outgoing, Recipient};
pub(crate) use thread::Thread;
pub use view::{AccountView, ClientView, ScannableView, StateView, ThreadView};

use crate::config::{Account, PhoneClient, Scannable, SimulatorConfig, Template};
use crate::pair_rate::PairRate;

/// Names a thread: the index of a client and of an account, neither of which is ever removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ThreadKey {
    pub(crate) client: usize,
    pub(crate) account: usize,
}

/// A person, and whether their phone has a connection.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) profile: PhoneClient,
    pub(crate) online: bool,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) accounts: Vec<Account>,
    pub(crate) templates: Vec<Template>,
    pub(crate) scannables: Vec<Scannable>,
    pub(crate) people: Vec<Person>,
    people_by_name: HashMap<String, usize>,
    threads: HashMap<ThreadKey, Thread>,
    homes: HashMap<String, ThreadKey>,
    pairs: HashMap<(usize, String), PairRate>,
    thread_capacity: usize,
}

/// The simulator was asked for somebody or something it does not have, or for more than it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulatorError {
    /// No client has this id, phone or BSUID.
    #[error("no client {0:?}")]
    UnknownClient(String),
    /// No account has this number or number id.
    #[error("no account {0:?}")]
    UnknownAccount(String),
    /// The client's phone or BSUID belongs to another client.
    #[error("client {0:?} exists already")]
    ClientExists(String),
    /// A value that cannot be used, and why.
    #[error("{0}")]
    Unusable(String),
    /// Too much is waiting; try again when less is.
    #[error("the simulator holds too much already: {0}")]
    Full(&'static str),
}

impl World {
    /// Bounds of the whole world.
    const MAX_PEOPLE: usize = 100_000;
    const MAX_PAIRS: usize = 200_000;

    pub(crate) fn new(config: &SimulatorConfig) -> Self {
        Self {
            accounts: config.accounts.clone(),
            templates: config.templates.clone(),
            scannables: config.scannables.clone(),
            people: Vec::new(),
            people_by_name: HashMap::new(),
            threads: HashMap::new(),
            homes: HashMap::new(),
            pairs: HashMap::new(),
            thread_capacity: config.thread_capacity.max(1),
        }
    }

    pub(crate) fn add_person(&mut self, mut profile: PhoneClient) -> Result<usize, SimulatorError> {
        if self.people.len() >= Self::MAX_PEOPLE {
            return Err(SimulatorError::Full("clients"));
        }
        profile.phone = match profile.phone.as_deref() {
            None => None,
            Some(phone) => Some(
                phone_digits(phone)
                    .ok_or_else(|| SimulatorError::Unusable(format!("{phone:?} is not a phone number")))?,
            ),
        };
        if profile.bsuid.is_empty() {
            return Err(SimulatorError::Unusable("a client needs a BSUID".to_owned()));
        }
        let names = profile.phone.iter().chain([&profile.bsuid]);
        if let Some(taken) = names.clone().find(|name| self.people_by_name.contains_key(*name)) {
            return Err(SimulatorError::ClientExists(taken.clone()));
        }
        let index = self.people.len();
        for name in names {
            self.people_by_name.insert(name.clone(), index);
        }
        let id = profile.phone.clone().unwrap_or_else(|| profile.bsuid.clone());
        self.people.push(Person {
            id,
            profile,
            online: true,
        });
        Ok(index)
    }

    /// A person by id, phone or BSUID.
    pub(crate) fn person(&self, name: &str) -> Result<usize, SimulatorError> {
        self.people_by_name
            .get(name.strip_prefix('+').unwrap_or(name))
            .copied()
            .ok_or_else(|| SimulatorError::UnknownClient(name.to_owned()))
    }

    /// An account by Graph's id or by phone number, in whatever way that is written.
    pub(crate) fn account(&self, name: &str) -> Result<usize, SimulatorError> {
        let by_id = |account: &Account| account.phone_number_id == name;
        let digits = phone_digits(name);
        let by_number = |account: &Account| digits.is_some() && phone_digits(&account.phone_number) == digits;
        self.accounts
            .iter()
            .position(by_id)
            .or_else(|| self.accounts.iter().position(by_number))
            .ok_or_else(|| SimulatorError::UnknownAccount(name.to_owned()))
    }

    pub(crate) fn key(&self, client: &str, account: &str) -> Result<ThreadKey, SimulatorError> {
        Ok(ThreadKey {
            client: self.person(client)?,
            account: self.account(account)?,
        })
    }

    pub(crate) fn thread(&self, key: ThreadKey) -> Option<&Thread> {
        self.threads.get(&key)
    }

    pub(crate) fn thread_mut(&mut self, key: ThreadKey) -> &mut Thread {
        self.threads.entry(key).or_default()
    }

    /// Adds a message to its thread, unless the thread has one of this id; forgets the oldest when the thread is full.
    pub(crate) fn put(&mut self, key: ThreadKey, message: ChatMessage) {
        let capacity = self.thread_capacity;
        let id = message.id.clone();
        let forgotten = self.thread_mut(key).put(message, capacity);
        for id in forgotten {
            self.homes.remove(&id);
        }
        self.homes.insert(id, key);
    }

    /// The thread of the account that holds the message.
    pub(crate) fn home(&self, account: usize, message_id: &str) -> Option<ThreadKey> {
        self.homes
            .get(message_id)
            .copied()
            .filter(|key| key.account == account)
    }

    /// Takes one message out of the pair's rate; `false` when the limit is hit.
    pub(crate) fn take_pair_rate(&mut self, account: usize, recipient: &str, now_ms: u64) -> bool {
        if self.pairs.len() >= Self::MAX_PAIRS {
            // Forgetting is in the sender's favour, and far beyond what one run reaches.
            self.pairs.clear();
        }
        self.pairs
            .entry((account, recipient.to_owned()))
            .or_insert_with(|| PairRate::new(now_ms))
            .take(now_ms)
    }

    /// The template that an account can see under this name and language.
    pub(crate) fn template(&self, account: usize, name: &str, language: &str) -> Option<&Template> {
        let waba_id = &self.accounts[account].waba_id;
        let same_language = |own: &str| own.replace('-', "_") == language.replace('-', "_");
        self.templates.iter().find(|template| {
            template.name == name
                && same_language(&template.language)
                && template.waba_id.as_ref().is_none_or(|owner| owner == waba_id)
        })
    }
}

/// The digits of a phone number, however it is written; `None` if it holds anything that no number holds.
pub(crate) fn phone_digits(number: &str) -> Option<String> {
    let number = number.trim();
    let number = number.strip_prefix('+').unwrap_or(number);
    let separator = |sign: char| matches!(sign, ' ' | '-' | '(' | ')' | '.' | '\u{a0}');
    let digits: String = number.chars().filter(|sign| !separator(*sign)).collect();
    let plausible = (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plausible.then_some(digits)
}
