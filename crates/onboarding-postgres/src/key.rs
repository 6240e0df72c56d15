//! Ids as PostgreSQL keeps them.

use std::fmt;

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use onboarding_core::{
    ActId, ChatRoomId, ClientIdentityId, ClientProfileId, DeliveryId, DisputeId, IdentityEventId, ImportId,
    InboxId, LeaseToken, NoticeId, OfficialAccountId, OnboardingId, OutboxId, ProspectId, UserId,
    access::ApiTokenId,
};
use uuid::Uuid;

/// A UUID in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Uuid)]
pub(crate) struct Key(Uuid);

impl Key {
    /// Stands where there is no account, because NULLs would all be different in a unique index.
    pub(crate) const NONE: Self = Self(Uuid::nil());
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ToSql<sql_types::Uuid, Pg> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Uuid, Pg> for Key {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Uuid, Pg>::from_sql(value).map(Self)
    }
}

impl From<Uuid> for Key {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<Key> for Uuid {
    fn from(key: Key) -> Self {
        key.0
    }
}

macro_rules! keys {
    ($($id:ty),+ $(,)?) => {$(
        impl From<$id> for Key {
            fn from(id: $id) -> Self {
                Self(id.as_uuid())
            }
        }

        impl From<Key> for $id {
            fn from(key: Key) -> Self {
                Self::from_uuid(key.0)
            }
        }
    )+};
}

keys!(
    ActId,
    ApiTokenId,
    ChatRoomId,
    ClientIdentityId,
    ClientProfileId,
    DeliveryId,
    DisputeId,
    IdentityEventId,
    ImportId,
    InboxId,
    LeaseToken,
    NoticeId,
    OfficialAccountId,
    OnboardingId,
    OutboxId,
    ProspectId,
    UserId,
);
