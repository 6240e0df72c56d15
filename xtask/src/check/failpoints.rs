//! Failpoints: what kills the process on demand is in no build that nobody asked for it.
//!
//! The names of the places exist only with the feature `failpoints` of `onboarding-core`. This rule holds the feature
//! off: no default, no other feature and no dependency may turn it on.

use std::collections::BTreeMap;

use cargo_metadata::Metadata;

use super::Report;

const FEATURE: &str = "failpoints";

pub(super) fn check(metadata: &Metadata) -> Report {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        violations.extend(turned_on_by_features(&package.name, &package.features));
        let dependencies = package.dependencies.iter();
        violations.extend(dependencies.filter_map(|dependency| {
            turned_on_by_dependency(&package.name, &dependency.name, &dependency.features)
        }));
    }
    Report::violations(violations)
}

fn turned_on_by_features(name: &str, features: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let others = features.iter().filter(|(feature, _)| *feature != FEATURE);
    others
        .filter(|(_, turns_on)| turns_on.iter().any(|one| is_ours(one)))
        .map(|(feature, _)| {
            format!(
                "the feature {feature} of crate {name} turns on {FEATURE}: what ships could be told to crash; let \
                 only features named {FEATURE} do that"
            )
        })
        .collect()
}

fn turned_on_by_dependency(name: &str, dependency: &str, features: &[String]) -> Option<String> {
    features.iter().any(|feature| feature == FEATURE).then(|| {
        format!(
            "crate {name} turns on {FEATURE} of {dependency}: what ships could be told to crash; make it part of a \
             feature named {FEATURE}"
        )
    })
}

/// Whether an entry such as `failpoints` or `onboarding-core/failpoints` is about the feature.
fn is_ours(entry: &str) -> bool {
    entry.rsplit('/').next() == Some(FEATURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        pairs
            .iter()
            .map(|(name, list)| ((*name).to_owned(), owned(list)))
            .collect()
    }

    #[test]
    fn only_a_feature_of_that_name_turns_it_on() {
        let good = features(&[
            ("failpoints", &["onboarding-core/failpoints"]),
            ("default", &["mocks"]),
        ]);
        assert!(turned_on_by_features("server", &good).is_empty());
        for entry in [
            "failpoints",
            "onboarding-core/failpoints",
            "onboarding-core?/failpoints",
        ] {
            let bad = features(&[("default", &[entry])]);
            let violations = turned_on_by_features("server", &bad);
            assert_eq!(violations.len(), 1, "{entry}");
            assert!(violations[0].starts_with("the feature default of crate server turns on failpoints"));
        }
    }

    #[test]
    fn no_dependency_turns_it_on() {
        let on = |feature: &str| turned_on_by_dependency("server", "onboarding-core", &[feature.to_owned()]);
        assert_eq!(on("mocks"), None);
        let violation = on("failpoints").expect("refused");
        assert!(violation.starts_with("crate server turns on failpoints of onboarding-core"));
    }
}
