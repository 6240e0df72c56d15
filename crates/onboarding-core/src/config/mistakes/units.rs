//! Mistakes of the tree of org units and of the list of external companies.

use std::collections::HashMap;

use super::{Findings, also_at};
use crate::{OrgUnit, OrgUnitId, config::CompanyConfig};

pub(super) fn check(config: &CompanyConfig, findings: &mut Findings) {
    let units = &config.org_units;
    let ids = units
        .iter()
        .enumerate()
        .map(|(index, unit)| (format!("org_units[{index}].id"), &unit.id));
    findings.refuse_repeated(ids, also_at);
    for (index, unit) in units.iter().enumerate() {
        findings.check_line(format!("org_units[{index}].name"), &unit.name);
        if let Some(parent) = &unit.parent {
            check_org_unit(config, parent, &format!("org_units[{index}].parent"), findings);
        }
    }
    refuse_rings(units, findings);

    let companies = &config.external_companies;
    let ids = companies
        .iter()
        .enumerate()
        .map(|(index, one)| (format!("external_companies[{index}].id"), &one.id));
    findings.refuse_repeated(ids, also_at);
    for (index, company) in companies.iter().enumerate() {
        findings.check_line(format!("external_companies[{index}].name"), &company.name);
    }
}

/// Refuses the id of a unit that the company does not have.
pub(super) fn check_org_unit(config: &CompanyConfig, id: &OrgUnitId, path: &str, findings: &mut Findings) {
    if !config.org_units.iter().any(|unit| unit.id == *id) {
        findings.add(
            path,
            format!("there is no org unit `{id}`; add it to org_units or name one that is there"),
        );
    }
}

/// Refuses each ring of units once, at its first unit.
fn refuse_rings(units: &[OrgUnit], findings: &mut Findings) {
    let places: HashMap<_, _> = units
        .iter()
        .enumerate()
        .map(|(index, unit)| (&unit.id, index))
        .collect();
    let above = |index: usize| {
        units[index]
            .parent
            .as_ref()
            .and_then(|parent| places.get(parent).copied())
    };
    let mut seen = vec![false; units.len()];
    for start in 0..units.len() {
        let mut way = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next.filter(|&index| !seen[index]) {
            seen[index] = true;
            way.push(index);
            next = above(index);
        }
        let Some(from) = next.and_then(|again| way.iter().position(|&index| index == again)) else {
            continue;
        };
        let ring = &mut way[from..];
        // From its first unit on, so that the message does not depend on where the walk came in.
        let first = ring
            .iter()
            .enumerate()
            .min_by_key(|(_, index)| **index)
            .map_or(0, |(at, _)| at);
        ring.rotate_left(first);
        let names: Vec<_> = ring
            .iter()
            .chain(&ring[..1])
            .map(|&index| units[index].id.as_str())
            .collect();
        let message = format!(
            "the parents form a ring ({}); give one of these units another parent or none",
            names.join(" → ")
        );
        findings.add(format!("org_units[{}].parent", ring[0]), message);
    }
}
