//! What must hold of everything that the service sent, whoever asked for it.

use std::collections::{HashMap, HashSet};

use super::{Findings, Seen, Sorted};
use crate::{
    life::Death,
    traffic::Wish,
    witness::{Answer, Call},
};

pub(super) fn judge(sorted: &Sorted<'_>, findings: &mut Findings) {
    copies(sorted.seen, findings);
    invitations(sorted, findings);
    recipients(sorted.seen, findings);
}

/// INV-6: a message goes out twice at the most, and twice only if the first attempt was cut: by a death, or because Meta
/// did not answer.
fn copies(seen: &Seen<'_>, findings: &mut Findings) {
    let mut copies: HashMap<&str, Vec<&Call>> = HashMap::new();
    for call in seen.calls.iter().filter(|call| call.accepted().is_some()) {
        copies.entry(&call.message).or_default().push(call);
    }
    for (message, copies) in copies {
        findings.figures.accepted += 1;
        let [first, others @ ..] = copies.as_slice() else {
            continue;
        };
        if message.is_empty() {
            findings.fail(format!("a message to {} does not say which it is", first.to));
        }
        if others.iter().any(|other| other.to != first.to) {
            findings.fail(format!("{message} went to two clients"));
        }
        if others.is_empty() {
            continue;
        }
        findings.figures.twice += 1;
        let killed = matches!(seen.deaths.get(first.life), Some(Death::AtPlace | Death::Killed));
        let cut = killed && others[0].life > first.life;
        if others.len() > 1 {
            findings.fail(format!("{message} went out {} times", copies.len()));
        } else if !cut && !matches!(first.answer, Answer::Withheld(_)) {
            findings.fail(format!("{message} went out twice though no attempt was cut"));
        }
    }
}

/// INV-14: each invitation comes after an info of its own. One room: one number invites a client for a user, unless the
/// client was told that the invitation had failed.
fn invitations(sorted: &Sorted<'_>, findings: &mut Findings) {
    let mut informed: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut invited: HashMap<&str, HashSet<&str>> = HashMap::new();
    let calls = sorted.seen.calls.iter();
    for call in calls.filter(|call| call.accepted().is_some()) {
        let (to, message) = (call.to.as_str(), call.message.as_str());
        match call.said.name.as_str() {
            "user_info" => {
                informed.entry(to).or_default().insert(message);
            }
            "invitation" => {
                let invitations = invited.entry(to).or_default();
                invitations.insert(message);
                let infos = informed.get(to).map_or(0, HashSet::len);
                if invitations.len() > infos && sorted.given_up(to, "user_info").is_empty() {
                    findings.fail(format!("{to} was invited before being told by whom"));
                }
            }
            _ => {}
        }
    }
    for (client, invitations) in invited {
        let failed = sorted.heard(client, "invitation_failed").len();
        if invitations.len() > 1 + failed {
            findings.fail(format!(
                "{client} has {} invitations for one user",
                invitations.len()
            ));
        }
    }
}

/// Nobody hears what another asked for.
fn recipients(seen: &Seen<'_>, findings: &mut Findings) {
    let wishes: HashMap<&str, Wish> = seen
        .people
        .iter()
        .map(|person| (person.id.as_str(), person.wish))
        .collect();
    for call in &seen.calls {
        let wanted = match wishes.get(call.to.as_str()) {
            Some(Wish::Reach { user, .. }) => crate::company::user_name(*user),
            Some(_) => String::new(),
            None => {
                findings.fail(format!("a message went to {}, whom nobody knows", call.to));
                continue;
            }
        };
        if call.said.about.starts_with("User-") && call.said.about != wanted {
            findings.fail(format!(
                "{} wanted {wanted:?} and heard of {}",
                call.to, call.said.about
            ));
        }
    }
}
