//! Ids as SQLite keeps them: the 16 bytes of a UUID.

use std::fmt;

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::Binary,
    sqlite::Sqlite,
};
use onboarding_core::{
    ActId, ChatRoomId, ClientIdentityId, ClientProfileId, DeliveryId, DisputeId, IdentityEventId, ImportId,
    InboxId, LeaseToken, NoticeId, OfficialAccountId, OnboardingId, OutboxId, ProspectId, UserId,
    access::ApiTokenId,
};
use uuid::Uuid;

/// A UUID in a BLOB column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
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

impl ToSql<Binary, Sqlite> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(&self.0.as_bytes()[..]);
        Ok(IsNull::No)
    }
}

impl FromSql<Binary, Sqlite> for Key {
    fn from_sql(value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
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
