//! Step 4: which client profile.

use std::cmp::Reverse;

use crate::{
    Candidate, ClientIdentityId, ClientProfile, Company, Draw, ProfileChoice, Stage, Timestamp, Trace, User,
    Verdict,
};

/// Why a user must not see a profile; `None` when they may (domain.md, "Visible profile").
fn hidden_because(company: &Company, user: &User, profile: &ClientProfile) -> Option<&'static str> {
    let assigned = profile.assigned_to.contains(&user.id);
    if !assigned && !company.is_within(&profile.org_unit, &user.org_unit) {
        return Some("belongs to a unit outside the user's and is not assigned to them");
    }
    match &profile.external_company {
        Some(external) if !user.external_companies.contains(external) => {
            Some("its external company is not assigned to the user")
        }
        _ => None,
    }
}

/// Whose profiles are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProfilesOf {
    pub(crate) id: ClientIdentityId,
    /// Since when the phone is theirs, where it was somebody else's.
    pub(crate) phone_since: Option<Timestamp>,
}

impl ProfilesOf {
    /// Why a profile that was found is another person's; `None` when it is this client's. A phone alone is no proof:
    /// numbers are given to new people (F56).
    fn not_theirs_because(self, profile: &ClientProfile) -> Option<&'static str> {
        match (profile.identity, self.phone_since) {
            (Some(id), _) if id != self.id => Some("is another client's, who had this phone"),
            (None, Some(since)) if profile.phone_recorded_at <= since => {
                Some("its phone was recorded when it was another person's")
            }
            _ => None,
        }
    }

    /// Writes down the profiles that are another person's and gives the others.
    pub(crate) fn own_profiles(self, profiles: &[ClientProfile], trace: &mut Trace) -> Vec<ClientProfile> {
        let (others, own): (Vec<_>, Vec<_>) = profiles
            .iter()
            .partition(|profile| self.not_theirs_because(profile).is_some());
        if !others.is_empty() {
            let refused = |profile: &ClientProfile| {
                let reason = self.not_theirs_because(profile).unwrap_or_default();
                Candidate::new(subject(profile), Verdict::Refused, reason)
            };
            trace.weigh(
                Stage::ClientProfileSelection,
                "Profiles with the client's phone that are another person's are left alone.",
                others.into_iter().map(refused).collect(),
            );
        }
        self.current_profiles(&own, trace)
    }

    /// The profiles that stand for these, each once.
    fn current_profiles(self, own: &[&ClientProfile], trace: &mut Trace) -> Vec<ClientProfile> {
        let mut current: Vec<ClientProfile> = Vec::new();
        for profile in own {
            let mut stands_for = profile.current();
            if stands_for.identity.is_some_and(|id| id != self.id) {
                // The other became another client's after the two were merged.
                stands_for = (*profile).clone();
            }
            if stands_for.id != profile.id {
                let finding = format!("{} was merged into {}.", subject(profile), subject(&stands_for));
                trace.note(Stage::ClientProfileSelection, finding);
            }
            match current.iter_mut().find(|one| one.id == stands_for.id) {
                Some(known) => known.take_on(&stands_for),
                None => current.push(stands_for),
            }
        }
        current
    }
}

fn subject(profile: &ClientProfile) -> String {
    let name = profile.key.clone().unwrap_or_else(|| profile.id.to_string());
    format!("{name} “{}”", profile.name)
}

/// The profiles that the user may see, in the order given.
pub fn visible_profiles<'a>(
    company: &Company,
    user: &User,
    profiles: &'a [ClientProfile],
) -> Vec<&'a ClientProfile> {
    profiles
        .iter()
        .filter(|profile| hidden_because(company, user, profile).is_none())
        .collect()
}

/// Picks one of the profiles and writes down the candidates; `None` when the user may see none.
///
/// If some are assigned to the user, one of those; of several one at random, or the most recently active one
/// where the company wants it so. The order of the input does not matter.
pub(crate) fn choose_profile<'a>(
    company: &Company,
    user: &User,
    profiles: &'a [ClientProfile],
    draw: &mut Draw,
    trace: &mut Trace,
) -> Option<&'a ClientProfile> {
    let mut sorted: Vec<&ClientProfile> = profiles.iter().collect();
    sorted.sort_unstable_by_key(|profile| profile.id);
    let visible = |profile: &&&ClientProfile| hidden_because(company, user, profile).is_none();
    let all: Vec<_> = sorted.iter().filter(visible).copied().collect();
    let own: Vec<_> = all
        .iter()
        .filter(|profile| profile.assigned_to.contains(&user.id))
        .copied()
        .collect();
    let eligible = if own.is_empty() { &all } else { &own };
    let (chosen, how) = pick(company.settings.features.profile_choice, eligible, draw);

    let weigh = |profile: &&ClientProfile| {
        let subject = subject(profile);
        if chosen.is_some_and(|chosen| chosen.id == profile.id) {
            Candidate::new(subject, Verdict::Chosen, how.clone())
        } else if let Some(reason) = hidden_because(company, user, profile) {
            Candidate::new(subject, Verdict::Refused, reason)
        } else if eligible.iter().any(|one| one.id == profile.id) {
            Candidate::new(subject, Verdict::Eligible, "visible to the user")
        } else {
            Candidate::new(subject, Verdict::Refused, "others are assigned to the user")
        }
    };
    let finding = match (profiles.len(), eligible.len()) {
        (0, _) => "The company has no profile of this client.".to_owned(),
        (1, 0) => "The company has one profile of this client, which the user may not see.".to_owned(),
        (known, 0) => {
            format!("The user may see none of the {known} profiles that the company has of this client.")
        }
        (1, _) => "The company has one profile of this client, and the user may see it.".to_owned(),
        (known, fit) => format!("Of {known} profiles of this client {fit} can be taken: {how}."),
    };
    trace.weigh(
        Stage::ClientProfileSelection,
        finding,
        sorted.iter().map(weigh).collect(),
    );
    chosen
}

fn pick<'a>(
    choice: ProfileChoice,
    eligible: &[&'a ClientProfile],
    draw: &mut Draw,
) -> (Option<&'a ClientProfile>, String) {
    match (eligible, choice) {
        ([], _) => (None, String::new()),
        ([only], _) => (Some(only), "it is the only one".to_owned()),
        (several, ProfileChoice::Random) => {
            let index = draw.index(several.len());
            (
                Some(several[index]),
                format!("drawn at random, number {} of {}", index + 1, several.len()),
            )
        }
        (several, ProfileChoice::MostRecent) => {
            let recent = several
                .iter()
                .min_by_key(|profile| (Reverse(profile.last_active_at), profile.id));
            (recent.copied(), "it was active most recently".to_owned())
        }
    }
}
