//! The world as the control API and the phone page see it.

use serde::Serialize;

use super::message::ChatMessage;
use super::{ThreadKey, World, phone_digits};

/// Everything, without the messages.
#[derive(Debug, Clone, Serialize)]
pub struct StateView {
    /// The simulator's time, in milliseconds since 1970.
    pub now_ms: u64,
    /// All clients with their threads.
    pub clients: Vec<ClientView>,
    /// All business numbers.
    pub accounts: Vec<AccountView>,
    /// The codes to scan.
    pub scannables: Vec<ScannableView>,
}

/// A client.
#[derive(Debug, Clone, Serialize)]
pub struct ClientView {
    /// The phone's digits, or the BSUID if there is no phone.
    pub id: String,
    /// The profile name.
    pub name: String,
    /// The number in E.164, unless hidden.
    pub phone: Option<String>,
    /// The business-scoped user id.
    pub bsuid: String,
    /// The username.
    pub username: Option<String>,
    /// Whether the phone has a connection.
    pub online: bool,
    /// Unread messages in all threads.
    pub unread: usize,
    /// Threads that have a message, the liveliest first.
    pub threads: Vec<ThreadView>,
}

/// A thread.
#[derive(Debug, Clone, Serialize)]
pub struct ThreadView {
    /// The business number's digits.
    pub account: String,
    /// Unread messages.
    pub unread: usize,
    /// When the 24-hour window closes; `None` while it is closed.
    pub window_until_ms: Option<u64>,
    /// The newest message.
    pub last: ChatMessage,
}

/// A business number.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// Graph's id of the number.
    pub phone_number_id: String,
    /// The number in E.164.
    pub phone_number: String,
    /// Its digits, which name the chat.
    pub digits: String,
    /// The name that clients see.
    pub verified_name: String,
    /// Whether "New chat" offers it.
    pub advertised: bool,
}

/// A code to scan.
#[derive(Debug, Clone, Serialize)]
pub struct ScannableView {
    /// Its place in the list, from 0; the picture is at `scannables/{index}.svg`.
    pub index: usize,
    /// Whose it is.
    pub title: String,
    /// A second line.
    pub subtitle: String,
    /// What it says.
    pub link: String,
}

impl World {
    pub(crate) fn state(&self, now_ms: u64) -> StateView {
        StateView {
            now_ms,
            clients: (0..self.people.len())
                .map(|index| self.client_view(index, now_ms))
                .collect(),
            accounts: (0..self.accounts.len())
                .map(|index| self.account_view(index))
                .collect(),
            scannables: self
                .scannables
                .iter()
                .enumerate()
                .map(|(index, scannable)| ScannableView {
                    index,
                    title: scannable.title.clone(),
                    subtitle: scannable.subtitle.clone(),
                    link: scannable.link.clone(),
                })
                .collect(),
        }
    }

    pub(crate) fn client_view(&self, client: usize, now_ms: u64) -> ClientView {
        let person = &self.people[client];
        let mut threads: Vec<_> = (0..self.accounts.len())
            .filter_map(|account| {
                let thread = self.thread(ThreadKey { client, account })?;
                Some(ThreadView {
                    account: self.account_digits(account),
                    unread: thread.unread,
                    window_until_ms: thread.window_until_ms(now_ms),
                    last: thread.visible().next_back()?.clone(),
                })
            })
            .collect();
        threads.sort_by_key(|thread| std::cmp::Reverse(thread.last.at_ms));
        ClientView {
            id: person.id.clone(),
            name: person.profile.name.clone(),
            phone: person.profile.phone.as_ref().map(|digits| format!("+{digits}")),
            bsuid: person.profile.bsuid.clone(),
            username: person.profile.username.clone(),
            online: person.online,
            unread: threads.iter().map(|thread| thread.unread).sum(),
            threads,
        }
    }

    fn account_view(&self, index: usize) -> AccountView {
        let account = &self.accounts[index];
        AccountView {
            phone_number_id: account.phone_number_id.clone(),
            phone_number: account.phone_number.clone(),
            digits: self.account_digits(index),
            verified_name: account.verified_name.clone(),
            advertised: account.advertised,
        }
    }

    pub(crate) fn account_digits(&self, index: usize) -> String {
        let number = &self.accounts[index].phone_number;
        phone_digits(number).unwrap_or_else(|| number.clone())
    }
}
