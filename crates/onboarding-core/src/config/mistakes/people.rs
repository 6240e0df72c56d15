//! Mistakes of users and client profiles.

use std::collections::{HashMap, HashSet};

use super::{Findings, also_at, places::check_possible, units::check_org_unit};
use crate::{
    Extension, ExternalCompanyId,
    config::{CompanyConfig, Leaver, UserConfig},
};

pub(super) fn check_users(config: &CompanyConfig, findings: &mut Findings) {
    let users = config.users.iter().enumerate();
    let names = users
        .clone()
        .map(|(index, user)| (format!("users[{index}].username"), &user.username));
    findings.refuse_repeated(names, also_at);
    for (index, user) in users {
        let at = |key: &str| format!("users[{index}].{key}");
        findings.check_line(at("username"), &user.username);
        findings.check_line(at("name"), &user.name);
        for (key, text) in [("email", &user.email), ("title", &user.title)] {
            if let Some(text) = text {
                findings.check_line(at(key), text);
            }
        }
        check_org_unit(config, &user.org_unit, &at("org_unit"), findings);
        findings.refuse_twice(&at("external_companies"), &user.external_companies);
        for (place, company) in user.external_companies.iter().enumerate() {
            check_external_company(
                config,
                company,
                &at(&format!("external_companies[{place}]")),
                findings,
            );
        }
        findings.refuse_twice(&at("roles"), &user.roles);
    }
    check_identities(&config.users, findings);
    check_extensions(&config.users, findings);
    check_leavers(config, findings);
}

/// Whom a provider names is one user.
fn check_identities(users: &[UserConfig], findings: &mut Findings) {
    let all = users.iter().enumerate().flat_map(|(index, user)| {
        let own = user.identities.iter().enumerate();
        own.map(move |(place, identity)| (format!("users[{index}].identities[{place}]"), identity))
    });
    findings.refuse_repeated(all, |_, first| {
        format!("the same as {first}; whom a provider names is one user, so take it off one of them")
    });
}

/// Whoever leaves is no user any more, and whoever goes on is one.
fn check_leavers(config: &CompanyConfig, findings: &mut Findings) {
    let leavers = config.leavers.iter().enumerate();
    let names = leavers
        .clone()
        .map(|(index, leaver)| (format!("leavers[{index}].username"), &leaver.username));
    findings.refuse_repeated(names, also_at);
    let is_user = |username: &String| config.users.iter().any(|user| user.username == *username);
    for (index, leaver) in leavers {
        let Leaver {
            username,
            hand_over_to,
        } = leaver;
        if is_user(username) {
            let message = format!("`{username}` is still among users; take them off there or here");
            findings.add(format!("leavers[{index}].username"), message);
        }
        if !is_user(hand_over_to) {
            let message = format!("there is no user `{hand_over_to}`; add them to users or name another");
            findings.add(format!("leavers[{index}].hand_over_to"), message);
        }
    }
}

/// Two users never share an extension, nor have two that look alike: a client who misreads one must not reach
/// the other.
fn check_extensions(users: &[UserConfig], findings: &mut Findings) {
    let mut holders: HashMap<String, &UserConfig> = HashMap::new();
    for (index, user) in users.iter().enumerate() {
        let Some(extension) = &user.extension else {
            continue;
        };
        let skeleton = extension.skeleton();
        let Some(holder) = holders.get(&skeleton) else {
            holders.insert(skeleton, user);
            continue;
        };
        findings.add(
            format!("users[{index}].extension"),
            extension_clash(extension, holder),
        );
    }
}

/// Why nobody else can have this extension as long as `holder` has theirs.
pub(crate) fn extension_clash(extension: &Extension, holder: &UserConfig) -> String {
    let name = &holder.username;
    match &holder.extension {
        Some(theirs) if theirs != extension => format!(
            "extension {extension} looks like {theirs} of user {name}; choose one that cannot be mistaken for it"
        ),
        _ => format!("extension {extension} is also user {name}'s; give one of them another"),
    }
}

pub(super) fn check_client_profiles(config: &CompanyConfig, findings: &mut Findings) {
    let profiles = config.client_profiles.iter().enumerate();
    let keys = profiles
        .clone()
        .map(|(index, profile)| (format!("client_profiles[{index}].id"), &profile.key));
    findings.refuse_repeated(keys, also_at);
    let usernames: HashSet<_> = config.users.iter().map(|user| &user.username).collect();
    for (index, profile) in profiles.clone() {
        let at = |key: &str| format!("client_profiles[{index}].{key}");
        findings.check_line(at("id"), &profile.key);
        findings.check_line(at("name"), &profile.name);
        if let Some(number) = &profile.phone_number {
            check_possible(number, at("phone_number"), findings);
        }
        check_org_unit(config, &profile.org_unit, &at("org_unit"), findings);
        if let Some(company) = &profile.external_company {
            check_external_company(config, company, &at("external_company"), findings);
        }
        findings.refuse_twice(&at("assigned_to"), &profile.assigned_to);
        for (place, username) in profile.assigned_to.iter().enumerate() {
            if !usernames.contains(username) {
                let message =
                    format!("there is no user `{username}`; add them to users or take them off this list");
                findings.add(at(&format!("assigned_to[{place}]")), message);
            }
        }
    }
    if config.settings.features.unique_phone_number {
        let numbers = profiles.filter_map(|(index, profile)| {
            let number = profile.phone_number.as_ref()?;
            Some((
                format!("client_profiles[{index}].phone_number"),
                number.match_key(),
            ))
        });
        findings.refuse_repeated(numbers, |_, first| {
            format!(
                "the same number as {first}; correct one of them, or set features.unique_phone_number = false if \
                 several profiles may share a number"
            )
        });
    }
}

fn check_external_company(
    config: &CompanyConfig,
    id: &ExternalCompanyId,
    path: &str,
    findings: &mut Findings,
) {
    if !config.external_companies.iter().any(|company| company.id == *id) {
        let message = format!(
            "there is no external company `{id}`; add it to external_companies or name one that is there"
        );
        findings.add(path, message);
    }
}
