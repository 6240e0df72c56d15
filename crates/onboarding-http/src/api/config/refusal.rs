//! What the rules found, told to whoever wants a change.

use actix_web::http::StatusCode;
use onboarding_core::config::{CompanyConfig, Mistake};

use super::{Answer, Problem};
use crate::problem::FieldProblem;

/// Mistakes elsewhere that a refusal tells: what thousands of users have in common is told of the first.
const MOST_TOLD: usize = 5;

/// Where a change is.
#[derive(Default)]
pub(super) struct Place {
    /// As rules name it, such as `users[2]`; empty for what is gone.
    path: String,
    /// The field of the body that holds it; nothing where the body is it.
    field: &'static str,
}

impl Place {
    pub(super) fn new(path: impl Into<String>, field: &'static str) -> Self {
        let path = path.into();
        Self { path, field }
    }

    /// The rest of a path that lies here, or is this place.
    fn within<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.path.is_empty() {
            return None;
        }
        let rest = path.strip_prefix(&self.path)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
    }

    /// The field of the body that a path means.
    fn pointer(&self, path: &str) -> Option<String> {
        Some(format!("{}{}", self.field, pointer(self.within(path)?)))
    }
}

/// Refuses a change after which there is a mistake at its place, or a new one elsewhere.
pub(super) fn refuse(
    (before, known): (&CompanyConfig, Vec<Mistake>),
    (wished, found): (&CompanyConfig, Vec<Mistake>),
    place: &Place,
) -> Answer<()> {
    let (own, elsewhere): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|mistake| place.within(&mistake.path).is_some());
    let fields: Vec<_> = own
        .into_iter()
        .filter_map(|mistake| {
            Some(FieldProblem {
                field: place.pointer(&mistake.path)?,
                detail: mistake.message,
            })
        })
        .collect();
    if !fields.is_empty() {
        return Err(Problem::fields(fields));
    }
    let known: Vec<_> = known.iter().map(|mistake| told(before, mistake)).collect();
    let new: Vec<_> = elsewhere
        .iter()
        .map(|mistake| told(wished, mistake))
        .filter(|told| !known.contains(told))
        .collect();
    if new.is_empty() {
        Ok(())
    } else {
        let (first, more) = new.split_at(new.len().min(MOST_TOLD));
        let more = match more.len() {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let detail = format!("this would not fit the rest: {}{more}", first.join("; "));
        Err(Problem::new(StatusCode::CONFLICT, "does-not-fit", detail))
    }
}

/// `.secondaries[1]` as a JSON pointer.
fn pointer(rest: &str) -> String {
    rest.replace(['.', '['], "/").replace(']', "")
}

/// A mistake with the key of the thing that has it, in place of its number in a list that nobody sees.
fn told(config: &CompanyConfig, mistake: &Mistake) -> String {
    let Mistake { path, message } = mistake;
    let keyed = path.split_once('[').and_then(|(list, rest)| {
        let (index, rest) = rest.split_once(']')?;
        let key = key_of(config, list, index.parse().ok()?)?;
        Some(format!("{}/{key}{}", list.replace('_', "-"), pointer(rest)))
    });
    format!("{}: {message}", keyed.unwrap_or_else(|| path.replace('.', "/")))
}

fn key_of(config: &CompanyConfig, list: &str, index: usize) -> Option<String> {
    match list {
        "org_units" => config.org_units.get(index).map(|one| one.id.to_string()),
        "external_companies" => config.external_companies.get(index).map(|one| one.id.to_string()),
        "users" => config.users.get(index).map(|one| one.username.clone()),
        "client_profiles" => config.client_profiles.get(index).map(|one| one.key.clone()),
        "official_accounts" => config
            .official_accounts
            .get(index)
            .map(|one| one.phone_number.to_string()),
        "pools" => config.pools.get(index).map(|one| one.id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_becomes_a_pointer_and_one_beside_does_not() {
        for (place, field, path, pointer) in [
            ("pools[1]", "", "pools[1].secondaries[0]", Some("/secondaries/0")),
            ("users[1]", "", "users[1]", Some("")),
            ("users[1]", "", "users[12].name", None),
            ("", "", "users[1].name", None),
            (
                "texts",
                "/texts",
                "texts.en.user_info",
                Some("/texts/en/user_info"),
            ),
        ] {
            assert_eq!(
                Place::new(place, field).pointer(path).as_deref(),
                pointer,
                "{path}"
            );
        }
    }
}
