//! Who can still administer.

use super::CompanyConfig;
use crate::Role;

/// Whether a change would leave a company that has an admin without one: nobody could take it back. A company that
/// never had one is changed by manifest.
pub fn loses_last_admin(before: &CompanyConfig, after: &CompanyConfig) -> bool {
    let has_admin =
        |config: &CompanyConfig| config.users.iter().any(|user| user.roles.contains(&Role::Admin));
    has_admin(before) && !has_admin(after)
}
