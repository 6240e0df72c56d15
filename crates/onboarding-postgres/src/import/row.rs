//! Imports and their rows as columns.

use std::collections::BTreeMap;

use diesel::{Queryable, Selectable, pg::Pg};
use onboarding_core::{
    Timestamp,
    audit::{Actor, ActorKind, Origin},
    import::{CellMistake, Column, Import, ImportCounts, ImportRow, ImportState, RefusedRow},
};
use serde_json::Value;

use crate::{
    error::{BadRow, Error, Place},
    key::Key,
    schema::imports,
    text::{from_json, to_json},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = imports, check_for_backend(Pg))]
pub(super) struct ImportColumns {
    import_id: Key,
    state: String,
    actor_kind: String,
    actor_id: Option<String>,
    address: Option<String>,
    may_give_roles: bool,
    begun_at: i64,
    ended_at: Option<i64>,
    total: i64,
    created: i64,
    changed: i64,
    unchanged: i64,
    refused: i64,
}

impl ImportColumns {
    pub(super) fn import(self) -> Result<Import, BadRow> {
        let place = Place {
            table: "imports",
            row: &self.import_id,
        };
        let kind = place.read("actor_kind", ActorKind::from_name(&self.actor_kind))?;
        let actor = place.read("actor_id", Actor::from_parts(kind, self.actor_id))?;
        let address = self.address.map(|text| place.read("address", text.parse()));
        let count = |column, count: i64| place.read(column, u32::try_from(count));
        Ok(Import {
            id: self.import_id.into(),
            state: place.read("state", ImportState::from_name(&self.state))?,
            by: Origin::new(actor, address.transpose()?),
            may_give_roles: self.may_give_roles,
            begun_at: Timestamp::from_micros(self.begun_at),
            ended_at: self.ended_at.map(Timestamp::from_micros),
            counts: ImportCounts {
                total: count("total", self.total)?,
                created: count("created", self.created)?,
                changed: count("changed", self.changed)?,
                unchanged: count("unchanged", self.unchanged)?,
                refused: count("refused", self.refused)?,
            },
        })
    }
}

/// Line and cells.
pub(super) type WaitingColumns = (i64, Option<Value>);

pub(super) fn waiting((line, cells): WaitingColumns) -> Result<ImportRow, BadRow> {
    let place = Place {
        table: "import_rows",
        row: &line,
    };
    Ok(ImportRow {
        line: place.read("line", u32::try_from(line))?,
        cells: place.read("cells", cells.and_then(read_cells))?,
    })
}

/// Line, username and mistakes.
pub(super) type RefusedColumns = (i64, String, Option<Value>);

pub(super) fn refused((line, username, mistakes): RefusedColumns) -> Result<RefusedRow, BadRow> {
    let place = Place {
        table: "import_rows",
        row: &line,
    };
    Ok(RefusedRow {
        line: place.read("line", u32::try_from(line))?,
        username,
        mistakes: place.read("mistakes", mistakes.and_then(read_mistakes))?,
    })
}

pub(super) fn cells(row: &ImportRow) -> Result<Value, Error> {
    let cells: BTreeMap<_, _> = row
        .cells
        .iter()
        .map(|(column, cell)| (column.as_str(), cell))
        .collect();
    to_json(&cells)
}

fn read_cells(json: Value) -> Option<BTreeMap<Column, String>> {
    let cells: BTreeMap<String, String> = from_json(json)?;
    let cell = |(column, cell): (String, String)| Some((Column::from_name(&column)?, cell));
    cells.into_iter().map(cell).collect()
}

pub(super) fn mistakes(row: &RefusedRow) -> Result<Value, Error> {
    let told = |one: &CellMistake| (one.column.map(Column::as_str), one.message.clone());
    let mistakes: Vec<_> = row.mistakes.iter().map(told).collect();
    to_json(&mistakes)
}

fn read_mistakes(json: Value) -> Option<Vec<CellMistake>> {
    let mistakes: Vec<(Option<String>, String)> = from_json(json)?;
    let read = |(column, message): (Option<String>, String)| {
        let column = match column {
            None => None,
            Some(name) => Some(Column::from_name(&name)?),
        };
        Some(CellMistake { column, message })
    };
    mistakes.into_iter().map(read).collect()
}
