//! What people look at page by page.

use async_trait::async_trait;
use uuid::Uuid;

use super::{DeadLetter, OnboardingRecord, RoomView, StoreError};
use crate::{ChatRoomId, CompanyId, OnboardingId, Timestamp, UserId};

/// Which rooms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomFilter {
    /// Only those of this user.
    pub user: Option<UserId>,
    /// Only those that live.
    pub live: bool,
    /// Only those that stand behind this one: the beginning and the id of a room.
    pub after: Option<(Timestamp, ChatRoomId)>,
}

/// Which decisions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OnboardingFilter {
    /// Only those that concern this user.
    pub user: Option<UserId>,
    /// Only those that stand behind this one; nothing stands behind one that is not there.
    pub after: Option<OnboardingId>,
}

/// Pages of the record. Each is in an order that what is added does not change, so that a page begins where the one
/// before ended.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Listings: Send + Sync {
    /// The rooms, newest first, of one moment the greater id first; at most `limit`.
    async fn list_rooms(
        &self,
        company: &CompanyId,
        filter: RoomFilter,
        limit: u32,
    ) -> Result<Vec<RoomView>, StoreError>;

    /// The decisions, latest first; at most `limit`.
    async fn list_onboardings(
        &self,
        company: &CompanyId,
        filter: OnboardingFilter,
        limit: u32,
    ) -> Result<Vec<OnboardingRecord>, StoreError>;

    /// One decision.
    async fn onboarding(
        &self,
        company: &CompanyId,
        id: OnboardingId,
    ) -> Result<Option<OnboardingRecord>, StoreError>;

    /// The dead letters of the company, newest first by `since`, of one moment the greater id first, behind `after`;
    /// at most `limit`.
    async fn list_dead_letters(
        &self,
        company: &CompanyId,
        after: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Result<Vec<DeadLetter>, StoreError>;

    /// One dead letter of the company.
    async fn dead_letter(&self, company: &CompanyId, id: Uuid) -> Result<Option<DeadLetter>, StoreError>;
}
