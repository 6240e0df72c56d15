//! `[[org_units]]`, `[[external_companies]]`, `[[users]]` and `[[client_profiles]]`.

use onboarding_core::{
    Extension, ExternalCompany, ExternalCompanyId, OrgUnit, OrgUnitId, PhoneNumber, Role,
    config::{ClientProfileConfig, Leaver, UserConfig},
};

use crate::{
    reader::{Item, Table},
    sign_in,
};

pub(crate) fn org_unit(table: &mut Table<'_>) -> OrgUnit {
    OrgUnit {
        id: table.required("id", org_unit_id),
        name: table.required("name", Item::string),
        parent: table.optional("parent", org_unit_id),
    }
}

pub(crate) fn org_unit_id(item: &Item<'_>) -> Option<OrgUnitId> {
    item.parsed(OrgUnitId::parse)
}

pub(crate) fn external_company(table: &mut Table<'_>) -> ExternalCompany {
    ExternalCompany {
        id: table.required("id", external_company_id),
        name: table.required("name", Item::string),
    }
}

fn external_company_id(item: &Item<'_>) -> Option<ExternalCompanyId> {
    item.parsed(ExternalCompanyId::parse)
}

pub(crate) fn user(table: &mut Table<'_>) -> UserConfig {
    UserConfig {
        username: table.required("username", Item::string),
        name: table.required("name", Item::string),
        email: table.optional("email", Item::string),
        title: table.optional("title", Item::string),
        org_unit: table.required("org_unit", org_unit_id),
        extension: table.optional("extension", |item| item.parsed(Extension::parse)),
        external_companies: table
            .optional_list("external_companies", external_company_id)
            .unwrap_or_default(),
        roles: table.optional("roles", roles).unwrap_or_else(|| vec![Role::User]),
        identities: table.tables("identities", sign_in::identity),
    }
}

fn roles(item: &Item<'_>) -> Option<Vec<Role>> {
    Some(
        item.list()?
            .iter()
            .filter_map(|role| role.choice(Role::ALL))
            .collect(),
    )
}

pub(crate) fn leaver(table: &mut Table<'_>) -> Leaver {
    Leaver {
        username: table.required("username", Item::string),
        hand_over_to: table.required("hand_over_to", Item::string),
    }
}

pub(crate) fn client_profile(table: &mut Table<'_>) -> ClientProfileConfig {
    ClientProfileConfig {
        key: table.required("id", Item::string),
        name: table.required("name", Item::string),
        phone_number: table.optional("phone_number", |item| item.parsed(PhoneNumber::parse)),
        org_unit: table.required("org_unit", org_unit_id),
        external_company: table.optional("external_company", external_company_id),
        assigned_to: table
            .optional_list("assigned_to", Item::string)
            .unwrap_or_default(),
    }
}
