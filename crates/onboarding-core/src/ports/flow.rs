//! The questions of the flow.

use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::{
    AccountUsage, AliasKind, ChatRoom, ClientFacts, ClientIdentityId, ClientProfile, Company, CompanyId,
    ExtensionKey, OfficialAccountId, Timestamp, User, UserId, WaitingProspect,
};

/// Finds companies and the accounts that belong to them.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait CompanyDirectory: Send + Sync {
    /// The company with its settings, org units, accounts and pools at its latest revision. `Arc`, because
    /// adapters keep it between changes.
    async fn company(&self, id: &CompanyId) -> Result<Option<Arc<Company>>, StoreError>;

    /// Every company of this installation, in order of their ids.
    async fn company_ids(&self) -> Result<Vec<CompanyId>, StoreError>;
}

/// What is remembered of a client.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ClientIdentification: Send + Sync {
    /// The identities that `keys` lead to, in the order of the keys, with what the limits need: automatic replies
    /// queued since `replies_since`, and wrong extensions since `guesses_since` (the latest 1,000 of each identity at
    /// the most; see [`crate::Outcome::is_wrong_extension`]), both over all of them.
    ///
    /// An identity that went up in another is never found: its keys lead to the other, and its wrong extensions count for
    /// the other.
    async fn identify(
        &self,
        company: &CompanyId,
        keys: &[(AliasKind, String)],
        replies_since: Timestamp,
        guesses_since: Timestamp,
    ) -> Result<ClientFacts, StoreError>;
}

/// Step 2: who has an extension.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ExtensionLookup: Send + Sync {
    /// The users of the company, active or not, who have one of `keys`. At most one user a key.
    async fn users_with(&self, company: &CompanyId, keys: &[ExtensionKey]) -> Result<Vec<User>, StoreError>;
}

/// Step 3: which rooms there are.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ChatRoomCheck: Send + Sync {
    /// The live room of this user and this client; there is one at the most (INV-1).
    async fn live_room(
        &self,
        company: &CompanyId,
        user: UserId,
        identity: ClientIdentityId,
    ) -> Result<Option<ChatRoom>, StoreError>;

    /// The live room of this client on this account; there is one at the most (INV-2).
    async fn live_room_on(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Result<Option<ChatRoom>, StoreError>;

    /// When the client last wrote to the account, by WhatsApp's clock: the start of the 24-hour window.
    async fn client_last_wrote_at(
        &self,
        company: &CompanyId,
        account: OfficialAccountId,
        identity: ClientIdentityId,
    ) -> Result<Option<Timestamp>, StoreError>;
}

/// Step 4: which profiles there are.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ClientProfileSelection: Send + Sync {
    /// Every profile of the company with this client's identity or with a phone of the same match key,
    /// visible to anybody or not. `identity` is `None` for a new client.
    async fn profiles_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        phone_match_key: Option<String>,
    ) -> Result<Vec<ClientProfile>, StoreError>;

    /// The prospects by which this client waits, the longest waiting first.
    async fn waiting_prospects(
        &self,
        company: &CompanyId,
        identity: ClientIdentityId,
    ) -> Result<Vec<WaitingProspect>, StoreError>;
}

/// Step 5: how the secondaries are used. Which one to take is [`crate::allocate`]'s to say.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait SecondaryNumberAllocation: Send + Sync {
    /// The usage of each account, and on each the rooms that this client ever had there. `identity` is `None`
    /// for a new client.
    async fn usage_of(
        &self,
        company: &CompanyId,
        identity: Option<ClientIdentityId>,
        accounts: &[OfficialAccountId],
    ) -> Result<Vec<AccountUsage>, StoreError>;
}
