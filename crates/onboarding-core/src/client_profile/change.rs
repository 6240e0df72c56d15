//! What people change in a profile that the flow uses: two are joined, taken apart again, or one is completed.

use super::ClientProfile;
use crate::{
    ClientProfileId, ExternalCompanyId, PhoneNumber, Timestamp,
    audit::{AuditAction, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind},
};

/// What the company tells of a client whose profile the flow made. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileCompletion {
    /// The client's name as the company knows it.
    pub name: Option<String>,
    /// The client's phone.
    pub phone_number: Option<PhoneNumber>,
    /// The outside firm.
    pub external_company: Option<ExternalCompanyId>,
    /// Whether the company wants one profile a phone.
    pub one_profile_a_phone: bool,
}

/// A change of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileChange {
    /// It goes up in another: from now on the client is found with that one. Its rooms, assignments and data stay its own
    /// (INV-32), so that [`ProfileChange::Separate`] undoes it without a trace.
    Merge {
        /// The one to keep.
        into: ClientProfileId,
    },
    /// It stands for itself again. Rooms that were opened meanwhile stay with the profile that they were opened for.
    Separate,
    /// What was missing is filled in.
    Complete(ProfileCompletion),
}

/// The facts that [`check_profile_change`] asks for.
#[derive(Debug, Clone, Copy)]
pub struct ProfileStanding<'a> {
    /// The profile.
    pub profile: &'a ClientProfile,
    /// The one that it is to go up in.
    pub into: Option<&'a ClientProfile>,
    /// Whether others went up in the profile.
    pub holds_others: bool,
    /// Whether another profile, of those that stand for themselves, has the phone that is to be filled in.
    pub phone_is_anothers: bool,
}

/// Why a profile stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileObstacle {
    /// There is no such profile.
    #[error("there is no profile with this id in the company")]
    Unknown,
    /// There is no profile to merge into.
    #[error("there is no profile with the id to merge into")]
    UnknownTarget,
    /// It is to go up in itself.
    #[error("a profile cannot be merged into itself")]
    Same,
    /// One of the two went up in another.
    #[error("one of the two was merged into another profile; separate it first, or merge into that one")]
    MergedAlready,
    /// Others went up in it.
    #[error("other profiles were merged into it; separate them first, or merge the other way round")]
    HoldsOthers,
    /// They are two clients'.
    #[error(
        "clients were onboarded with both, and WhatsApp shows them as two people; if they are one, join the clients first"
    )]
    TwoClients,
    /// It was not merged.
    #[error("it was not merged into another profile")]
    NotMerged,
    /// The manifest tells what is in it.
    #[error("the manifest keeps this profile; change it there and run `apply`")]
    KeptByManifest,
    /// Nothing is told.
    #[error("nothing to fill in was given")]
    Nothing,
    /// The external company does not exist.
    #[error("the company has no such external company")]
    UnknownExternalCompany,
    /// The company wants one profile a phone.
    #[error(
        "another profile has this phone, and the company wants one profile a phone; merge the two instead"
    )]
    PhoneTaken,
}

/// Whether a profile may be changed so.
///
/// Two are joined only while nothing says that they are two clients': then no room would be for another client's profile
/// (INV-38). What a manifest keeps is completed there, or the next `apply` would undo it.
pub fn check_profile_change(
    standing: ProfileStanding<'_>,
    change: &ProfileChange,
) -> Result<(), ProfileObstacle> {
    let profile = standing.profile;
    match change {
        ProfileChange::Merge { into } => {
            if *into == profile.id {
                return Err(ProfileObstacle::Same);
            }
            let into = standing.into.ok_or(ProfileObstacle::UnknownTarget)?;
            let two = profile.identity.zip(into.identity);
            if profile.merged_into.is_some() || into.merged_into.is_some() {
                Err(ProfileObstacle::MergedAlready)
            } else if standing.holds_others {
                Err(ProfileObstacle::HoldsOthers)
            } else if two.is_some_and(|(one, other)| one != other) {
                Err(ProfileObstacle::TwoClients)
            } else {
                Ok(())
            }
        }
        ProfileChange::Separate if profile.merged_into.is_none() => Err(ProfileObstacle::NotMerged),
        ProfileChange::Separate => Ok(()),
        ProfileChange::Complete(told) => check_completion(standing, told),
    }
}

fn check_completion(standing: ProfileStanding<'_>, told: &ProfileCompletion) -> Result<(), ProfileObstacle> {
    if standing.profile.key.is_some() {
        Err(ProfileObstacle::KeptByManifest)
    } else if told.name.is_none() && told.phone_number.is_none() && told.external_company.is_none() {
        Err(ProfileObstacle::Nothing)
    } else if told.one_profile_a_phone && standing.phone_is_anothers {
        Err(ProfileObstacle::PhoneTaken)
    } else {
        Ok(())
    }
}

impl ProfileChange {
    /// Whether it was made before: who asks twice is told that it is done.
    pub fn is_made(&self, profile: &ClientProfile) -> bool {
        let kept = profile.merged_into.as_ref().map(|kept| kept.id);
        matches!(self, Self::Merge { into } if Some(*into) == kept)
    }

    /// What changes, by ids; of names and numbers only that they were set.
    pub fn audit_entry(&self, profile: &ClientProfile, by: &Origin, now: Timestamp) -> NewAuditEntry {
        let was_in = profile.merged_into.as_ref().map(|kept| kept.id);
        let set = |is: bool| is.then_some("set");
        let (before, after) = match self {
            Self::Merge { into } => (
                AuditValue::object([]),
                AuditValue::object([("merged_into", AuditValue::shown(into))]),
            ),
            Self::Separate => (
                AuditValue::object([("merged_into", AuditValue::shown_or_null(was_in))]),
                AuditValue::object([]),
            ),
            Self::Complete(told) => (
                AuditValue::object([(
                    "external_company",
                    AuditValue::shown_or_null(profile.external_company.as_ref()),
                )]),
                AuditValue::object([
                    ("name", set(told.name.is_some()).into()),
                    ("phone_number", set(told.phone_number.is_some()).into()),
                    (
                        "external_company",
                        AuditValue::shown_or_null(told.external_company.as_ref()),
                    ),
                ]),
            ),
        };
        let subject = AuditSubject::new(SubjectKind::ClientProfile, profile.id);
        NewAuditEntry::new(by, AuditAction::Change, &subject, now)
            .before(&before)
            .after(&after)
    }
}
