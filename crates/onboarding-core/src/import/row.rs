//! One row of a table of users.

use std::collections::BTreeMap;

use crate::{Extension, ExternalCompanyId, OrgUnitId, Role, config::UserConfig, named::named_enum};

named_enum! {
    /// A column of the table; the names are those of manifest and API.
    Column {
        /// The key of the user; the one column that every table has.
        Username = "username",
        /// As clients read it. A new user needs it.
        Name = "name",
        /// Where mail reaches them.
        Email = "email",
        /// Their position.
        Title = "title",
        /// Id of the unit. A new user needs it.
        OrgUnit = "org_unit",
        /// By which clients ask for them.
        Extension = "extension",
        /// Ids, separated by `;`.
        ExternalCompanies = "external_companies",
        /// Names, separated by `;`; an empty cell means `user`.
        Roles = "roles",
    }
}

/// What separates the values of one cell.
const SEPARATOR: char = ';';

/// A row as it was written: the cells of the columns that the table has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The line of the file on which it begins, from 1.
    pub line: u32,
    /// The cells, without the spaces around them.
    pub cells: BTreeMap<Column, String>,
}

/// A whole table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportTable {
    /// The rows that could be read, in their order.
    pub rows: Vec<ImportRow>,
    /// The rows that could not.
    pub unreadable: Vec<RefusedRow>,
}

/// What is wrong with a cell, or with the row as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellMistake {
    /// Which cell; `None` for the row.
    pub column: Option<Column>,
    /// What is wrong, and the mend.
    pub message: String,
}

/// A row that takes no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The line of the file on which it begins, from 1.
    pub line: u32,
    /// Whose row it is, as far as that could be read.
    pub username: String,
    /// Why; never empty.
    pub mistakes: Vec<CellMistake>,
}

impl ImportRow {
    /// Whose row it is; empty when it does not say.
    pub fn username(&self) -> &str {
        self.cell(Column::Username).unwrap_or_default()
    }

    fn cell(&self, column: Column) -> Option<&str> {
        self.cells.get(&column).map(String::as_str)
    }

    /// The user that the row wishes, who is `present` now if they are there.
    pub(super) fn user(&self, present: Option<&UserConfig>) -> Result<UserConfig, Vec<CellMistake>> {
        let mut mistakes = Vec::new();
        let mut told = |column, message: String| {
            mistakes.push(CellMistake {
                column: Some(column),
                message,
            });
        };
        let name = self.needed(Column::Name, present.map(|user| user.name.clone()), &mut told);
        let unit = match self.cell(Column::OrgUnit) {
            Some(text) => OrgUnitId::parse(text)
                .map_err(|error| told(Column::OrgUnit, error.to_string()))
                .ok(),
            None => present.map(|user| user.org_unit.clone()).or_else(|| {
                told(Column::OrgUnit, needed(Column::OrgUnit));
                None
            }),
        };
        let extension = match self.cell(Column::Extension) {
            None => present.and_then(|user| user.extension.clone()),
            Some("") => None,
            Some(text) => Extension::parse(text)
                .map_err(|error| told(Column::Extension, error.to_string()))
                .ok(),
        };
        let firms = match self.cell(Column::ExternalCompanies) {
            None => present.map_or_else(Vec::new, |user| user.external_companies.clone()),
            Some(text) => parts(text)
                .filter_map(|part| {
                    ExternalCompanyId::parse(part)
                        .map_err(|error| told(Column::ExternalCompanies, error.to_string()))
                        .ok()
                })
                .collect(),
        };
        let roles = match self.cell(Column::Roles) {
            None => present.map_or_else(|| vec![Role::User], |user| user.roles.clone()),
            Some("") => vec![Role::User],
            Some(text) => parts(text)
                .filter_map(|part| {
                    let role = Role::from_name(part);
                    if role.is_none() {
                        told(Column::Roles, no_such_role());
                    }
                    role
                })
                .collect(),
        };
        let user = name.zip(unit).map(|(name, org_unit)| UserConfig {
            username: self.username().to_owned(),
            name,
            email: self.optional(Column::Email, present.and_then(|user| user.email.clone())),
            title: self.optional(Column::Title, present.and_then(|user| user.title.clone())),
            org_unit,
            extension,
            external_companies: firms,
            roles,
            // How somebody signs in is no column.
            identities: present.map_or_else(Vec::new, |user| user.identities.clone()),
        });
        match user {
            Some(user) if mistakes.is_empty() => Ok(user),
            _ => Err(mistakes),
        }
    }

    /// What the cell says, or what is there without the column. A new user has to be given it.
    fn needed(
        &self,
        column: Column,
        present: Option<String>,
        told: &mut impl FnMut(Column, String),
    ) -> Option<String> {
        let value = self.cell(column).map(str::to_owned).or(present);
        if value.is_none() {
            told(column, needed(column));
        }
        value
    }

    fn optional(&self, column: Column, present: Option<String>) -> Option<String> {
        match self.cell(column) {
            None => present,
            Some(text) => (!text.is_empty()).then(|| text.to_owned()),
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(SEPARATOR).map(str::trim);
    parts.filter(|part| !part.is_empty())
}

fn needed(column: Column) -> String {
    format!("there is no such user yet, and a new one needs it; add the column {column}")
}

fn no_such_role() -> String {
    let known: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    format!("no such value; known are {}", known.join(", "))
}

/// What a table says of the user: each column with its cell, lists in the order of the alphabet. Read again, it is the same
/// user.
pub fn cells_of(user: &UserConfig) -> BTreeMap<Column, String> {
    let UserConfig {
        username,
        name,
        email,
        title,
        org_unit,
        extension,
        external_companies,
        roles,
        identities: _,
    } = user;
    BTreeMap::from([
        (Column::Username, username.clone()),
        (Column::Name, name.clone()),
        (Column::Email, email.clone().unwrap_or_default()),
        (Column::Title, title.clone().unwrap_or_default()),
        (Column::OrgUnit, org_unit.to_string()),
        (
            Column::Extension,
            extension.as_ref().map(ToString::to_string).unwrap_or_default(),
        ),
        (Column::ExternalCompanies, list(external_companies)),
        (Column::Roles, list(roles)),
    ])
}

fn list(values: &[impl ToString]) -> String {
    let mut texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    texts.sort_unstable();
    texts.join(";")
}
