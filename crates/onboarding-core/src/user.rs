//! Users: the employees whom clients reach.

use crate::{Extension, ExternalCompanyId, OrgUnitId, UserId, named::named_enum};

named_enum! {
    /// What a user may do.
    Role {
        /// Talks with clients.
        User = "user",
        /// Configures the company.
        Admin = "admin",
        /// Reads the record.
        Auditor = "auditor",
    }
}

/// An employee who talks with clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Stable name within the company.
    pub username: String,
    /// As clients read it.
    pub name: String,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// Their position, as clients may read it.
    pub title: Option<String>,
    /// Where they stand in the company's tree.
    pub org_unit: OrgUnitId,
    /// By which clients ask for them; at most one, unique in the company.
    pub extension: Option<Extension>,
    /// The external companies whose profiles they see.
    pub external_companies: Vec<ExternalCompanyId>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Inactive users are found by nobody.
    pub active: bool,
}
